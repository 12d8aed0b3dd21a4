package aws

import (
	"strings"
	"time"
)

// Stack is a stack of CloudFormation.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
type Stack struct {
	ID         string // ARN
	Name       string
	Status     string // "CREATE_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS"
	Reason     string // AWS's sentence on the status
	Parameters map[string]string
	Outputs    map[string]string
	Tags       map[string]string
	RoleARN    string // the service role; "" where CloudFormation acts with the caller's rights
	Protected  bool   // against deletion
	CreatedAt  time.Time
	UpdatedAt  time.Time // zero where it was never updated
}

// Moving tells whether an operation is under way.
func (s Stack) Moving() bool { return strings.HasSuffix(s.Status, "_IN_PROGRESS") }

// Stands tells whether what the stack is for is there: it was made, and no operation is under way.
func (s Stack) Stands() bool {
	switch s.Status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE":
		return true
	default:
		return false
	}
}

// NewStack is a stack to be made.
type NewStack struct {
	Name       string
	Template   string
	Parameters map[string]string
	Tags       map[string]string // on the stack, and on everything in it that has tags
	Token      string            // at most 128 characters: letters, digits and hyphens
}

// StackChange is an update with the stack's present template. Parameters that are not here keep their values.
type StackChange struct {
	Stack      string // id
	Parameters map[string]string
	Keep       []string // names of the parameters that keep their values
	Tags       map[string]string
	Token      string
}

// StackEvent is one thing that happened to a stack or a part of it.
type StackEvent struct {
	ID     string
	Part   string // logical id
	Type   string // "AWS::AutoScaling::AutoScalingGroup"
	Real   string // physical id
	Status string
	Reason string
	Token  string // of the operation that it belongs to
	At     time.Time
}

// Failed tells whether the event is a failure.
func (e StackEvent) Failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

// StackPart is a resource of a stack.
type StackPart struct {
	Name   string // logical id
	Type   string
	Real   string // physical id; "" where there is none yet
	Status string
	Reason string
}
