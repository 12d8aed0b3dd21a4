package check

import (
	"slices"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// Conditions are what must be so for a check to pass.
type Conditions struct {
	Status       []string      `flag:"status" value:"CODE" help:"HTTP statuses that count as up, such as 200-299; 200 to 399 where none is given."`
	Body         string        `flag:"body" value:"TEXT" help:"Text that the body must contain."`
	ExpectHeader []string      `flag:"expect-header" raw:"" value:"HEADER" help:"Header that the answer must have: \"Content-Type: application/json\", or its name alone."`
	JSON         []string      `flag:"json" raw:"" value:"CONDITION" help:"What must be so in a JSON body: '$.status == \"ok\"', 'len($.items) > 0'."`
	MaxLatency   time.Duration `flag:"max-latency" value:"TIME" help:"An answer that takes longer is a failure."`
	Record       []string      `flag:"record" raw:"" value:"VALUE" help:"Value that must be among the DNS records."`
	ValidDays    int           `flag:"valid-days" value:"N" help:"For how many days more the certificate must be valid, or the domain registered."`
	MaxErrors    int           `flag:"max-errors" value:"PERCENT" help:"Of a Lambda function: how many of a hundred invocations may fail."`
}

// only are the conditions that only some schemes know.
func (k *Conditions) only() map[string][]string {
	only := map[string][]string{}
	add := func(given bool, flag string, schemes ...string) {
		if given {
			only[flag] = schemes
		}
	}
	add(len(k.Status) > 0, "status", "http", "https")
	add(k.Body != "", "body", "http", "https")
	add(len(k.ExpectHeader) > 0, "expect-header", "http", "https")
	add(len(k.JSON) > 0, "json", "http", "https")
	add(k.MaxLatency != 0, "max-latency", "http", "https", probe.TCP, probe.TLS, probe.DNS, probe.ICMP)
	add(len(k.Record) > 0, "record", probe.DNS)
	add(k.ValidDays != 0, "valid-days", "https", probe.TLS, probe.Domain)
	add(k.MaxErrors != 0, "max-errors", probe.Lambda)
	return only
}

func (k *Conditions) valid(scheme string, timeout time.Duration) error {
	for flag, schemes := range k.only() {
		if !slices.Contains(schemes, scheme) {
			return usage("A check of "+commands.Mono(scheme+"://")+" has no "+commands.Mono("--"+flag)+".", "It belongs to "+strings.Join(schemes, ", ")+".")
		}
	}
	switch {
	case len(k.Body) > 1000:
		return usage("The text to look for is too long: the limit is 1,000 characters.", "A few words of the page are enough.")
	case k.MaxLatency < 0 || k.MaxLatency > timeout:
		return usage("The latency must be above zero and at most the timeout.", "Write "+commands.Mono("--max-latency 800ms")+".")
	case k.ValidDays < 0 || k.ValidDays > 1000:
		return usage("The days of a certificate run from 1 to 1,000.", "Write "+commands.Mono("--valid-days 14")+".")
	case k.MaxErrors < 0 || k.MaxErrors > 100:
		return usage("The errors are out of a hundred.", "Write "+commands.Mono("--max-errors 5")+".")
	}
	return k.apply(&Check{})
}

// apply puts the conditions into a check.
func (k *Conditions) apply(c *Check) (err error) {
	if c.Status, err = probe.Statuses(k.Status); err != nil {
		return wrong(err)
	}
	for _, text := range k.ExpectHeader {
		name, value, _ := strings.Cut(text, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if err := probe.Header(name, value); err != nil {
			return wrong(err)
		}
		if c.Headers == nil {
			c.Headers = map[string]string{}
		}
		c.Headers[name] = value
	}
	for _, text := range k.JSON {
		condition, err := probe.ParseCondition(text)
		if err != nil {
			return wrong(err)
		}
		c.JSON = append(c.JSON, condition.String())
	}
	c.Body, c.MaxLatency, c.Records, c.ValidDays, c.MaxErrors = k.Body, k.MaxLatency, k.Record, k.ValidDays, k.MaxErrors
	return nil
}

// Sending is what an HTTP check sends.
type Sending struct {
	Method    string   `flag:"method" value:"METHOD" help:"HTTP method; GET where none is given."`
	Header    []string `flag:"header" alias:"H" raw:"" value:"HEADER" help:"Header to send: \"Accept: application/json\". Secrets stand in the configuration only."`
	Data      string   `flag:"data" alias:"d" value:"TEXT" help:"Body to send."`
	NoFollow  bool     `flag:"no-follow" help:"Follow no redirects."`
	Redirects int      `flag:"redirects" value:"N" help:"How many redirects are followed, at most 20; 5 where nothing is given."`
}

func (s *Sending) valid(scheme string) error {
	if s.request() != nil && scheme != "http" && scheme != "https" {
		return usage("Only a check over HTTP sends a method, headers or a body, or follows redirects.", "Leave those flags out.")
	}
	s.Method = strings.ToUpper(s.Method)
	switch {
	case s.Method != "" && !slices.Contains(probe.Methods, s.Method):
		return usage(commands.Mono(s.Method)+" is not a method that a check can send.", "Methods are "+strings.Join(probe.Methods, ", ")+".")
	case s.Redirects < 0 || s.Redirects > probe.MostRedirects || s.NoFollow && s.Redirects > 0:
		return usage("Redirects are a number up to 20, or "+commands.Mono("--no-follow")+".", "Write "+commands.Mono("--redirects 3")+".")
	case len(s.Data) > 4000:
		return usage("The body to send is too long: the limit is 4,000 characters.", "Shorten it.")
	}
	if _, _, ok := probe.Reference(s.Data); ok {
		return noSecrets("The body")
	}
	for _, text := range s.Header {
		name, value, err := probe.SplitHeader(text)
		if err != nil {
			return wrong(err)
		}
		if _, _, ok := probe.Reference(value); ok || probe.SensitiveHeader(name) {
			return noSecrets("The header " + commands.Mono(name))
		}
	}
	return nil
}

// noSecrets refuses a secret, or the reference to one: whoever may type a check must not be able to send the bot's secrets somewhere.
func noSecrets(what string) error {
	return usage(what+" carries a secret, and everybody reads what is typed here.", "Put the check into the configuration, with the secret as "+commands.Mono("env:NAME")+" or "+commands.Mono("file:PATH")+".")
}

// request is what is sent; nil where that is a plain GET.
func (s *Sending) request() *Request {
	r := Request{Method: strings.ToUpper(s.Method), Body: s.Data, Redirects: s.Redirects}
	if s.NoFollow {
		r.Redirects = -1
	}
	for _, text := range s.Header {
		if name, value, err := probe.SplitHeader(text); err == nil {
			if r.Headers == nil {
				r.Headers = map[string]string{}
			}
			r.Headers[name] = value
		}
	}
	if r.Method == "" && r.Body == "" && r.Redirects == 0 && r.Headers == nil {
		return nil
	}
	return &r
}
