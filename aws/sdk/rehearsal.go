package sdk

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"deckhand/aws"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// rehearsal makes a call as a dry run, where the service has such a thing; see aws.Rehearsing. Its error is never nil. AWS looks at rights
// before it looks at what is in use, so that what something needs is allowed, and in the order of a whole line it is free by then.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
func rehearsal[In, Out, Opt any](ctx context.Context, do call[In, Out, Opt], in In) error {
	if !dry(in) {
		return aws.ErrUnasked
	}
	ctx, a := withAttempt(ctx)
	a.dry = true
	_, err := do(ctx, in)
	return rehearsed(err, a, in)
}

func rehearsed(err error, a *attempt, in any) error {
	switch {
	case err == nil:
		return takenForReal(in, kindFailed)
	case errors.Is(err, aws.ErrUnasked):
		return aws.ErrUnasked
	}
	err = explain(err, a, false)
	if slices.Contains([]string{"DryRunOperation", inUse, addressInUse}, codeOf(err)) {
		return aws.ErrRehearsed
	}
	return err
}

// takenForReal is the error of a dry run that was answered as the call itself is: whoever answers knows no dry runs.
func takenForReal(in any, kind string) error {
	operation := strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
	return &Error{
		Operation: operation, kind: kind, message: "The endpoint took the dry run of " + operation + " for the call itself, so it may be done.",
		hint: "Look at the present state; this endpoint cannot be asked for plans.",
	}
}

// dry turns the input of a call into that of its dry run, and tells whether there is one.
func dry(in any) bool {
	v := reflect.ValueOf(in)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return false
	}
	yes := true
	field, wish := v.Elem().FieldByName("DryRun"), reflect.ValueOf(&yes)
	if !field.IsValid() || field.Type() != wish.Type() {
		return false
	}
	field.Set(wish)
	return true
}

// mayRehearse tells whether a dry run may be sent to where a request goes: to AWS itself always, and elsewhere where the stand-ins that are in
// use keep their hands still. One that does not know DryRun would act.
func (s Settings) mayRehearse(operation string, request any) bool {
	if slices.Contains([]string{
		"CreateSecurityGroup", "DeleteSecurityGroup", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress",
		"CreateInternetGateway", "DeleteInternetGateway", "AttachInternetGateway", "DetachInternetGateway",
		"AllocateAddress", "ReleaseAddress", "CreateTags", "DeleteTags",
	}, operation) {
		return true
	}
	r, ok := request.(*smithyhttp.Request)
	return ok && s.EndpointURL == "" && slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}, func(domain string) bool {
		return strings.HasSuffix(r.URL.Hostname(), domain)
	})
}
