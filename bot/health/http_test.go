package health

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deckhand/commands/check"
)

// mirror answers with what it was sent, as JSON.
func mirror(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprintf(w, `{"method":%q,"body":%q,"token":%q,"host":%q,"items":[1,2]}`, r.Method, body, r.Header.Get("X-Token"), r.Host)
	})
	mux.HandleFunc("/text", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "no JSON") })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"a":"%s"}`, strings.Repeat("x", maxBody))
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 100<<10)) })
	mux.HandleFunc("/trickle", func(w http.ResponseWriter, r *http.Request) {
		for range 50 {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	mux.HandleFunc("/back", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusTemporaryRedirect) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestConditionsOverHTTP(t *testing.T) {
	t.Parallel()
	s := mirror(t)
	post := &check.Request{Method: "POST", Body: "ping", Headers: map[string]string{"X-Token": "abc", "Host": "other.example.com"}}
	for name, c := range map[string]struct {
		check check.Check
		ok    bool
		says  string
	}{
		"what is sent arrives": {check.Check{URL: s.URL, Request: post, JSON: []string{`$.method == "POST"`, `$.body == "ping"`, `$.token == "abc"`, `$.host == "other.example.com"`}}, true, "HTTP 200"},
		"it is sent again where a redirect on the same host says so": {
			check.Check{URL: s.URL + "/back", Request: &check.Request{Method: "POST", Body: "ping", Headers: map[string]string{"X-Token": "abc"}}, JSON: []string{`$.body == "ping"`, `$.token == "abc"`}}, true, "HTTP 200",
		},
		"a condition fails":                {check.Check{URL: s.URL, JSON: []string{`len($.items) > 1`, `$.method == "POST"`}}, false, `$.method is "GET", not == "POST"`},
		"a key is not there":               {check.Check{URL: s.URL, JSON: []string{`$.up`}}, false, "$.up is not there"},
		"the text and the JSON":            {check.Check{URL: s.URL, Body: "ping", JSON: []string{`$.items`}}, false, `the body does not contain "ping"`},
		"no JSON":                          {check.Check{URL: s.URL + "/text", JSON: []string{`$.up`}}, false, "the body is not JSON"},
		"a body that is too large":         {check.Check{URL: s.URL + "/large", JSON: []string{`$.a`}}, false, "the body is larger than 1 MiB and was not read as JSON"},
		"headers that are too large":       {check.Check{URL: s.URL + "/headers"}, false, "the headers of the answer are larger than 64 KiB"},
		"a header is as it must be":        {check.Check{URL: s.URL, Headers: map[string]string{"content-type": "application/json"}}, true, "HTTP 200"},
		"a header is another":              {check.Check{URL: s.URL, Headers: map[string]string{"Content-Type": "text/html"}}, false, `the header Content-Type is "application/json; charset=utf-8" and does not contain "text/html"`},
		"a header is missing":              {check.Check{URL: s.URL, Headers: map[string]string{"X-Version": ""}}, false, "the header X-Version is not there"},
		"an answer that takes too long":    {check.Check{URL: s.URL + "/trickle", MaxLatency: 30 * time.Millisecond}, false, "more than 30 ms"},
		"a body that trickles":             {check.Check{URL: s.URL + "/trickle", Timeout: 100 * time.Millisecond}, false, "no answer within 100 ms"},
		"no redirects where none shall be": {check.Check{URL: s.URL + "/back", Request: &check.Request{Redirects: -1}}, true, "HTTP 307"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := looks(t, c.check); r.OK != c.ok || !strings.Contains(r.Detail, c.says) {
				t.Errorf("%+v, want ok %v, %q", r, c.ok, c.says)
			}
		})
	}
}

func TestAnEndpointThatFlapsIsNotDown(t *testing.T) {
	t.Parallel()
	answers := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answers++; answers%2 == 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer s.Close()
	c := check.Check{Name: "web", URL: s.URL, Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2, FromConfig: true}
	p, state, now := NewProber(Eyes{}), check.State{}, time.Now()
	for i := range 10 {
		r := p.Probe(t.Context(), c)
		if want := i%2 == 0; r.OK != want {
			t.Fatalf("look %d: %+v", i, r)
		}
		r.At = now.Add(time.Duration(i) * time.Second)
		if state = Evaluate(c, state, r); state.Status != check.Up {
			t.Errorf("look %d: %s", i, state.Status)
		}
	}
}

func TestRedirectsAreFollowedAsOftenAsTheCheckSays(t *testing.T) {
	t.Parallel()
	s := endpoint(t)
	if r := looks(t, check.Check{URL: s.URL + "/redirect/8", Request: &check.Request{Redirects: 8}}); !r.OK {
		t.Errorf("eight: %+v", r)
	}
	if r := looks(t, check.Check{URL: s.URL + "/redirect/3", Request: &check.Request{Redirects: 2}}); r.OK || r.Detail != "more than 2 redirects" {
		t.Errorf("two: %+v", r)
	}
}

func TestSecretsStayWithTheirEndpoint(t *testing.T) {
	t.Parallel()
	other := mirror(t)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") != "Bearer the-secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/away" {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			return
		}
		fmt.Fprintf(w, `{"you":"sent the-secret"}`)
	}))
	defer first.Close()
	p := NewProber(Eyes{Secret: func(ref string) (string, error) {
		if ref != "env:TOKEN" {
			return "", fmt.Errorf("no %s", ref)
		}
		return "the-secret", nil
	}})
	c := check.Check{
		Name: "api", URL: first.URL, Timeout: 5 * time.Second, FromConfig: true,
		Request: &check.Request{Method: "POST", Body: "env:TOKEN", Headers: map[string]string{"X-Token": "Bearer env:TOKEN"}},
	}
	if r := p.Probe(t.Context(), c); !r.OK {
		t.Errorf("the secret was not sent: %+v", r)
	}
	c.JSON = []string{`$.you == "sent nothing"`}
	if r := p.Probe(t.Context(), c); r.OK || strings.Contains(r.Detail, "the-secret") || !strings.Contains(r.Detail, "sent [secret]") {
		t.Errorf("the secret came back: %+v", r)
	}
	c.URL, c.JSON = first.URL+"/away", []string{`$.token == ""`, `$.body == ""`}
	if r := p.Probe(t.Context(), c); !r.OK {
		t.Errorf("a redirect took the secret along: %+v", r)
	}
	c.URL, c.JSON = first.URL, nil
	c.Request = &check.Request{Headers: map[string]string{"X-Token": "env:NONE"}}
	if r := p.Probe(t.Context(), c); !r.Unseen || !strings.Contains(r.Detail, "the secret env:NONE cannot be looked up") {
		t.Errorf("without the secret: %+v", r)
	}
	c.FromConfig, c.Owner.User = false, "terminal:ann"
	c.Request = &check.Request{Headers: map[string]string{"X-Token": "Bearer env:TOKEN"}}
	if r := p.Probe(t.Context(), c); r.OK || r.Code != http.StatusUnauthorized {
		t.Errorf("a check from chat was given the secret: %+v", r)
	}
}
