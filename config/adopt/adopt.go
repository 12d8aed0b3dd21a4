// Package adopt reads the checks of other programs, Gatus and Uptime Kuma, and writes them as deckhand's configuration has them. What could not
// be carried over is told, check by check.
package adopt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"deckhand/commands/probe"
)

// Adopted is what came of a file.
type Adopted struct {
	From   string   // "Gatus" or "Uptime Kuma"
	Checks []Check  // in the order of the file
	Left   []string // sentences on what could not be carried over; a check's name stands first
}

// Check is one check as the configuration has it; its keys are the configuration's.
type Check struct {
	Name      string     `yaml:"name"`
	URL       string     `yaml:"url,omitempty"`
	Schedule  string     `yaml:"schedule"`
	Timeout   string     `yaml:"timeout,omitempty"`
	Request   *Request   `yaml:"request,omitempty"`
	Expect    *Expect    `yaml:"expect,omitempty"`
	Heartbeat *Heartbeat `yaml:"heartbeat,omitempty"`
	FailAfter int        `yaml:"fail_after,omitempty"`
	PassAfter int        `yaml:"pass_after,omitempty"`
	Reminders string     `yaml:"reminders,omitempty"`
}

// Request is what an HTTP check sends.
type Request struct {
	Method    string            `yaml:"method,omitempty"`
	Headers   map[string]string `yaml:"headers,omitempty"`
	Body      string            `yaml:"body,omitempty"`
	Redirects *int              `yaml:"redirects,omitempty"`
}

// Expect is what must be so.
type Expect struct {
	Status          codes    `yaml:"status,omitempty"`
	Body            string   `yaml:"body,omitempty"`
	JSON            []string `yaml:"json,omitempty"`
	Latency         string   `yaml:"latency,omitempty"`
	Records         []string `yaml:"records,omitempty,flow"`
	CertificateDays int      `yaml:"certificate_days,omitempty"`
}

// codes are HTTP statuses and ranges of them.
type codes []string

// MarshalYAML writes numbers as numbers.
func (c codes) MarshalYAML() (any, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, code := range c {
		one := &yaml.Node{Kind: yaml.ScalarNode, Value: code, Tag: "!!str"}
		if _, err := strconv.Atoi(code); err == nil {
			one.Tag = "!!int"
		}
		list.Content = append(list.Content, one)
	}
	return list, nil
}

// Heartbeat is how often a job calls.
type Heartbeat struct {
	Every string `yaml:"every"`
	Grace string `yaml:"grace,omitempty"`
	Token string `yaml:"token"`
}

// Read reads a Gatus configuration in YAML, or an Uptime Kuma backup in JSON; which of them it is, it sees by itself.
func Read(raw []byte) (Adopted, error) {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed) {
		var kuma kumaFile
		if err := json.Unmarshal(trimmed, &kuma); err != nil {
			return Adopted{}, fmt.Errorf("this is not an Uptime Kuma backup: %w", err)
		}
		if len(kuma.Monitors) > 0 {
			return kuma.adopt(), nil
		}
	}
	var gatus gatusFile
	if err := yaml.Unmarshal(raw, &gatus); err != nil {
		return Adopted{}, fmt.Errorf("this is neither YAML nor JSON: %w", err)
	}
	if len(gatus.Endpoints)+len(gatus.External) == 0 {
		return Adopted{}, fmt.Errorf("there are neither endpoints, as in Gatus, nor a monitorList, as in Uptime Kuma")
	}
	return gatus.adopt(), nil
}

// YAML is the checks section of a configuration.
func (a Adopted) YAML() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string]any{"checks": a.Checks}); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// leave says what of a check could not be carried over.
func (a *Adopted) leave(name, format string, args ...any) {
	a.Left = append(a.Left, name+": "+fmt.Sprintf(format, args...)+".")
}

// usualTimeout is the configuration's, where a check says none; longestTimeout the most that it takes.
const (
	usualTimeout   = 5 * time.Second
	longestTimeout = time.Minute
)

// settle brings timeout and latency into the bounds of the configuration.
func (a *Adopted) settle(c *Check) {
	timeout := usualTimeout
	if d, err := time.ParseDuration(c.Timeout); err == nil && d > 0 {
		timeout = d
	}
	if c.Expect != nil {
		if latency, err := time.ParseDuration(c.Expect.Latency); err == nil {
			timeout = max(timeout, latency)
		}
	}
	if timeout > longestTimeout {
		a.leave(c.Name, "its timeout of %s became 60 s, the longest there is", timeout)
		timeout = longestTimeout
		if c.Expect != nil && c.Expect.Latency != "" {
			c.Expect.Latency = longestTimeout.String()
		}
	}
	if c.Timeout != "" || timeout > usualTimeout {
		c.Timeout = timeout.String()
	}
}

// sent keeps what an HTTP check sends, where that is more than a GET. Secrets and what is filled in from elsewhere are told.
func (a *Adopted) sent(c *Check, r Request, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value := headers[name]
		switch {
		case probe.Header(name, value) != nil:
			a.leave(c.Name, "the header %s cannot be sent", name)
			continue
		case probe.SensitiveHeader(name):
			kept := secretFor(c.Name, name)
			what := "its value"
			if scheme, _, two := strings.Cut(value, " "); two && name == "Authorization" {
				what = "what follows " + scheme
				value = scheme + " " + kept
			} else {
				value = kept
			}
			a.leave(c.Name, "the header %s carries a secret; put %s into %s", name, what, strings.TrimPrefix(kept, "env:"))
		case strings.Contains(value, "${"):
			a.leave(c.Name, "the header %s is filled in from the environment; write its value, or a reference", name)
		}
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers[name] = value
	}
	switch lower := strings.ToLower(r.Body); {
	case strings.Contains(r.Body, "${"):
		a.leave(c.Name, "its body is filled in from the environment; write it out, or a reference for the whole of it")
	case slices.ContainsFunc([]string{"password", "secret", "token", "api_key", "apikey"}, func(word string) bool { return strings.Contains(lower, word) }):
		r.Body = secretFor(c.Name, "body")
		a.leave(c.Name, "its body seems to carry a secret; put the whole of it into %s", strings.TrimPrefix(r.Body, "env:"))
	}
	if r.Method != "" || r.Body != "" || r.Headers != nil || r.Redirects != nil {
		c.Request = &r
	}
}

// names makes names that the configuration takes, each once.
type names map[string]bool

var unusable = regexp.MustCompile(`[^a-z0-9._-]+`)

func (n names) plain(text string) string {
	base := strings.Trim(unusable.ReplaceAllString(strings.ToLower(text), "-"), "._-")
	if base == "" {
		base = "check"
	}
	base = strings.TrimRight(base[:min(len(base), 60)], "._-")
	name := base
	for i := 2; n[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	n[name] = true
	return name
}

// secretFor is the reference that stands in the place of a secret, "env:SHOP_AUTHORIZATION".
func secretFor(check, what string) string {
	plain := func(text string) string {
		return strings.Trim(regexp.MustCompile(`[^A-Z0-9]+`).ReplaceAllString(strings.ToUpper(text), "_"), "_")
	}
	return "env:" + "CHECK_" + plain(check) + "_" + plain(what)
}
