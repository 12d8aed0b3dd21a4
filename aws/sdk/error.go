package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The kinds of error, as package commands names them.
const (
	kindUsage       = "usage"
	kindNotFound    = "not_found"
	kindAmbiguous   = "ambiguous"
	kindConflict    = "conflict"
	kindDenied      = "denied"
	kindFailed      = "failed"
	kindUnavailable = "unavailable"
	kindUncertain   = "uncertain"
)

// Error is what went wrong with AWS, written for the person who reads it.
type Error struct {
	Code      string // AWS's error code; "" where AWS said nothing
	Operation string // AWS's name of the call, "StopInstances"; "" where none was made

	kind      string
	message   string
	hint      string
	requestID string
	again     bool // see Again
	err       error

	of  string   // the word that means several things
	ids []string // those things
}

// Error is for the log: the call, the code, the request id and the cause, without secrets.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.Operation, e.Code, e.requestID} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(e.message)
	if e.err != nil && e.Code == "" {
		b.WriteString(" (" + redact(e.err.Error()) + ")")
	}
	return b.String()
}

// Unwrap answers the cause.
func (e *Error) Unwrap() error { return e.err }

// Message says what happened and why, and ends with a full stop.
func (e *Error) Message() string { return e.message }

// Hint is the next step; it may be empty.
func (e *Error) Hint() string { return e.hint }

// Uncertain tells whether a change may have happened although no answer says so.
func (e *Error) Uncertain() bool { return e.kind == kindUncertain }

// Again tells whether the same call may be sent again although it may have happened: AWS does it once.
func (e *Error) Again() bool { return e.again }

// Standing tells whether AWS refused to make something because it, or something in its place, is there already.
func (e *Error) Standing() bool {
	return slices.Contains([]string{"InvalidSubnet.Conflict", "InvalidGroup.Duplicate", "Resource.AlreadyAssociated", "RouteAlreadyExists"}, e.Code)
}

// ErrorKind is one of "usage", "not_found", "ambiguous", "conflict", "denied", "failed", "unavailable" and "uncertain".
func (e *Error) ErrorKind() string { return e.kind }

// Choices answers the word of a line that means several things, and their ids; none where that is not what is wrong.
func (e *Error) Choices() (of string, ids []string) { return e.of, e.ids }

// RequestID is AWS's id of the call that failed; "" where no answer came.
func (e *Error) RequestID() string { return e.requestID }

// codeOf answers AWS's error code of an error of this package; "" for any other.
func codeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// isUncertain tells whether an error of this package leaves open whether AWS did it.
func isUncertain(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Uncertain()
}

// explain makes an error of the SDK one for people. changes says that the call was to change something.
func explain(err error, a *attempt, changes bool) error {
	service, operation := callOf(err)
	e := &Error{Operation: operation, err: err}
	var response interface{ ServiceRequestID() string }
	if errors.As(err, &response) {
		e.requestID = response.ServiceRequestID()
	}
	var api smithy.APIError
	answered := errors.As(err, &api)
	if answered {
		e.Code = api.ErrorCode()
	}
	switch {
	case changes && a.unanswered:
		e.kind = kindUncertain
		e.message = fmt.Sprintf("The request for %s was sent to AWS, but no clear answer came back, so it may have been done.", naming(operation))
		e.hint = "Look at the present state before you try again."
	case answered:
		e.translate(service, api)
	default:
		e.translateSilence(a)
	}
	return e
}

// callOf answers the innermost call behind an error: entering an account fails inside the call that needed it.
func callOf(err error) (service, operation string) {
	var call *smithy.OperationError
	for errors.As(err, &call) {
		service, operation, err = call.Service(), call.Operation(), call.Err
	}
	return service, operation
}

// translate words an answer of AWS.
func (e *Error) translate(service string, api smithy.APIError) {
	said := sentence(redact(api.ErrorMessage()))
	did, known := "refused", lookUp(e.Code)
	if service == "Cost Explorer" && e.Code == "LimitExceededException" {
		known = lookUp("Throttling") // there alone it says that one asked too often
	}
	if e.Code == "OperationNotPermitted" && strings.HasPrefix(e.Operation, "Create") {
		known = lookUp("Blocked") // elsewhere it is a protection that somebody switched on
	}
	if !definite(e.err) && !throttled(e.err) {
		did = "could not do"
		if known == (meaning{kind: kindFailed}) {
			known = meanings()["InternalError"] // an error of AWS's own, by the name that this service has for it
		}
	}
	switch {
	case e.Code == noCode:
		said = noReason(e.err)
	case said == "", said == noCode+".":
		said = "the error is " + e.Code + "."
	}
	e.message = fmt.Sprintf("AWS %s %s: %s", did, naming(e.Operation), said)
	e.kind, e.hint = known.kind, known.hint
	if known.rights {
		e.hint = refusalOf(e.err, service, e.Operation, api.ErrorMessage()).hint()
	}
	if known.rights && service == "Cost Explorer" && !strings.Contains(said, "not authorized") {
		e.hint = notSwitchedOn
	}
}

// notSwitchedOn is why Cost Explorer refuses, by the code of a right that lacks, what no right gives.
// Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-access.html
const notSwitchedOn = "No right of deckhand's is missing: Cost Explorer is switched on, and opened for an organization's other accounts, in the Billing console of the account that pays."

// noCode is what the SDK says in place of a code, and of a message, that an answer lacks.
const noCode = "UnknownError"

func noReason(err error) string {
	return fmt.Sprintf("the answer was HTTP %d and no reason.", httpStatus(err))
}

// httpStatus is the HTTP status of the answer that an error is about; 0 where none came.
func httpStatus(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// translateSilence words an error that came from this side of AWS.
func (e *Error) translateSilence(a *attempt) {
	var invalid smithy.InvalidParamsError
	var unresolved *net.DNSError
	var connection *smithyhttp.RequestSendError
	switch {
	case errors.As(e.err, &invalid):
		e.kind, e.message = kindUsage, "The request to AWS was not complete: "+sentence(oneLine(invalid.Error()))
	case errors.Is(e.err, context.Canceled):
		e.kind, e.message = kindUnavailable, "This was stopped before AWS answered."
	case errors.Is(e.err, context.DeadlineExceeded):
		e.kind, e.message = kindUnavailable, "AWS did not answer "+naming(e.Operation)+" in time."
		e.hint = "Try again in a moment."
	case errors.As(e.err, &unresolved):
		e.kind, e.message = kindUnavailable, "The address of AWS, "+unresolved.Name+", could not be found."
		e.hint = "Check the name of the region and the network of the machine that runs deckhand."
	case errors.As(e.err, &connection):
		e.kind, e.message = kindUnavailable, "AWS could not be reached for "+naming(e.Operation)+"."
		e.hint = "Check the network of the machine that runs deckhand, and aws.endpoint_url if it is set, then try again."
	case httpStatus(e.err) >= http.StatusInternalServerError:
		e.kind, e.message = kindUnavailable, fmt.Sprintf("AWS could not do %s: %s", naming(e.Operation), noReason(e.err))
		e.hint = "Try again in a moment; the log has the details."
	case refusedUnread(e.err):
		e.kind, e.message = kindFailed, fmt.Sprintf("AWS refused %s: %s", naming(e.Operation), noReason(e.err))
		e.hint = "Check that nothing else answers in AWS's place, such as a proxy, and aws.endpoint_url if it is set; the log has the details."
	case !a.handed:
		e.kind, e.message = kindDenied, "deckhand has no usable AWS credentials, so AWS was not asked."
		e.hint = "Give the machine that runs deckhand an IAM role, or credentials in its environment; its log has the details."
	default:
		e.kind, e.message = kindFailed, "The answer of AWS to "+naming(e.Operation)+" could not be read."
		e.hint = "Try again; the log has the details."
	}
}

var (
	// encodedMessage is what AWS appends to a refusal for its administrators to decode. It can name
	// resources and policies that the reader may not see.
	encodedMessage = regexp.MustCompile(`(?is)\s*Encoded authorization failure message:.*$`)
	accessKeyID    = regexp.MustCompile(`\b(A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{12,}\b`)
	longSecret     = regexp.MustCompile(`[A-Za-z0-9+/=_-]{80,}`)
)

// redact removes encoded authorisation messages, access key ids and anything that could be a token.
func redact(s string) string {
	s = encodedMessage.ReplaceAllString(s, "")
	s = accessKeyID.ReplaceAllString(s, "(key id)")
	return longSecret.ReplaceAllString(s, "(removed)")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sentence makes AWS's words end like one.
func sentence(s string) string {
	s = oneLine(s)
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
