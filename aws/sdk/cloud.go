// Package sdk speaks to AWS through aws-sdk-go-v2, and answers in the plain facts of package aws. It is the
// only room of the program that knows the SDK.
package sdk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/aws"
	"deckhand/aws/sdk/wire"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// Settings are what a Cloud is made from. The zero value speaks to AWS with the SDK's default chain of
// credentials and region.
type Settings struct {
	Region      string // default region; "" is the environment's
	EndpointURL string // "" is AWS itself; otherwise any AWS-compatible endpoint, for all services
	ServiceRole string // ARN of the role that CloudFormation takes on in the default account; "": the caller's rights
	Accounts    []Account
	// Credentials, when given, replace the SDK's default chain: neither the environment nor the
	// shared files are read then.
	Credentials awssdk.CredentialsProvider
	// Options is extra middleware for every client: a sandbox, counting.
	Options []func(*middleware.Stack) error
	// PollMin and PollMax bound the pause between two looks of a wait; 0 is 1 s and 10 s.
	PollMin, PollMax time.Duration
	// RetryMax bounds the pause before a call is tried again; 0 is 5 s.
	RetryMax time.Duration
	Log      *slog.Logger // nil says nothing
	// Tried hears of every try of every call: "EC2", "RunInstances", and "ok", "throttled", "refused" or "lost". It may be nil.
	Tried func(service, operation, outcome string)
}

// Account is an account of AWS that is entered through a role.
type Account struct {
	Name    string
	RoleARN string
	// ServiceRole is the ARN of the role that CloudFormation takes on in this account; "": the caller's rights.
	ServiceRole string

	Regions []string // the only ones to use, the first is the default; empty: any
}

// Cloud is AWS. It is safe for concurrent use.
type Cloud struct {
	settings Settings
	config   awssdk.Config

	mu      sync.Mutex
	clients map[aws.Target]*clients
	owners  map[string]*owner // by account name

	prices priceBook

	made [fresh]atomic.Int64 // when something of a kind was made last, in nanoseconds; see patience
}

// clients are the SDK's clients for one account in one region.
type clients struct {
	ec2 *ec2.Client
	// plain is EC2 too.
	plain plainCalls
	sts   *sts.Client
	elb   elbCalls
	dns   dnsCalls
	acm   certificateCalls

	connect connectCalls
	costs   costCalls
	ecs     ecsCalls
	metrics meterCalls
	prices  priceCalls // always asks priceRegion
	quotas  quotaCalls
	ssm     ssmCalls

	lambda lambdaCalls
	roles  iamCalls
	logs   logCalls
	tables tableCalls
	events eventCalls
	apis   apiCalls

	buckets buckets
	topics  topicCalls
	stacks  stackCalls
}

// New makes a Cloud. It reads the environment and the shared files of AWS, and touches no network; absent
// credentials show as errors of the calls.
func New(ctx context.Context, s Settings) (*Cloud, error) {
	defaultTo(&s.PollMin, time.Second)
	defaultTo(&s.PollMax, 10*time.Second)
	defaultTo(&s.RetryMax, 5*time.Second)
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	quietly := logging.LoggerFunc(func(_ logging.Classification, format string, values ...any) {
		s.Log.DebugContext(ctx, redact(fmt.Sprintf(format, values...)))
	})
	cfg := awssdk.Config{Credentials: s.Credentials}
	if s.Credentials == nil {
		loaded, err := config.LoadDefaultConfig(ctx, config.WithLogger(quietly)) // which looks for credentials, and says so
		if err != nil {
			return nil, fmt.Errorf("reading the AWS configuration: %w", err)
		}
		cfg = loaded
	}
	if s.Region == "" {
		s.Region = cfg.Region
	}
	if s.EndpointURL != "" {
		cfg.BaseEndpoint = &s.EndpointURL
	}
	cfg.HTTPClient = httpClient()
	cfg.Retryer = func() awssdk.Retryer { return newRetryer(tries, s.RetryMax) }
	cfg.Logger = quietly
	cfg.APIOptions = append(append(cfg.APIOptions, s.Options...), s.watchCalls)
	return &Cloud{settings: s, config: cfg, clients: map[aws.Target]*clients{}, owners: map[string]*owner{}}, nil
}

func defaultTo(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// httpClient is shared by all clients, so that they share connections. AWS answers a call within seconds;
// what takes longer is a broken path, and a person waits at the other end.
func httpClient() awssdk.HTTPClient {
	return unhurried{awshttp.NewBuildableClient().
		WithTimeout(60 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = 5 * time.Second
			t.ResponseHeaderTimeout = 30 * time.Second
			t.MaxIdleConnsPerHost = 16
		}).
		Freeze()}
}

// unhurried sends requests whose bodies only read and close. The SDK closes a body as soon as the answer begins, and its WriteTo answers
// io.EOF from then on, which net/http takes for a failure while it looks whether the body has more: it cuts the connection, and the
// answer is lost half-way. An endpoint nearby that answers within microseconds meets that in one call of ten.
type unhurried struct{ awssdk.HTTPClient }

// Do implements awssdk.HTTPClient.
func (c unhurried) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.HTTPClient.Do(r)
}

// at answers the clients for a target, and the target with its region filled in.
func (c *Cloud) at(t aws.Target) (*clients, aws.Target, error) {
	account, err := c.account(t.Account)
	if err != nil {
		return nil, t, err
	}
	t, err = c.locate(t, account)
	if err != nil {
		return nil, t, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ready, ok := c.clients[t]; ok {
		return ready, t, nil
	}
	cfg := c.config.Copy()
	cfg.Region = t.Region
	if account.RoleARN != "" {
		cfg.Credentials = newEntrance(sts.NewFromConfig(cfg), account.RoleARN)
	}
	own := sts.NewFromConfig(cfg)
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), decodes(own))
	quotas := cfg.Copy()
	quotas.Retryer = func() awssdk.Retryer { return newRetryer(adviceTries, min(adviceRest, c.settings.RetryMax)) }
	prices := quotas.Copy()
	prices.Region = priceRegion
	made := &clients{
		ec2: ec2.NewFromConfig(cfg), sts: own,
		plain: plainCalls{wire.New(wire.Machines(), cfg)},
		elb:   elbCalls{wire.New(wire.LoadBalancers(), cfg)},
		dns:   dnsCalls{wire.New(wire.DNS(), cfg)},
		acm:   certificateCalls{wire.New(wire.ACM(), cfg)},

		connect: connectCalls{wire.New(wire.EC2InstanceConnect(), cfg)},
		costs:   costCalls{wire.New(wire.CostExplorer(), cfg)},
		ecs:     ecsCalls{wire.New(wire.ECS(), cfg)},
		metrics: meterCalls{wire.New(wire.Metrics(), cfg)},
		prices:  priceCalls{wire.New(wire.Pricing(), prices)},
		quotas:  quotaCalls{wire.New(wire.ServiceQuotas(), quotas)},
		ssm:     ssmCalls{wire.New(wire.SSM(), cfg)},
		lambda:  lambdaCalls{wire.New(wire.Lambda(), cfg)},
		roles:   iamCalls{wire.New(wire.IAM(), cfg)},
		logs:    logCalls{wire.New(wire.Logs(), cfg)},
		tables:  tableCalls{wire.New(wire.DynamoDB(), cfg)},
		events:  eventCalls{wire.New(wire.EventBridge(), cfg)},
		apis:    apiCalls{wire.New(wire.APIs(), cfg)},
		buckets: buckets{cfg},
		topics:  topicCalls{wire.New(wire.Topics(), cfg)},
		stacks:  stackCalls{wire.New(wire.CloudFormation(), cfg)},
	}
	c.clients[t] = made
	return made, t, nil
}

// account answers the account with this name; the empty name is that of the default credentials.
func (c *Cloud) account(name string) (Account, error) {
	if name == "" || name == "default" {
		return Account{}, nil // of the bot's own credentials; no configured account is called so
	}
	var known []string
	for _, a := range c.settings.Accounts {
		if a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	e := &Error{kind: kindNotFound, message: fmt.Sprintf("There is no account %q in the configuration.", name)}
	if len(known) == 0 {
		e.hint = "No accounts are configured; leave the account out to use the default one."
	} else {
		e.hint = "The accounts are " + strings.Join(known, ", ") + "."
	}
	return Account{}, e
}

// ownRegion tells whether a region that AWS's are not called like is one of the endpoint's own: the configuration names it.
func (c *Cloud) ownRegion(name string, allowed []string) bool {
	return c.settings.EndpointURL != "" && (name == c.settings.Region || slices.Contains(allowed, name))
}

// locate fills in the region of a target and refuses one that the account is not used in.
func (c *Cloud) locate(t aws.Target, account Account) (aws.Target, error) {
	allowed := account.Regions
	if t.Region == "" {
		t.Region = c.settings.Region
		if len(allowed) > 0 && !slices.Contains(allowed, t.Region) {
			t.Region = allowed[0]
		}
	}
	known, near := aws.IsRegion(t.Region)
	switch {
	case t.Region == "":
		return t, &Error{
			kind: kindUsage, message: "No AWS region is configured.",
			hint: "Set aws.region in the configuration, or name a region with --region.",
		}
	case !known && !c.ownRegion(t.Region, allowed):
		hint := "A region looks like us-east-1."
		if near != "" {
			hint = "Did you mean " + near + "?"
		}
		return t, &Error{kind: kindUsage, message: fmt.Sprintf("%q is not the name of an AWS region.", t.Region), hint: hint}
	case len(allowed) > 0 && !slices.Contains(allowed, t.Region):
		return t, &Error{
			kind:    kindDenied,
			message: fmt.Sprintf("The account %s is not used in the region %s.", account.Name, t.Region),
			hint:    "The regions configured for it are " + strings.Join(allowed, ", ") + ".",
		}
	}
	return t, nil
}
