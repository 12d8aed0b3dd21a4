package sdk

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Errand is what calls are made for: a command that somebody asked for.
type Errand struct {
	Command string   // "vm stop"
	User    string   // who asked, as askers are named: "U024BE7LH", "terminal:ann"
	Actions []string // the IAM actions that the command says it needs
	Acts    bool     // the calls may change something; otherwise they only read
}

type errandKey struct{}

// WithErrand makes calls known as somebody's. In an account that is entered through a role, those that act are made in a session of
// that person's own, which AWS keeps in its record (CloudTrail) and which can do nothing but the command's actions.
func WithErrand(ctx context.Context, errand Errand) context.Context {
	return context.WithValue(ctx, errandKey{}, errand)
}

// ErrandOf answers what a call is made for.
func ErrandOf(ctx context.Context) (Errand, bool) {
	errand, ok := ctx.Value(errandKey{}).(Errand)
	return errand, ok
}

// SessionName is somebody's name as AWS takes it for a session and as a source identity: 2 to 64 letters, digits and _+=,.@-
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func SessionName(user string) string {
	const longest = 64
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_+=,.@-", c) {
			return c
		}
		return '-'
	}, user)
	if len(name) < 2 {
		name = "user-" + name
	}
	return name[:min(len(name), longest)]
}

// longestPolicy is how many characters a session policy may have.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const longestPolicy = 2048

type sessionStatement struct {
	Effect    string
	Action    []string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// SessionPolicy lets a session do some actions and nothing else. What AWS's services do for it on the way (a volume's key, an interface
// of a load balancer) stays possible: the role itself bounds that. Where the list is too long for a session policy, the actions that read
// become wildcards, and then whole services do.
func SessionPolicy(actions []string) string {
	actions = append(slices.Clone(actions), "sts:DecodeAuthorizationMessage")
	for _, wider := range []func(string) string{exactly, readsOfService, wholeService} {
		if text := policyOf(actions, wider); len(text) <= longestPolicy {
			return text
		}
	}
	return policyOf(nil, exactly) // no command has that many services; it would be refused and say so
}

func policyOf(actions []string, wider func(string) string) string {
	var list []string
	for _, action := range actions {
		list = append(list, wider(action))
	}
	slices.Sort(list)
	document := struct {
		Version   string
		Statement []sessionStatement
	}{Version: "2012-10-17", Statement: []sessionStatement{
		{Effect: "Allow", Action: slices.Compact(list), Resource: "*"},
		{Effect: "Allow", Action: []string{"*"}, Resource: "*", Condition: map[string]map[string]string{"Bool": {"aws:ViaAWSService": "true"}}},
	}}
	raw, _ := json.Marshal(document) //nolint:errchkjson // texts
	return string(raw)
}

func exactly(action string) string { return action }

func readsOfService(action string) string {
	service, verb, _ := strings.Cut(action, ":")
	for _, read := range []string{"Describe", "Get", "List"} {
		if strings.HasPrefix(verb, read) {
			return service + ":" + read + "*"
		}
	}
	return action
}

func wholeService(action string) string {
	service, _, _ := strings.Cut(action, ":")
	return service + ":*"
}

// entrance is the way into an account through a role: one session for what is read, one for each person and command that acts.
type entrance struct {
	client *sts.Client
	role   string
	shared awssdk.CredentialsProvider

	mu       sync.Mutex
	sessions map[string]awssdk.CredentialsProvider
}

// sessionsMost bounds what is remembered; a session that was forgotten is opened again.
const sessionsMost = 200

func newEntrance(client *sts.Client, role string) *entrance {
	e := &entrance{client: client, role: role, sessions: map[string]awssdk.CredentialsProvider{}}
	e.shared = e.open(func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "deckhand" })
	return e
}

func (e *entrance) open(how func(*stscreds.AssumeRoleOptions)) awssdk.CredentialsProvider {
	return awssdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(e.client, e.role, how), func(o *awssdk.CredentialsCacheOptions) {
		o.ExpiryWindow = time.Minute // never sign with credentials that end under way
	})
}

// Retrieve implements awssdk.CredentialsProvider.
func (e *entrance) Retrieve(ctx context.Context) (awssdk.Credentials, error) {
	errand, ok := ErrandOf(ctx)
	if !ok || !errand.Acts || errand.User == "" {
		return e.shared.Retrieve(ctx)
	}
	return e.session(errand).Retrieve(ctx)
}

func (e *entrance) session(errand Errand) awssdk.CredentialsProvider {
	name, policy := SessionName(errand.User), SessionPolicy(errand.Actions)
	key := name + "\n" + policy
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.sessions[key]; known != nil {
		return known
	}
	if len(e.sessions) >= sessionsMost {
		clear(e.sessions)
	}
	e.sessions[key] = e.open(func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.SourceIdentity, o.Policy = name, &name, &policy
	})
	return e.sessions[key]
}

// ActionOf is what IAM calls a call of the SDK; "" for what needs no right.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func ActionOf(service, operation string) string {
	switch {
	case operation == "GetCallerIdentity", operation == "AssumeRole":
		return ""
	case service == "Lambda" && operation == "Invoke":
		return "lambda:InvokeFunction"
	case service == "S3":
		return "s3:" + strings.NewReplacer("BucketNotificationConfiguration", "BucketNotification", "HeadObject", "GetObject", "HeadBucket", "ListBucket", "ListObjectsV2", "ListBucket").Replace(operation)
	case service == "ApiGatewayV2":
		return "apigateway:" + methodOf(operation)
	}
	return prefixOf(service) + ":" + operation
}

// methodOf is the HTTP method of an operation of API Gateway, which is what its rights are called.
func methodOf(operation string) string {
	for verb, method := range map[string]string{"Create": "POST", "Delete": "DELETE", "Update": "PATCH", "Get": "GET", "TagResource": "POST", "UntagResource": "DELETE"} {
		if strings.HasPrefix(operation, verb) {
			return method
		}
	}
	return cmp.Or(operation, "GET")
}
