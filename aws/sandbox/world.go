// Package sandbox is an AWS small enough to hold in memory. It answers at the bottom of the SDK's
// own middleware stack, so that validation, serialisation, signing, retries, waiters and
// paginators are the SDK's real ones. Its state follows what AWS documents; time passes only
// through Options.Now and is looked at when somebody asks, so it needs no goroutine.
package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
)

// Options are what a World starts from. The zero value is usable.
type Options struct {
	Region    string           // where the starting content is; "" is us-east-1
	AccountID string           // 12 digits; "" is 123456789012
	Now       func() time.Time // nil is time.Now
	Settle    time.Duration    // how long pending, stopping and shutting-down take; 0 is 1.5 s
	// Hosts says where probes dial instead of an address, "myapp.example.com:80"; nil: nowhere else.
	Hosts func(address string) string
}

// World is a pretend AWS: accounts, their regions, and what is in them. It is safe for concurrent use.
type World struct {
	options    Options
	operations map[string]operation // "EC2.RunInstances" to what does it
	checkers   map[string]any       // by service: the SDK's client

	mu     sync.Mutex
	places map[place]*region
	issued int // ids given out so far
	calls  []Call
	faults []*fault
	doomed []doom
	dns    map[string]*dns             // by account
	roles  map[string]map[string]*role // by account and name

	vcpuLimit int
}

// Call is one attempt that reached the pretend AWS; an attempt the SDK repeats is counted again.
type Call struct {
	Operation string // "RunInstances"
	Service   string // "EC2"
	Region    string
	At        time.Time
	RequestID string
	DryRun    bool // it only asked whether it might
}

type place struct{ account, region string }

// New makes a world with its starting content: in the one region a default VPC, a key pair
// mykey, image ami-0123456789abcdef0, an image of machines that answer no health check, security group sg-0123456789abcdef0 and subnet
// subnet-0123456789abcdef0; elsewhere a default VPC alone.
func New(o Options) *World {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.AccountID == "" {
		o.AccountID = "123456789012"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settle == 0 {
		o.Settle = 1500 * time.Millisecond
	}
	return &World{options: o, operations: operations(), checkers: checkers(), places: map[place]*region{}, vcpuLimit: standardLimit}
}

// operations is the dispatch table: every service adds its own.
func operations() map[string]operation {
	table := map[string]operation{}
	addEC2(table)
	addSTS(table)
	addLambda(table)
	addIAM(table)
	addLogs(table)
	addDynamoDB(table)
	addTopics(table)
	addEventBridge(table)
	addAPIGateway(table)
	addVPC(table)
	addELB(table)
	addRoute53(table)
	addQuotas(table)
	addSSM(table)
	addPricing(table)
	addConnect(table)
	addCloudWatch(table)
	addLoose(table)
	addECS(table)
	addCostExplorer(table)
	addFormation(table)
	return table
}

// Credentials are the credentials of the world's own account. They open nothing elsewhere.
func (w *World) Credentials() awssdk.CredentialsProvider {
	return awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) {
		return awssdk.Credentials{
			AccessKeyID: accessKey(w.options.AccountID), SecretAccessKey: "sandbox", Source: "sandbox",
		}, nil
	})
}

// Calls answers every attempt so far, oldest first.
func (w *World) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// Instances answers every instance of every account and region, in the order of their launch.
func (w *World) Instances() []aws.Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*instance
	for _, r := range w.places {
		all = append(all, r.present()...)
	}
	slices.SortFunc(all, func(a, b *instance) int { return a.serial - b.serial })
	facts := make([]aws.Instance, len(all))
	for i, in := range all {
		facts[i] = in.facts()
	}
	return facts
}

// at answers an account's region, made on first use. The caller holds the lock.
func (w *World) at(account, name string) *region {
	key := place{account, name}
	r, ok := w.places[key]
	if !ok {
		r = newRegion(w, account, name)
		w.places[key] = r
	}
	return r
}

// id makes a new id that looks like one of AWS's: the prefix and 17 hexadecimal digits. The same world
// run twice gives the same ids.
func (w *World) id(prefix string) string {
	w.issued++
	return derivedID(prefix, fmt.Sprint(w.issued))
}

func derivedID(prefix, seed string) string {
	sum := sha256.Sum256([]byte(prefix + "/" + seed))
	return prefix + "-0" + hex.EncodeToString(sum[:8])
}
