package access

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// spread is how long IAM may take to spread a change, and more than clocks differ by.
const spread = time.Minute

// longestSession is what AWS lets a session last at most.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html
const longestSession = 12 * time.Hour

// trust is a role's trust policy. The statements stay as they were written.
type trust struct {
	fields     map[string]json.RawMessage
	statements []json.RawMessage
}

// statement is what is read of a statement, and what ours is.
type statement struct {
	Sid       string                       `json:",omitempty"`
	Effect    string                       `json:",omitempty"`
	Principal json.RawMessage              `json:",omitempty"`
	Action    any                          `json:",omitempty"`
	Resource  string                       `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

func readTrust(document string) (trust, error) {
	var t trust
	err := json.Unmarshal([]byte(document), &t.fields)
	if err == nil {
		raw := bytes.TrimSpace(t.fields["Statement"])
		if bytes.HasPrefix(raw, []byte("{")) { // one statement may stand without its list
			raw = slices.Concat([]byte("["), raw, []byte("]"))
		}
		err = json.Unmarshal(raw, &t.statements)
	}
	if err != nil {
		return t, &commands.Error{Kind: commands.Failed, Message: "The role's trust policy cannot be read, so it is left alone.", Hint: "Look at it in the IAM console.", Err: err}
	}
	return t, nil
}

// with answers the document with one more statement, or with the one of that name in its place.
func (t trust) with(s statement) (string, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return t.document(append(t.others(s.Sid), raw))
}

// without answers the document without a statement.
func (t trust) without(sid string) (string, error) { return t.document(t.others(sid)) }

func (t trust) others(sid string) []json.RawMessage {
	return slices.DeleteFunc(slices.Clone(t.statements), func(raw json.RawMessage) bool { return sidOf(raw) == sid })
}

func (t trust) document(statements []json.RawMessage) (string, error) {
	fields := map[string]any{}
	for key, raw := range t.fields {
		fields[key] = raw
	}
	fields["Statement"] = statements
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(fields)
	return strings.TrimSpace(out.String()), err
}

func sidOf(raw json.RawMessage) string {
	var s struct{ Sid string }
	_ = json.Unmarshal(raw, &s) // another's statement may hold what ours cannot
	return s.Sid
}

func (t trust) has(sid string) bool {
	return slices.ContainsFunc(t.statements, func(raw json.RawMessage) bool { return sidOf(raw) == sid })
}

var ourSid = regexp.MustCompile(`^DeckhandR([0-9]+)$`)

// given answers the accesses that stand in it.
func (t trust) given(r Role) []given {
	var all []given
	for _, raw := range t.statements {
		var s struct {
			Sid       string
			Principal struct{ AWS string }
			Condition struct {
				DateLessThan map[string]time.Time
			}
		}
		match := ourSid.FindStringSubmatch(sidOf(raw))
		if match == nil || json.Unmarshal(raw, &s) != nil {
			continue
		}
		number, err := strconv.ParseInt(match[1], 10, 64)
		if err == nil {
			all = append(all, given{Role: r, Request: number, Principal: s.Principal.AWS, Until: s.Condition.DateLessThan["aws:CurrentTime"]})
		}
	}
	return all
}

// elsewise tells whether a statement that is not ours may let a person in as well: by their name, by the role of their session, by their
// account, or everybody.
func (t trust) elsewise(principal string) bool {
	for _, raw := range t.statements {
		var s struct {
			Effect    string
			Principal json.RawMessage
		}
		if ourSid.MatchString(sidOf(raw)) || json.Unmarshal(raw, &s) != nil || s.Effect != "Allow" {
			continue
		}
		account := field(principal, 4)
		may := []string{`"*"`, `"` + principal + `"`, `"` + account + `"`, ":" + account + `:root"`}
		if path := strings.Split(field(principal, 5), "/"); path[0] == "assumed-role" {
			may = append(may, "/"+path[1]+`"`)
		}
		if slices.ContainsFunc(may, func(text string) bool { return bytes.Contains(s.Principal, []byte(text)) }) {
			return true
		}
	}
	return false
}

func sid(request int64) string        { return "DeckhandR" + strconv.FormatInt(request, 10) }
func policyName(request int64) string { return "deckhand-R-" + strconv.FormatInt(request, 10) }

// entrance is the statement that lets a person in until the end.
func (g given) entrance() statement {
	principal, _ := json.Marshal(map[string]string{"AWS": g.Principal}) //nolint:errchkjson // texts
	return statement{
		Sid: sid(g.Request), Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", Condition: map[string]map[string]string{
			"StringEquals": {"sts:RoleSessionName": g.session()},
			"DateLessThan": {"aws:CurrentTime": stamp(g.Until)},
		},
	}
}

// exit is the policy inside the role that denies everything, from the end on, to the person's sessions that began before it.
func (g given) exit(role aws.RoleText) string {
	raw, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []statement{{ //nolint:errchkjson // texts
		Sid: sid(g.Request), Effect: "Deny", Action: "*", Resource: "*", Condition: map[string]map[string]string{
			"StringEquals":          {"aws:userid": role.ID + ":" + g.session()},
			"DateGreaterThanEquals": {"aws:CurrentTime": stamp(g.Until)},
			"DateLessThan":          {"aws:TokenIssueTime": stamp(g.Until.Add(spread))},
		},
	}}})
	return string(raw)
}

// endIn reads the end out of such a policy; zero where it is not ours.
func endIn(document string) time.Time {
	var policy struct {
		Statement []struct {
			Condition struct {
				DateGreaterThanEquals map[string]time.Time
			}
		}
	}
	if json.Unmarshal([]byte(document), &policy) != nil || len(policy.Statement) != 1 {
		return time.Time{}
	}
	return policy.Statement[0].Condition.DateGreaterThanEquals["aws:CurrentTime"]
}

// useless is when no session is left that a policy would deny anything to.
func useless(end time.Time) time.Time { return end.Add(longestSession + 2*spread) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
