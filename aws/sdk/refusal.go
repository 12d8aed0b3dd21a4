package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// refusal is what is known of a call that AWS did not allow.
type refusal struct {
	action, resource, principal string
	denied                      bool // a statement forbids it; otherwise none allows it
	encoded                     bool // AWS said more, and it could not be read
}

// decoded is a refusal whose encoded part AWS has told.
type decoded struct {
	error
	refusal
}

func (d *decoded) Unwrap() error { return d.error }

var (
	// AWS's longer form of a refusal: "User: ARN is not authorized to perform: ec2:StopInstances on resource: ARN because ...".
	refusedAction    = regexp.MustCompile(`not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)`)
	refusedResource  = regexp.MustCompile(`on resource:? (arn:[^\s"]+[^\s".])`)
	refusedPrincipal = regexp.MustCompile(`User:? (arn:[^\s"]+)`)
	encodedPart      = regexp.MustCompile(`(?i)Encoded authorization failure message: *([A-Za-z0-9_=+/-]+)`)
)

// refusalOf reads an error by which AWS did not allow a call.
func refusalOf(err error, service, operation, said string) refusal {
	r := refusal{action: ActionOf(service, operation)}
	if r.action == "" {
		r.action = prefixOf(service) + ":" + operation
	}
	var told *decoded
	if errors.As(err, &told) {
		r = told.refusal
	}
	r.encoded = told == nil && encodedPart.MatchString(said)
	for found, into := range map[*regexp.Regexp]*string{refusedAction: &r.action, refusedResource: &r.resource, refusedPrincipal: &r.principal} {
		if match := found.FindStringSubmatch(said); match != nil {
			*into = match[1]
		}
	}
	r.denied = r.denied || strings.Contains(said, "explicit deny")
	return r
}

// statement is what would allow it, to be pasted into a policy.
func (r refusal) statement() string {
	resource := r.resource
	if resource == "" {
		resource = "*"
	}
	raw, _ := json.Marshal(struct{ Effect, Action, Resource string }{"Allow", r.action, resource}) //nolint:errchkjson // texts
	return string(raw)
}

// account is the number of the account that the refusal is about, "" where it does not say.
func (r refusal) account() string {
	for _, arn := range []string{r.resource, r.principal} {
		if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[4] != "" {
			return parts[4]
		}
	}
	return ""
}

// hint says who can grant what is missing, and what to paste.
func (r refusal) hint() string {
	whom := "the AWS administrator"
	if account := r.account(); account != "" {
		whom += " of account " + account
	}
	if isEntry(r.action) {
		return r.entryHint(whom)
	}
	allow := "Ask " + whom + " to allow " + r.action + " to deckhand's role: `" + r.statement() + "`"
	if r.denied {
		allow = "A policy forbids " + r.action + " outright: ask " + whom + " which one, because no statement that allows it helps"
	}
	more := ""
	if r.encoded {
		more = " AWS tells the policy and the resource in an encoded part, which is read here once deckhand's role may do sts:DecodeAuthorizationMessage; `aws sts decode-authorization-message` reads such parts by hand."
	}
	return allow + "; `deckhand iam-policy` prints all the rights it needs." + more
}

func isEntry(action string) bool {
	return action == "sts:AssumeRole" || action == "sts:SetSourceIdentity" || action == "sts:TagSession"
}

// entryHint is for an account that does not let deckhand in: its role's trust policy decides that.
func (r refusal) entryHint(whom string) string {
	from := r.principal
	if from == "" {
		from = "ARN of deckhand's own role"
	} else if parts := strings.SplitN(from, ":", 6); len(parts) == 6 && strings.HasPrefix(parts[5], "assumed-role/") {
		from = strings.Join(parts[:2], ":") + ":iam::" + parts[4] + ":role/" + strings.Split(parts[5], "/")[1]
	}
	raw, _ := json.Marshal(map[string]any{ //nolint:errchkjson // texts
		"Effect": "Allow", "Principal": map[string]string{"AWS": from}, "Action": []string{"sts:AssumeRole", "sts:SetSourceIdentity"},
	})
	return "It enters as the person who asked, with a source identity. Ask " + whom + " to allow sts:AssumeRole and sts:SetSourceIdentity in the role's trust policy: `" +
		string(raw) + "`, and the same two to deckhand's own role."
}

// told asks AWS what an encoded refusal means, where that is allowed; the error stays what it was where it is not.
func told(ctx context.Context, client *sts.Client, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) || ctx.Err() != nil {
		return err
	}
	part := encodedPart.FindStringSubmatch(api.ErrorMessage())
	if part == nil {
		return err
	}
	out, refused := client.DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &part[1]})
	if refused != nil {
		return err
	}
	var message struct {
		ExplicitDeny bool `json:"explicitDeny"`
		Context      struct {
			Principal struct {
				ARN string `json:"arn"`
			} `json:"principal"`
			Action   string `json:"action"`
			Resource string `json:"resource"`
		} `json:"context"`
	}
	if json.Unmarshal([]byte(awssdk.ToString(out.DecodedMessage)), &message) != nil || message.Context.Action == "" {
		return err
	}
	return &decoded{err, refusal{
		action: message.Context.Action, resource: message.Context.Resource, principal: message.Context.Principal.ARN, denied: message.ExplicitDeny,
	}}
}

// decodes is the middleware that asks for what encoded refusals mean.
func decodes(client *sts.Client) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("DeckhandDecode", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			if err != nil {
				err = told(ctx, client, err)
			}
			return out, metadata, err
		}), middleware.After)
	}
}
