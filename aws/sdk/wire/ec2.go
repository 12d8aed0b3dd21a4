package wire

import (
	"bytes"
	"cmp"
	"net/http"
	"reflect"
)

// EC2 is the protocol of EC2: the form of Query with flat lists, and answers whose members stand in their root.
// Source: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
type EC2 struct {
	Version string
	Sent    map[string]string // the names of members that do not follow from the SDK's: "InstanceId" of InstanceIds
	Heard   map[string]string // the same of answers, by the name that EC2 has
}

func (p EC2) write(operation string, in reflect.Value) (call, error) {
	return inForm(operation, p.Version, in, former{list: ".", flat: true, name: p.Sent})
}

func (p EC2) read(_ string, _ *http.Response, body []byte, out reflect.Value) error {
	root, err := parse(body)
	if err != nil {
		return err
	}
	p.rename(root)
	return fillXML(out, root)
}

func (p EC2) rename(e *element) {
	e.name = cmp.Or(p.Heard[e.name], e.name)
	for _, child := range e.children {
		p.rename(child)
	}
}

func (p EC2) refused(_ *http.Response, body []byte) (code, message, requestID string, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return unknown, unknown, "", nil
	}
	root, err := parse(body)
	if err != nil {
		return "", "", "", err
	}
	told := &element{}
	if all := root.child("Errors"); all != nil && all.child("Error") != nil {
		told = all.child("Error")
	}
	return cmp.Or(told.text("Code"), unknown), cmp.Or(told.text("Message"), unknown), root.text("RequestID"), nil
}
