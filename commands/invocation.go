package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// Invocation is a parsed line, ready to run: data that can be stored, approved and run by another process.
type Invocation struct {
	Command string          `json:"command"`          // canonical name, "vm stop"
	Args    json.RawMessage `json:"args"`             // the runner's exported fields
	Plan    bool            `json:"plan,omitempty"`   // only tell what it would do
	Public  bool            `json:"public,omitempty"` // show the answer of a reading command to the whole channel
	Line    string          `json:"line"`             // the line as it was understood, canonical spelling
}

// Reading is a line that was read, its arguments not written yet.
type Reading struct {
	Invocation        // without Args where there is a runner
	runner     Runner // holds the arguments
}

// whole is a reading whose invocation is complete.
func whole(invocation Invocation, command *Command, err error) (Reading, *Command, error) {
	return Reading{Invocation: invocation}, command, err
}

// Complete writes the arguments.
func (r Reading) Complete() (Invocation, error) {
	if r.runner == nil {
		return r.Invocation, nil
	}
	args, err := json.Marshal(r.runner)
	if err != nil {
		return Invocation{}, fmt.Errorf("encode arguments: %w", err)
	}
	r.Args = args
	return r.Invocation, nil
}

// Digest names exactly what would be run: 16 hexadecimal characters. Approvals are bound to it.
func (i Invocation) Digest() string {
	sum := sha256.Sum256([]byte(i.Command + "\n" + strconv.FormatBool(i.Plan) + "\n" + string(i.Args)))
	return hex.EncodeToString(sum[:8])
}
