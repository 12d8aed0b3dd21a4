package adopt

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"deckhand/commands/probe"
)

// kumaFile is what is read of an Uptime Kuma backup.
// Source: https://github.com/louislam/uptime-kuma (server/model/monitor.js, toJSON)
type kumaFile struct {
	Monitors []kumaMonitor `json:"monitorList"`
}

type kumaMonitor struct {
	Name        string          `json:"name"`
	Active      json.RawMessage `json:"active"` // true, false, 1 or 0
	Type        string          `json:"type"`
	URL         string          `json:"url"`
	Hostname    string          `json:"hostname"`
	Port        *int            `json:"port"`
	Method      string          `json:"method"`
	Body        string          `json:"body"`
	Headers     string          `json:"headers"` // JSON, as text
	Interval    int             `json:"interval"`
	Retry       int             `json:"retryInterval"`
	Resend      int             `json:"resendInterval"` // in failed looks; 0: never
	Proxy       *int            `json:"proxyId"`
	Conditions  []any           `json:"conditions"`
	Timeout     float64         `json:"timeout"`
	MaxRetries  int             `json:"maxretries"`
	Redirects   *int            `json:"maxredirects"`
	Accepted    []string        `json:"accepted_statuscodes"`
	Keyword     string          `json:"keyword"`
	Invert      bool            `json:"invertKeyword"`
	UpsideDown  bool            `json:"upsideDown"`
	IgnoreTLS   bool            `json:"ignoreTls"`
	Auth        string          `json:"authMethod"`
	DNSServer   string          `json:"dns_resolve_server"`
	DNSType     string          `json:"dns_resolve_type"`
	JSONPath    string          `json:"jsonPath"`
	JSONWant    any             `json:"expectedValue"`
	JSONOp      string          `json:"jsonPathOperator"`
	Description string          `json:"description"`
}

func (f kumaFile) adopt() Adopted {
	a := Adopted{From: "Uptime Kuma"}
	taken := names{}
	for _, m := range f.Monitors {
		if active := string(m.Active); active == "false" || active == "0" {
			a.leave(m.Name, "it is paused and was left out")
			continue
		}
		if m.UpsideDown {
			a.leave(m.Name, "it is upside down (up where it fails), which has no counterpart, and was left out")
			continue
		}
		c := Check{Name: taken.plain(m.Name), Schedule: fmt.Sprintf("@every %ds", max(1, m.Interval))}
		if m.Interval == 0 {
			c.Schedule = "@every 1m"
		}
		if !m.address(&a, &c) {
			continue
		}
		if m.Type != "push" {
			c.FailAfter, c.PassAfter = m.MaxRetries+1, 1
		}
		if m.Resend > 0 {
			c.Reminders = fmt.Sprintf("%ds", m.Resend*max(1, m.Interval))
		}
		if m.Timeout >= 1 {
			c.Timeout = fmt.Sprintf("%ds", int(m.Timeout))
		}
		a.settle(&c)
		m.left(&a, c.Name)
		a.Checks = append(a.Checks, c)
	}
	return a
}

// address carries over what is looked at; false where deckhand has no such kind.
func (m kumaMonitor) address(a *Adopted, c *Check) bool {
	switch m.Type {
	case "http", "keyword", "json-query":
		c.URL = m.URL
		m.web(a, c)
	case "port":
		c.URL = "tcp://" + m.at()
	case "ping":
		c.URL = "icmp://" + m.Hostname
	case "dns":
		c.URL = "dns://" + m.Hostname + "?type=" + cmp.Or(m.DNSType, "A")
		if m.Port != nil && *m.Port != 0 && *m.Port != 53 {
			a.leave(c.Name, "its name server is asked at port %d, and here at 53", *m.Port)
		}
		if m.DNSServer != "" {
			c.URL += "&server=" + strings.TrimSpace(strings.Split(m.DNSServer, ",")[0])
		}
	case "push":
		token := secretFor(c.Name, "token")
		c.Heartbeat = &Heartbeat{Every: fmt.Sprintf("%ds", max(60, m.Interval)), Token: token}
		if m.Interval < 60 {
			a.leave(c.Name, "its interval of %d s became 60 s, the shortest of a heartbeat", m.Interval)
		}
		if grace := m.MaxRetries * cmp.Or(m.Retry, m.Interval); grace > 0 {
			c.Heartbeat.Grace = fmt.Sprintf("%ds", grace)
		}
		c.Schedule = "@every 1m"
		a.leave(c.Name, "it is called at /heartbeat/TOKEN now; put a token of at least 20 characters into %s", strings.TrimPrefix(token, "env:"))
		return true
	case "group":
		a.leave(c.Name, "it is a group, which looks at nothing itself, and was left out")
		return false
	default:
		a.leave(c.Name, "deckhand has no checks of the type %s", m.Type)
		return false
	}
	if _, err := probe.Parse(c.URL); err != nil {
		a.leave(c.Name, "it was left out: %s", strings.TrimSuffix(err.Error(), "."))
		return false
	}
	return true
}

func (m kumaMonitor) at() string {
	port := 0
	if m.Port != nil {
		port = *m.Port
	}
	return probe.Target{Host: m.Hostname, Port: port}.Address()
}

// web carries over what an HTTP check sends and wants.
func (m kumaMonitor) web(a *Adopted, c *Check) {
	r := Request{Body: m.Body, Redirects: m.Redirects}
	if m.Method != "" && m.Method != http.MethodGet {
		r.Method = m.Method
	}
	if r.Redirects != nil && *r.Redirects > probe.MostRedirects {
		most := probe.MostRedirects
		r.Redirects = &most
	}
	headers := map[string]string{}
	if m.Headers != "" && json.Unmarshal([]byte(m.Headers), &headers) != nil {
		a.leave(c.Name, "its headers cannot be read")
	}
	if m.Auth == "basic" {
		headers["Authorization"] = "Basic base64" // which becomes a reference
		a.leave(c.Name, "its basic authentication is a header here; what follows Basic is user:password in base64")
	}
	a.sent(c, r, headers)
	x := Expect{Status: m.Accepted}
	switch {
	case m.Type == "keyword" && m.Invert:
		a.leave(c.Name, "a keyword that must not be there has no counterpart")
	case m.Type == "keyword":
		x.Body = m.Keyword
	case m.Type == "json-query" && (m.JSONWant == nil || !x.json(m.path(), cmp.Or(m.JSONOp, "=="), fmt.Sprint(m.JSONWant))):
		a.leave(c.Name, "the JSON query %s has no counterpart", m.JSONPath)
	}
	if len(x.Status) > 0 || x.Body != "" || len(x.JSON) > 0 {
		c.Expect = &x
	}
}

// path is the place in the body, which Uptime Kuma writes with or without "$.".
func (m kumaMonitor) path() string {
	if strings.HasPrefix(m.JSONPath, "$") {
		return m.JSONPath
	}
	return "$." + m.JSONPath
}

// left tells what has no counterpart.
func (m kumaMonitor) left(a *Adopted, name string) {
	for _, one := range []struct {
		is   bool
		what string
	}{
		{m.IgnoreTLS, "ignoring TLS errors"}, {m.Proxy != nil, "a proxy"}, {len(m.Conditions) > 0, "a list of conditions"},
		{m.Auth != "" && m.Auth != "null" && m.Auth != "basic", "the authentication method " + m.Auth},
	} {
		if one.is {
			a.leave(name, "%s has no counterpart", one.what)
		}
	}
}
