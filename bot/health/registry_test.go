package health

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// registries plays IANA and a registry. Asked counts the questions for names.
func registries(t *testing.T, answer func(http.ResponseWriter, string)) (r *Registry, asked, lists *atomic.Int32) {
	t.Helper()
	asked, lists = &atomic.Int32{}, &atomic.Int32{}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	mux.HandleFunc("/rdap/dns.json", func(w http.ResponseWriter, _ *http.Request) {
		lists.Add(1)
		fmt.Fprintf(w, `{"version":"1.0","services":[[["net"],["http://127.0.0.1:1/"]],[["com","org"],["%[1]s/com"]],[["co.uk"],["%[1]s/uk/"]],[["broken"],[]],[["one"]]]}`, s.URL)
	})
	for _, end := range []string{"/com", "/uk"} {
		mux.HandleFunc(end+"/domain/", func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if !strings.Contains(r.Header.Get("Accept"), "application/rdap+json") {
				w.WriteHeader(http.StatusNotAcceptable)
				return
			}
			answer(w, strings.TrimPrefix(r.URL.Path, end+"/domain/"))
		})
	}
	r = NewRegistry("")
	r.iana = s.URL + "/rdap/dns.json"
	return r, asked, lists
}

// rdap is an answer for a name that ends in some days.
func rdap(name string, ends time.Time, status string) string {
	return fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":[%q],"events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},{"eventAction":"expiration","eventDate":%q}],
		"entities":[{"roles":["registrar"],"handle":"376","vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Example Registrar"]]]}]}`, strings.ToUpper(name), status, ends.UTC().Format(time.RFC3339))
}

func TestDomains(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	for name, c := range map[string]struct {
		url, status string
		ends        time.Time
		code        int
		body        string
		days        int
		ok, unseen  bool
		says        string
	}{
		"registered for long":             {url: "domain://example.com", ends: in(100*day + time.Hour), ok: true, says: "example.com is registered with Example Registrar until " + in(100*day+time.Hour).UTC().Format(time.DateOnly) + ", 100 days more"},
		"in any case, with a last dot":    {url: "domain://EXAMPLE.com.", ends: in(100*day + time.Hour), ok: true, says: "example.com is registered"},
		"by the longest end":              {url: "domain://example.co.uk", ends: in(100*day + time.Hour), ok: true, says: "example.co.uk is registered"},
		"ends sooner than it may":         {url: "domain://example.com", ends: in(20*day + time.Hour), days: 30, says: "the registration of example.com with Example Registrar ends in 20 days, less than 30 days"},
		"ended":                           {url: "domain://example.com", ends: in(-2*day - time.Hour), says: "ended on " + in(-2*day-time.Hour).UTC().Format(time.DateOnly) + ", 2 days ago"},
		"lost":                            {url: "domain://example.com", ends: in(100 * day), status: "redemption period", says: `does not work: its registry says "redemption period"`},
		"not registered":                  {url: "domain://example.com", code: 404, says: "example.com is not registered: its registry knows no such name"},
		"no date":                         {url: "domain://example.com", body: `{"ldhName":"example.com"}`, unseen: true, says: "does not tell until when"},
		"another name":                    {url: "domain://example.com", body: `{"ldhName":"example.org"}`, unseen: true, says: `it answers for "example.org"`},
		"no JSON":                         {url: "domain://example.com", body: `<html>`, unseen: true, says: "what it answers is not JSON of RDAP"},
		"it asks for patience":            {url: "domain://example.com", code: 429, unseen: true, says: "the registry of example.com could not be asked: no usable answer: it answers HTTP 429"},
		"an end that has no registry":     {url: "domain://example.test", unseen: true, says: "the registry of .test has no RDAP"},
		"a registry that is not there":    {url: "domain://example.net", unseen: true, says: "the registry of example.net could not be asked: connection refused"},
		"an address instead of a name":    {url: "domain://127.0.0.1", unseen: true, says: "this is an address"},
		"a name that is not a whole name": {url: "domain://com", unseen: true, says: "is no domain name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _, _ := registries(t, func(w http.ResponseWriter, asked string) {
				if c.code > 0 {
					w.WriteHeader(c.code)
				}
				if c.body == "" {
					c.body = rdap(asked, c.ends, c.status)
				}
				fmt.Fprint(w, c.body)
			})
			p := NewProber(Eyes{Registry: r, Private: true})
			got := p.Probe(t.Context(), check.Check{Name: "name", URL: c.url, Timeout: 5 * time.Second, ValidDays: c.days})
			if got.OK != c.ok || got.Unseen != c.unseen || !strings.Contains(got.Detail, c.says) {
				t.Errorf("%+v, want ok %v, unseen %v, %q", got, c.ok, c.unseen, c.says)
			}
			if c.ok && got.Expires.Unix() != c.ends.Unix() {
				t.Errorf("it ends at %v", got.Expires)
			}
		})
	}
}

func TestARegistryIsAskedOnceADay(t *testing.T) {
	t.Parallel()
	ends, away := time.Now().Add(100*day), &atomic.Bool{}
	r, asked, lists := registries(t, func(w http.ResponseWriter, name string) {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, rdap(name, ends, "active"))
	})
	client := NewProber(Eyes{Private: true}).publicOnly.following
	now := time.Now()
	for n := range 100 {
		if found := r.find(t.Context(), client, "example.com", now.Add(time.Duration(n)*10*time.Minute)); found.failed != nil || found.expires.Unix() != ends.Unix() {
			t.Fatalf("%+v", found)
		}
	}
	if asked.Load() != 1 || lists.Load() != 1 {
		t.Errorf("in 17 hours the registry was asked %d times, IANA %d times", asked.Load(), lists.Load())
	}
	away.Store(true)
	for n := range 60 { // the next day, for an hour: what it said holds
		if found := r.find(t.Context(), client, "example.com", now.Add(askedDaily+time.Duration(n)*time.Minute)); found.failed != nil || found.expires.IsZero() {
			t.Fatalf("%+v", found)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("a registry that does not answer was asked %d times", asked.Load()-1)
	}
	for n := range 60 {
		if found := r.find(t.Context(), client, "example.org", now.Add(time.Duration(n)*time.Minute)); found.failed == nil {
			t.Fatalf("%+v", found)
		}
	}
	if asked.Load() != 3 {
		t.Errorf("a name of which nothing is known was asked for %d times in an hour", asked.Load()-2)
	}
}

func TestARegistryLeadsNowhereInside(t *testing.T) {
	t.Parallel()
	inside := endpoint(t)
	r, asked, _ := registries(t, func(w http.ResponseWriter, _ string) { fmt.Fprint(w, "{}") })
	c := check.Check{Name: "name", URL: "domain://example.com", Timeout: 5 * time.Second}
	got := NewProber(Eyes{Registry: r}).Probe(t.Context(), c) // the test's IANA is on loopback
	if !got.Unseen || !strings.Contains(got.Detail, "private address") || asked.Load() > 0 {
		t.Errorf("%+v", got)
	}
	// Where whoever runs the program names a server, it may be a private one; what it leads to must not be metadata.
	r = NewRegistry(inside.URL + "/metadata")
	r.base = strings.TrimSuffix(r.base, "/") + "?"
	if got := NewProber(Eyes{Registry: r}).Probe(t.Context(), c); !got.Unseen || !strings.Contains(got.Detail, "link-local") {
		t.Errorf("%+v", got)
	}
}

func TestADomainIsRemindedOf(t *testing.T) {
	t.Parallel()
	now := time.Now()
	text := commands.RenderText(remind(sighting{check.Check{Name: "shop-name", URL: "domain://example.com"}, now.Add(7*day - time.Minute), "Example Registrar"}, now))
	for _, want := range []string{"The registration of example.com ends in 7 days", "Example Registrar", "Renew it"} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q:\n%s", want, text)
		}
	}
}
