package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// fault is what shall go wrong with the next calls of an operation.
type fault struct {
	operation string // "StopInstances" or "EC2.StopInstances"
	code      string // "" loses the answer
	left      int
}

// doom is a launch that AWS accepts and then gives up.
type doom struct{ code, message string }

// Fail makes the next calls of an operation fail with one of AWS's error codes. Nothing is done.
// The operation is "StopInstances", or "EC2.StopInstances" where services share the name.
func (w *World) Fail(operation, code string, times int) {
	w.addFault(&fault{operation: operation, code: code, left: times})
}

// LoseAnswer makes the next calls of an operation do their work and then end in a reset connection.
func (w *World) LoseAnswer(operation string, times int) {
	w.addFault(&fault{operation: operation, left: times})
}

// EndLaunch makes the next instance that is launched go from pending to terminated, with this state
// reason: "Client.InvalidSnapshot.NotFound", "Server.InternalError".
func (w *World) EndLaunch(code, message string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.doomed = append(w.doomed, doom{code, message})
}

func (w *World) addFault(f *fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
}

// takeFault answers the fault that is next for an operation, and uses it up. The caller holds the lock.
func (w *World) takeFault(service, operation string) *fault {
	for _, f := range w.faults {
		if f.left > 0 && (f.operation == operation || f.operation == service+"."+operation) {
			f.left--
			return f
		}
	}
	return nil
}

// refuse is an error as AWS words it.
func refuse(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
}

// lostAnswer is what the SDK's HTTP client says when the connection breaks after the request was written.
func lostAnswer() error {
	return &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}}
}

func cancelled(ctx context.Context) error { return &smithy.CanceledError{Err: ctx.Err()} }

// messageOf words the errors that are asked for by their code alone.
func messageOf(code string) string {
	switch {
	case code == "RequestLimitExceeded":
		return "Request limit exceeded."
	case code == "UnauthorizedOperation", strings.HasPrefix(code, "AccessDenied"):
		return "You are not authorized to perform this operation."
	case code == "AuthFailure":
		return "AWS was not able to validate the provided access credentials"
	case code == "InsufficientInstanceCapacity":
		return "We currently do not have sufficient capacity for the instance type in the Availability Zone you requested."
	case code == "VcpuLimitExceeded":
		return "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket."
	case code == "StackNotFoundException":
		return "Stack does not exist"
	case code == "InternalError":
		return "An internal error has occurred"
	default:
		return "The request failed with " + code + "."
	}
}

// statusOf answers the HTTP status AWS uses with an error.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func statusOf(err error) int {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return 0 // no answer came
	}
	switch code := api.ErrorCode(); {
	case code == "DryRunOperation":
		return http.StatusPreconditionFailed
	case code == "UnauthorizedOperation", strings.HasPrefix(code, "AccessDenied"):
		return http.StatusForbidden
	case code == "AuthFailure":
		return http.StatusUnauthorized
	case code == "RequestLimitExceeded", code == "Unavailable", code == "ServiceUnavailable":
		return http.StatusServiceUnavailable
	case code == "InternalError", code == "InternalFailure", strings.HasPrefix(code, "Insufficient"):
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}
