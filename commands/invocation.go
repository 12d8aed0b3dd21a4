package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Invocation is a parsed line, ready to run: data that can be stored, approved and run by another process.
type Invocation struct {
	Command string          `json:"command"`        // canonical name, "vm stop"
	Args    json.RawMessage `json:"args"`           // the runner's exported fields
	Plan    bool            `json:"plan,omitempty"` // only tell what it would do
	Line    string          `json:"line"`           // the line as it was understood, canonical spelling
}

// Digest names exactly what would be run: 16 hexadecimal characters. Approvals are bound to it.
func (i Invocation) Digest() string {
	sum := sha256.Sum256([]byte(i.Command + "\n" + strconv.FormatBool(i.Plan) + "\n" + string(i.Args)))
	return hex.EncodeToString(sum[:8])
}
