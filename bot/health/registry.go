package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/probe"
)

const (
	// ianaBootstrap names the registries' servers by the end of a name (RFC 9224).
	ianaBootstrap = "https://data.iana.org/rdap/dns.json"
	// A registry is asked for a name once a day at most, and not again for an hour where it did not answer.
	askedDaily = 24 * time.Hour
	askedAgain = time.Hour
	// answers are read up to this many bytes; that of IANA has about 100 KB.
	maxRegistry = 2 << 20
	rdapType    = "application/rdap+json"
)

// Registry asks the registries of domain names how long a name is registered, by RDAP (RFC 9082, RFC 9083). What they answered is
// remembered. It is safe for many goroutines; one serves all probers of a process.
type Registry struct {
	base string // of one server for all names, "https://rdap.example.com/"; "": the one that IANA names
	iana string

	asking sync.Mutex // of one question at a time: registries are asked seldom, and never hurried
	mu     sync.Mutex
	known  map[string]registration // by name
	// Guarded by asking.
	servers map[string]string // by the end of a name
	heard   time.Time         // when they were read
}

// NewRegistry makes one. The base of a server that is asked for all names is for networks without a way out; "" asks those that IANA names.
func NewRegistry(base string) *Registry {
	if base != "" {
		base = strings.TrimSuffix(base, "/") + "/"
	}
	return &Registry{base: base, iana: ianaBootstrap, known: map[string]registration{}}
}

// registration is what a registry said of a name.
type registration struct {
	asked     time.Time
	failed    error     // why nothing is known
	missing   bool      // nobody has registered it
	expires   time.Time // zero where the registry does not tell
	registrar string
	status    []string
}

// find answers what is known of a name, asked for anew where that is old. Client is the way out.
func (r *Registry) find(ctx context.Context, client *http.Client, name string, now time.Time) registration {
	if known, fresh := r.remembered(name, now); fresh {
		return known
	}
	r.asking.Lock()
	defer r.asking.Unlock()
	known, fresh := r.remembered(name, now)
	if fresh {
		return known
	}
	found, err := r.ask(ctx, client, name, now)
	switch {
	case err != nil && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return registration{failed: err}
	case err != nil && known.failed == nil && !known.asked.IsZero():
		found = known // what it said the last time holds until it says something else
		found.asked = now.Add(askedAgain - askedDaily)
	case err != nil:
		found = registration{asked: now, failed: err}
	default:
		found.asked = now
	}
	r.mu.Lock()
	r.known[name] = found
	r.mu.Unlock()
	return found
}

func (r *Registry) remembered(name string, now time.Time) (known registration, fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, there := r.known[name]
	keep := askedDaily
	if known.failed != nil {
		keep = askedAgain
	}
	age := now.Sub(known.asked)
	return known, there && age >= 0 && age < keep
}

// ask asks the registry of a name.
func (r *Registry) ask(ctx context.Context, client *http.Client, name string, now time.Time) (registration, error) {
	base, err := r.server(ctx, client, name, now)
	if err != nil {
		return registration{}, err
	}
	var answer rdapDomain
	code, err := fetch(ctx, client, base+"domain/"+url.PathEscape(name), &answer)
	switch {
	case err != nil:
		return registration{}, err
	case code == http.StatusNotFound:
		return registration{missing: true}, nil
	case code != http.StatusOK:
		return registration{}, fmt.Errorf("it answers HTTP %d", code)
	case !strings.EqualFold(strings.TrimSuffix(answer.Name, "."), name):
		return registration{}, fmt.Errorf("it answers for %q", trimmed(answer.Name))
	default:
		return answer.registration(), nil
	}
}

// server answers the base of the server that knows a name: that of the longest end of it that there is one for.
func (r *Registry) server(ctx context.Context, client *http.Client, name string, now time.Time) (string, error) {
	if r.base != "" {
		return r.base, nil
	}
	if age := now.Sub(r.heard); r.servers == nil || age < 0 || age >= askedDaily {
		var list rdapBootstrap
		code, err := fetch(ctx, client, r.iana, &list)
		switch {
		case err == nil && code == http.StatusOK && len(list.Services) > 0:
			r.servers, r.heard = list.servers(), now
		case r.servers != nil: // an old list is better than none
			r.heard = now.Add(askedAgain - askedDaily)
		case err != nil:
			return "", fmt.Errorf("IANA's list of registries: %w", err)
		default:
			return "", fmt.Errorf("IANA's list of registries: HTTP %d", code)
		}
	}
	for end := name; end != ""; _, end, _ = strings.Cut(end, ".") {
		if base := r.servers[end]; base != "" {
			return base, nil
		}
	}
	return "", fmt.Errorf("the registry of .%s has no RDAP", name[strings.LastIndex(name, ".")+1:])
}

// fetch reads a JSON document, where there is one.
func fetch(ctx context.Context, client *http.Client, address string, document any) (code int, err error) {
	request, err := http.NewRequestWithContext(bounded(ctx), http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header["User-Agent"] = agent
	request.Header.Set("Accept", rdapType+", application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, nil
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxRegistry))
	if err != nil {
		return response.StatusCode, err
	}
	if json.Unmarshal(raw, document) != nil {
		return response.StatusCode, errors.New("what it answers is not JSON of RDAP")
	}
	return response.StatusCode, nil
}

// rdapBootstrap is IANA's list (RFC 9224, 3): of each service the ends of names, and the bases of servers.
type rdapBootstrap struct {
	Services [][][]string `json:"services"`
}

func (b rdapBootstrap) servers() map[string]string {
	servers := map[string]string{}
	for _, service := range b.Services {
		if len(service) != 2 {
			continue
		}
		base := ""
		for _, address := range service[1] {
			if base == "" || strings.HasPrefix(address, "https:") && !strings.HasPrefix(base, "https:") {
				base = address
			}
		}
		if base == "" {
			continue
		}
		for _, end := range service[0] {
			servers[strings.ToLower(end)] = strings.TrimSuffix(base, "/") + "/"
		}
	}
	return servers
}

// rdapDomain is what is read of a registry's answer (RFC 9083, 5.3).
type rdapDomain struct {
	Name   string   `json:"ldhName"`
	Status []string `json:"status"`
	Events []struct {
		Action string `json:"eventAction"`
		Date   string `json:"eventDate"`
	} `json:"events"`
	Entities []struct {
		Roles  []string `json:"roles"`
		Handle string   `json:"handle"`
		VCard  []any    `json:"vcardArray"`
	} `json:"entities"`
}

func (d rdapDomain) registration() registration {
	found := registration{}
	for _, status := range d.Status {
		found.status = append(found.status, strings.ToLower(status))
	}
	for _, event := range d.Events {
		if at, err := time.Parse(time.RFC3339, event.Date); err == nil && event.Action == "expiration" {
			found.expires = at.UTC()
		}
	}
	for _, entity := range d.Entities {
		if slices.Contains(entity.Roles, "registrar") {
			if found.registrar = fullName(entity.VCard); found.registrar == "" {
				found.registrar = entity.Handle
			}
		}
	}
	return found
}

// fullName is the "fn" of a jCard: ["vcard", [["fn", {}, "text", "Example Registrar"], ...]] (RFC 7095).
func fullName(card []any) string {
	if len(card) < 2 {
		return ""
	}
	properties, _ := card[1].([]any)
	for _, property := range properties {
		if fields, ok := property.([]any); ok && len(fields) > 3 && fields[0] == "fn" {
			name, _ := fields[3].(string)
			return trimmed(name)
		}
	}
	return ""
}

// lost are the states of a registration in which a name does not answer any more, or is about to be anybody's (RFC 8056).
var lost = []string{"redemption period", "pending delete", "client hold", "server hold", "inactive"} //nolint:gochecknoglobals // a constant list

// lookDomain tells how long a domain name is registered. A registry that does not answer says nothing of the name.
func (p *Prober) lookDomain(ctx context.Context, c check.Check, target probe.Target, t *trace) (sight, error) {
	registry := p.eyes.Registry
	if registry == nil {
		return sight{}, unseenError{"registries of domain names are not asked here"}
	}
	way := p.publicOnly
	if registry.base != "" {
		way = p.anywhere // whoever runs the program says where to ask
	}
	if t != nil {
		ctx = t.watch(ctx)
	}
	name := strings.ToLower(strings.TrimSuffix(target.Host, "."))
	now := time.Now()
	found := registry.find(ctx, way.following, name, now)
	t.end()
	if found.failed != nil {
		return sight{}, unseenError{"the registry of " + name + " could not be asked: " + without(explain(found.failed, c.Timeout), nil)}
	}
	return found.sight(c, name, now)
}

// sight judges what a registry said.
func (r registration) sight(c check.Check, name string, now time.Time) (sight, error) {
	if r.missing {
		return sight{wrong: name + " is not registered: its registry knows no such name"}, nil
	}
	with := ""
	if r.registrar != "" {
		with = " with " + r.registrar
	}
	for _, status := range lost {
		if slices.Contains(r.status, status) {
			return sight{wrong: fmt.Sprintf("%s is registered%s and does not work: its registry says %q", name, with, status), expires: r.expires}, nil
		}
	}
	if r.expires.IsZero() {
		return sight{}, unseenError{name + " is registered" + with + ", and its registry does not tell until when"}
	}
	seen := sight{expires: r.expires, says: fmt.Sprintf("%s is registered%s until %s, %s more", name, with, r.expires.Format(time.DateOnly), days(r.expires.Sub(now)))}
	switch left := r.expires.Sub(now); {
	case left <= 0:
		seen.wrong = fmt.Sprintf("the registration of %s%s ended on %s, %s ago", name, with, r.expires.Format(time.DateOnly), days(-left))
	case c.ValidDays > 0 && left < time.Duration(c.ValidDays)*day:
		seen.wrong = fmt.Sprintf("the registration of %s%s ends in %s, less than %s", name, with, days(left), days(time.Duration(c.ValidDays)*day))
	case left < 31*day:
		seen.names = r.registrar
	}
	return seen, nil
}
