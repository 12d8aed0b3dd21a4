package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/commands/probe"
)

const (
	maxCertificateDays = 1000
	minToken           = 20 // characters of a heartbeat's token
	longestBeat        = 366 * 24 * time.Hour
)

func (r *reader) expect(raw *rawExpect, timeout time.Duration) Expect {
	if raw == nil {
		return Expect{}
	}
	valid := Expect{
		Status: r.statuses(raw.Status), Body: raw.Body.Value, JSON: r.conditions(raw.JSON),
		CertificateDays: r.between(raw.CertificateDays, "expect.certificate_days", 1, maxCertificateDays),
		Errors:          r.between(raw.Errors, "expect.errors", 0, 100),
	}
	for _, record := range raw.Records.Items {
		valid.Records = append(valid.Records, record.Value)
	}
	for _, header := range raw.Headers.Items {
		if err := probe.Header(header.Key.Value, header.Value.Value); err != nil {
			r.fault(header.Key.Line, "expect.headers", err)
		}
		if valid.Headers == nil {
			valid.Headers = map[string]string{}
		}
		valid.Headers[header.Key.Value] = header.Value.Value
	}
	latency, ok := r.duration(raw.Latency, "expect.latency", 0)
	if ok && raw.Latency.Value != "" && (latency <= 0 || latency > timeout) {
		r.problem(raw.Latency.Line, fmt.Sprintf("expect.latency is %s; it must be above zero and at most the timeout.", quoted(raw.Latency.Value)), "")
	}
	valid.Latency = latency
	return valid
}

// statuses reads single ones and ranges.
func (r *reader) statuses(raw statuses) []int {
	var valid []int
	for _, item := range raw.Items {
		if item.number.bad {
			continue
		}
		if !item.isRange {
			if n := item.number.Value; n < 100 || n > 599 {
				r.problem(item.number.Line, fmt.Sprintf("expect.status has %d, which is not an HTTP status.", n), "Statuses run from 100 to 599.")
			}
			valid = append(valid, item.number.Value)
			continue
		}
		codes, err := probe.Statuses([]string{item.text})
		if err != nil {
			r.fault(item.number.Line, "expect.status", err)
		}
		valid = append(valid, codes...)
	}
	return valid
}

func (r *reader) conditions(raw texts) []string {
	var valid []string
	for _, item := range raw.Items {
		if item.bad {
			continue
		}
		if _, err := probe.ParseCondition(item.Value); err != nil {
			r.fault(item.Line, "expect.json", err)
		}
		valid = append(valid, strings.TrimSpace(item.Value))
	}
	return valid
}

// between answers a number that may be left out: 0 then.
func (r *reader) between(value number, name string, least, most int) int {
	if value.Line > 0 && !value.bad && (value.Value < least || value.Value > most) {
		r.problem(value.Line, fmt.Sprintf("%s is %d; it must be from %d to %d.", name, value.Value, least, most), "")
	}
	return value.Value
}

// request reads what an HTTP check sends.
func (r *reader) request(check rawCheck) *Request {
	raw := check.Request
	if raw == nil {
		return nil
	}
	valid := &Request{Method: strings.ToUpper(raw.Method.Value), Redirects: r.between(raw.Redirects, "request.redirects", 0, probe.MostRedirects)}
	if raw.Redirects.Line > 0 && !raw.Redirects.bad && raw.Redirects.Value == 0 {
		valid.Redirects = -1
	}
	if valid.Method != "" && !slices.Contains(probe.Methods, valid.Method) {
		r.problem(raw.Method.Line, fmt.Sprintf("request.method is %s.", quoted(raw.Method.Value)), "Write "+oneOf(probe.Methods)+".")
	}
	valid.Body = r.secretText(raw.Body, "checks."+check.Name.Value+".request.body")
	for _, header := range raw.Headers.Items {
		name, value := header.Key.Value, header.Value
		if err := probe.Header(name, value.Value); err != nil {
			r.fault(header.Key.Line, "request.headers", err)
			continue
		}
		if _, _, isReference := probe.Reference(value.Value); !isReference && probe.SensitiveHeader(name) && value.Value != "" {
			r.problem(value.Line, fmt.Sprintf("The header %s must say where the secret is, not what it is.", name), "Write env:NAME or file:PATH, with what belongs before it: Bearer env:API_TOKEN.")
			continue
		}
		if valid.Headers == nil {
			valid.Headers = map[string]string{}
		}
		valid.Headers[name] = r.secretText(value, "checks."+check.Name.Value+".request.headers."+name)
	}
	return valid
}

// secretText reads text that may end in a reference. The reference is tried, and kept in the place of what it stands for.
func (r *reader) secretText(value text, key string) string {
	before, written, ok := probe.Reference(value.Value)
	if !ok {
		return value.Value
	}
	ref, ok := r.reference(text{Value: written, Line: value.Line}, key, "env:NAME")
	if !ok {
		return ""
	}
	r.resolveText(ref, value.Line)
	return before + ref.Kind + ":" + ref.Name
}

func (r *reader) heartbeat(check rawCheck, scheme string) *Heartbeat {
	raw := check.Heartbeat
	if raw == nil {
		if scheme == probe.Heartbeat {
			r.problem(check.Line, "A heartbeat needs its heartbeat key.", "Write heartbeat: {every: 24h, grace: 30m, token: env:NAME}.")
		}
		return nil
	}
	valid := &Heartbeat{}
	if r.required(raw.Every, raw.Line, "heartbeat.every", "Write how often the job calls, such as 24h.") {
		every, ok := r.duration(raw.Every, "heartbeat.every", 0)
		if ok && (every < time.Minute || every > longestBeat) {
			r.problem(raw.Every.Line, fmt.Sprintf("heartbeat.every is %s; it must be from a minute to a year.", quoted(raw.Every.Value)), "")
		}
		valid.Every = every
	}
	grace, ok := r.duration(raw.Grace, "heartbeat.grace", 0)
	if ok && (grace < 0 || grace > longestBeat) {
		r.problem(raw.Grace.Line, fmt.Sprintf("heartbeat.grace is %s; it must be from zero to a year.", quoted(raw.Grace.Value)), "")
	}
	valid.Grace = grace
	valid.Token = r.beatToken(raw, check.Name.Value)
	return valid
}

func (r *reader) beatToken(raw *rawHeartbeat, check string) Secret {
	key := "checks." + check + ".heartbeat.token"
	if !r.required(raw.Token, raw.Line, "heartbeat.token", "Write env:NAME; the job calls /heartbeat/ and the token.") {
		return Secret{}
	}
	ref, ok := r.reference(raw.Token, key, "env:BACKUP_TOKEN")
	if !ok {
		return Secret{}
	}
	token := r.resolve(ref, raw.Token.Line)
	switch {
	case token == "":
		return Secret{}
	case len(token) < minToken || !unreserved(token):
		r.problem(raw.Token.Line, fmt.Sprintf("%s comes from %s, which holds less than %d characters, or others than letters, digits, dashes and underscores.", key, ref, minToken), "Make one with: openssl rand -hex 24.")
	case r.tokens[token] != "":
		r.problem(raw.Token.Line, fmt.Sprintf("%s holds the same token as the check %s.", key, quoted(r.tokens[token])), "Give each heartbeat a token of its own.")
	}
	if r.tokens == nil {
		r.tokens = map[string]string{}
	}
	r.tokens[token] = check
	return NewSecret(token)
}

// unreserved tells whether a text stands in a URL as it is.
func unreserved(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

// heard reports heartbeats that nobody could call.
func (r *reader) heard(raw rawConfig) {
	if raw.Slack != nil && raw.Slack.Transport.Value == string(HTTP) || raw.Admin != nil && raw.Admin.Listen.Value != "" {
		return
	}
	for _, check := range raw.Checks {
		if check.Heartbeat != nil {
			r.problem(check.Heartbeat.Line, "Nothing listens for the calls of this heartbeat.", "Write admin.listen, or let Slack reach the bot by http.")
			return
		}
	}
}

// health reads how checks in general are looked at.
func (r *reader) health(raw *rawHealth, slack *rawSlack, admin *rawAdmin) Health {
	if raw == nil {
		return Health{}
	}
	valid := Health{AllowPrivate: r.truth(raw.AllowPrivate, "health.allow_private"), HeartbeatsOn: raw.HeartbeatsOn.Value, HeartbeatsURL: strings.TrimSuffix(raw.HeartbeatsURL.Value, "/"),
		Objective: r.objective(raw.Objective, "health.objective", 0), RDAPURL: raw.RDAPURL.Value}
	if raw.HeartbeatsOn.Value != "" {
		listeners := map[string]bool{
			"slack": slack != nil && slack.Transport.Value == string(HTTP),
			"admin": admin != nil && admin.Listen.Value != "",
		}
		r.choice(raw.HeartbeatsOn, "health.heartbeats_on", slices.Sorted(maps.Keys(listeners)))
		if there, known := listeners[raw.HeartbeatsOn.Value]; known && !there {
			r.problem(raw.HeartbeatsOn.Line, fmt.Sprintf("health.heartbeats_on is %s, and nothing listens there.", quoted(raw.HeartbeatsOn.Value)), "slack listens with transport http; admin listens with admin.listen.")
		}
	}
	r.address(raw.HeartbeatsURL, "health.heartbeats_url")
	if r.address(raw.RDAPURL, "health.rdap_url") {
		r.probeable(raw.RDAPURL)
	}
	valid.Webhooks = r.readWebhooks(raw.Webhooks)
	return valid
}

// truth reads true or false; false where it was not written.
func (r *reader) truth(value text, key string) bool {
	switch value.Value {
	case "true":
		return true
	case "false", "":
		return false
	}
	r.problem(value.Line, fmt.Sprintf("%s is %s; it must be true or false.", key, quoted(value.Value)), "")
	return false
}
