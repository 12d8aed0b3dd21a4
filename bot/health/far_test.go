package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// regions answer what a probe there does with an ask, by region.
type regions map[string]func(ctx context.Context, ask aws.ProbeAsk) (aws.FunctionAnswer, error)

func (r regions) InvokeFunction(ctx context.Context, t aws.Target, call aws.FunctionCall) (aws.FunctionAnswer, error) {
	var ask aws.ProbeAsk
	if err := json.Unmarshal(call.Payload, &ask); err != nil {
		return aws.FunctionAnswer{}, err
	}
	there := r[t.Region]
	if there == nil || call.Function != "deckhand-probe" || call.Async {
		return aws.FunctionAnswer{}, &commands.Error{Kind: commands.NotFound, Message: "Function not found."}
	}
	return there(ctx, ask)
}

// says is a probe that saw this.
func says(a aws.ProbeAnswer) func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) {
	return func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) {
		a.Version = aws.ProbeVersion
		raw, err := json.Marshal(a)
		return aws.FunctionAnswer{Payload: raw}, err
	}
}

func from(c check.Check, places ...string) check.Check {
	if c.URL == "" {
		c.URL = "https://shop.example.com/"
	}
	c.Name, c.Timeout, c.From, c.Agree, c.FromConfig = "shop", 5*time.Second, places, 1, true
	return c
}

func TestWhatAProbeSawIsJudgedAsFromHere(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(5*24*time.Hour + time.Hour).Unix()
	for name, c := range map[string]struct {
		check check.Check
		saw   aws.ProbeAnswer
		ok    bool
		says  string
	}{
		"a pass":                      {check.Check{}, aws.ProbeAnswer{Status: 200, Whole: true}, true, "HTTP 200 from 1 of 1"},
		"503":                         {check.Check{}, aws.ProbeAnswer{Status: 503}, false, "eu-west-1 HTTP 503"},
		"503 is expected":             {check.Check{Status: []int{503}}, aws.ProbeAnswer{Status: 503, Whole: true}, true, "HTTP 503"},
		"503, whose body hangs":       {check.Check{}, aws.ProbeAnswer{Status: 503, Failure: &aws.ProbeFailure{Kind: aws.ProbeLate}}, false, "HTTP 503"},
		"a body that hangs":           {check.Check{}, aws.ProbeAnswer{Status: 200, Failure: &aws.ProbeFailure{Kind: aws.ProbeLate}}, false, "no answer within 5 s: HTTP 200 came, but its body did not end"},
		"no answer":                   {check.Check{}, aws.ProbeAnswer{Failure: &aws.ProbeFailure{Kind: aws.ProbeLate}}, false, "eu-west-1 no answer within 5 s"},
		"a text that is there":        {check.Check{Body: "ok"}, aws.ProbeAnswer{Status: 200, Whole: true, Found: true}, true, "HTTP 200"},
		"a text that is not":          {check.Check{Body: "ok"}, aws.ProbeAnswer{Status: 200, Whole: true}, false, `the body does not contain "ok"`},
		"a text beyond a mebibyte":    {check.Check{Body: "ok"}, aws.ProbeAnswer{Status: 200}, false, `the first 1 MiB of the body does not contain "ok"`},
		"a condition that holds":      {check.Check{JSON: []string{`$.status == "ok"`}}, aws.ProbeAnswer{Status: 200, Whole: true, Body: []byte(`{"status":"ok"}`)}, true, "HTTP 200"},
		"a condition that does not":   {check.Check{JSON: []string{`$.status == "ok"`}}, aws.ProbeAnswer{Status: 200, Whole: true, Body: []byte(`{"status":"degraded"}`)}, false, `$.status is "degraded", not == "ok"`},
		"a body too large for JSON":   {check.Check{JSON: []string{"$.a"}}, aws.ProbeAnswer{Status: 200}, false, "the body is larger than 1 MiB and was not read as JSON"},
		"a header that is there":      {check.Check{Headers: map[string]string{"content-type": "json"}}, aws.ProbeAnswer{Status: 200, Whole: true, Headers: map[string][]string{"content-type": {"application/json"}}}, true, "HTTP 200"},
		"a header that is not":        {check.Check{Headers: map[string]string{"X-A": ""}}, aws.ProbeAnswer{Status: 200, Whole: true}, false, "the header X-A is not there"},
		"a certificate that ends":     {check.Check{ValidDays: 14}, aws.ProbeAnswer{Status: 200, Whole: true, Expires: soon}, false, "the certificate ends in 5 days, less than 14 days"},
		"too slow":                    {check.Check{MaxLatency: time.Second}, aws.ProbeAnswer{Status: 200, Whole: true, LatencyMS: 1500}, false, "answered in 1.5 s, more than 1 s"},
		"a connection":                {check.Check{URL: "tcp://db.example.com:5432"}, aws.ProbeAnswer{}, true, "connected from 1 of 1"},
		"no connection":               {check.Check{URL: "tcp://db.example.com:5432"}, aws.ProbeAnswer{Failure: &aws.ProbeFailure{Kind: aws.ProbeRefused}}, false, "connection refused"},
		"a handshake":                 {check.Check{URL: "tls://shop.example.com"}, aws.ProbeAnswer{Expires: soon}, true, "5 days more"},
		"a redirect to what is none":  {check.Check{}, aws.ProbeAnswer{Failure: &aws.ProbeFailure{Kind: aws.ProbeScheme, Text: "file"}}, false, "a redirect leads to file:, which is neither http nor https"},
		"a failure nobody knows":      {check.Check{}, aws.ProbeAnswer{Failure: &aws.ProbeFailure{Kind: "new", Text: "odd"}}, false, "no usable answer: odd"},
		"a private address":           {check.Check{}, aws.ProbeAnswer{Failure: &aws.ProbeFailure{Kind: aws.ProbePrivate}}, false, "refused to look at a private address"},
		"a compressed body that fits": {check.Check{Body: "ok"}, aws.ProbeAnswer{Status: 200, Whole: true, Headers: map[string][]string{"Content-Encoding": {"br"}}}, false, "it came compressed (br), which was not asked for"},
	} {
		p := NewProber(Eyes{Probes: regions{"eu-west-1": says(c.saw)}})
		r := p.Probe(t.Context(), from(c.check, "eu-west-1"))
		if r.OK != c.ok || r.Unseen || !strings.Contains(r.Detail, c.says) || r.Code != c.saw.Status {
			t.Errorf("%s: %+v, want ok %v, %q", name, r, c.ok, c.says)
		}
		if refused := c.saw.Failure != nil && c.saw.Failure.Kind == aws.ProbePrivate; r.Refused != refused {
			t.Errorf("%s: refused is %v", name, r.Refused)
		}
	}
}

// TestEveryKindOfFailureHasWords: a kind of the contract is never told as one that nobody knows.
func TestEveryKindOfFailureHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []aws.ProbeKind{
		aws.ProbeLate, aws.ProbeName, aws.ProbeResolver, aws.ProbeRefused, aws.ProbeReset, aws.ProbeUnreachable, aws.ProbeClosed, aws.ProbeForbidden, aws.ProbePrivate,
		aws.ProbeRedirects, aws.ProbeScheme, aws.ProbeHTTP, aws.ProbeHeaders, aws.ProbeNoTLS, aws.ProbeTLS, aws.ProbeExpired, aws.ProbeNotYet, aws.ProbeHost, aws.ProbeAuthority, aws.ProbeCertificate,
	} {
		if words := failed(aws.ProbeFailure{Kind: kind}, time.Second); strings.HasPrefix(words, "no usable answer") || words == "" {
			t.Errorf("%s: %q", kind, words)
		}
	}
}

func TestAPlaceThatCannotLookSaysNothing(t *testing.T) {
	t.Parallel()
	fails := func(err error) func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) {
		return func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) { return aws.FunctionAnswer{}, err }
	}
	answers := func(a aws.FunctionAnswer) func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) {
		return func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error) { return a, nil }
	}
	for words, there := range map[string]func(context.Context, aws.ProbeAsk) (aws.FunctionAnswer, error){
		"there is no probe: probe create eu-west-1 makes one": nil,
		"AWS throttles":                                      fails(&commands.Error{Kind: commands.Unavailable, Message: "AWS throttles."}),
		"You are not authorized":                             fails(&commands.Error{Kind: commands.Denied, Message: "You are not authorized."}),
		"no clear answer came back":                          fails(&commands.Error{Kind: commands.Uncertain, Message: "It may have been done."}),
		"its probe failed: Sandbox.Timedout: Task timed out": answers(aws.FunctionAnswer{Failure: "Unhandled", Payload: []byte(`{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out"}`)}),
		"its probe failed":                                   answers(aws.FunctionAnswer{Failure: "Unhandled"}),
		"what its probe answered cannot be read":             answers(aws.FunctionAnswer{Payload: []byte(`"hello"`)}),
		"what its probe answered cannot":                     answers(aws.FunctionAnswer{Payload: []byte(`{"sandbox": "nothing ran"}`)}),
		"its probe is of another version":                    answers(aws.FunctionAnswer{Payload: []byte(`{"probe":2,"status":200}`)}),
		"probe create eu-west-1 brings it up":                answers(aws.FunctionAnswer{Payload: []byte(`{"probe":1,"failure":{"kind":"version"}}`)}),
	} {
		p := NewProber(Eyes{Probes: regions{"eu-west-1": there, "us-east-1": says(aws.ProbeAnswer{Status: 200, Whole: true}), "sa-east-1": says(aws.ProbeAnswer{Status: 500})}})
		c := from(check.Check{}, "eu-west-1", "us-east-1", "sa-east-1")
		c.Agree = 2
		r := p.Probe(t.Context(), c)
		if !r.Unseen || r.OK || !strings.Contains(r.Detail, words) || !strings.Contains(r.Detail, "not measured from eu-west-1 (") {
			t.Errorf("%s: %+v", words, r)
		}
		if c.From, c.Agree = c.From[:2], 2; !p.Probe(t.Context(), c).OK {
			t.Errorf("%s: of two that must agree one sees it well", words)
		}
	}
	if r := NewProber(Eyes{}).Probe(t.Context(), from(check.Check{}, "eu-west-1")); !r.Unseen || !strings.Contains(r.Detail, "probes cannot be asked here") {
		t.Errorf("without AWS: %+v", r)
	}
}

func TestWhatAProbeIsAsked(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked aws.ProbeAsk
	there := regions{"eu-west-1": func(ctx context.Context, ask aws.ProbeAsk) (aws.FunctionAnswer, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = ask
		return says(aws.ProbeAnswer{Status: 200, Whole: true, Headers: map[string][]string{"X-Echo": {"hunter2"}}})(ctx, ask)
	}}
	secret := func(reference string) (string, error) {
		if reference != "env:API_TOKEN" {
			return "", errors.New("nothing is there")
		}
		return "hunter2", nil
	}
	look := func(c check.Check, private bool) (aws.ProbeAsk, check.Result) {
		r := NewProber(Eyes{Probes: there, Secret: secret, Private: private}).Probe(t.Context(), c)
		return asked, r
	}
	c := from(check.Check{Body: "ok", Headers: map[string]string{"X-Echo": "yes"}, Request: &check.Request{Method: "POST", Headers: map[string]string{"Authorization": "Bearer env:API_TOKEN"}, Body: "ping"}}, "eu-west-1")
	ask, r := look(c, false)
	want := aws.ProbeAsk{
		Version: 1, URL: "https://shop.example.com/", Method: "POST", Headers: map[string]string{"Authorization": "Bearer hunter2"}, Body: "ping", Redirects: 5, TimeoutMS: 5000, Private: true,
		WantHeaders: []string{"X-Echo"}, Find: "ok",
	}
	if !reflect.DeepEqual(ask, want) {
		t.Errorf("asked %+v", ask)
	}
	if strings.Contains(r.Detail, "hunter2") || !strings.Contains(r.Detail, "[secret]") {
		t.Errorf("a secret comes back: %s", r.Detail)
	}
	if c.Request.Headers["Authorization"] != "Bearer env:API_TOKEN" {
		t.Error("the check keeps the secret")
	}
	c.FromConfig, c.Owner.User = false, "U1"
	if ask, _ = look(c, false); ask.Private || ask.Headers["Authorization"] != "Bearer env:API_TOKEN" {
		t.Errorf("from chat: %+v", ask)
	}
	if ask, _ = look(c, true); !ask.Private {
		t.Error("health.allow_private is not told")
	}
	c.Owner.User = "terminal:ann"
	if ask, _ = look(c, false); !ask.Private {
		t.Error("a terminal's check may look at private addresses")
	}
	c.FromConfig, c.Request = true, &check.Request{Headers: map[string]string{"Authorization": "env:GONE"}}
	if _, r = look(c, false); !r.Unseen || !strings.Contains(r.Detail, "the secret env:GONE cannot be looked up") {
		t.Errorf("a secret that is gone: %+v", r)
	}
	if ask, _ = look(from(check.Check{Status: []int{302}}, "eu-west-1"), false); ask.Redirects != -1 || ask.Method != http.MethodGet {
		t.Errorf("a redirect is wanted: %+v", ask)
	}
	if ask, _ = look(from(check.Check{URL: "tls://shop.example.com"}, "eu-west-1"), false); ask.URL != "tls://shop.example.com:443" || ask.Method != "" {
		t.Errorf("a handshake: %+v", ask)
	}
}

// mixed looks by probes where a check says so, and as its world does elsewhere.
type mixed struct {
	*world
	far *Prober
}

func (m mixed) Probe(ctx context.Context, c check.Check) check.Result {
	if len(c.From) > 0 {
		return m.far.Probe(ctx, c)
	}
	return m.world.Probe(ctx, c)
}

func TestProbesThatHangHoldNobodyUp(t *testing.T) {
	t.Parallel()
	bubble(t, "neither looks from here nor those from elsewhere", func(t *testing.T) {
		w := newWorld()
		for i := range 200 {
			w.checks = append(w.checks, every(fmt.Sprint("near", i)))
		}
		for i := range 100 {
			c := every(fmt.Sprint("well", i))
			c.From, c.Agree = []string{"us-east-1"}, 1
			w.checks = append(w.checks, c)
		}
		for i := range 1500 {
			c := every(fmt.Sprint("hang", i))
			c.From, c.Agree = []string{"eu-west-1"}, 1
			w.checks = append(w.checks, c)
		}
		var mu sync.Mutex
		hanging, most := 0, 0
		far := NewProber(Eyes{Probes: regions{
			"us-east-1": func(ctx context.Context, ask aws.ProbeAsk) (aws.FunctionAnswer, error) {
				time.Sleep(50 * time.Millisecond)
				return says(aws.ProbeAnswer{Status: 200, Whole: true, LatencyMS: 20})(ctx, ask)
			},
			"eu-west-1": func(ctx context.Context, _ aws.ProbeAsk) (aws.FunctionAnswer, error) {
				mu.Lock()
				hanging++
				most = max(most, hanging)
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				hanging--
				mu.Unlock()
				return aws.FunctionAnswer{}, ctx.Err()
			},
		}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- process(ctx, Settings{Store: w, Prober: mixed{w, far}, Messenger: w, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.Now}, true)
		}()
		begun := time.Now()
		time.Sleep(110 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if most > placeWidth {
			t.Errorf("%d looks were under way at once from one place", most)
		}
		for name, results := range w.results {
			if strings.HasPrefix(name, "hang") {
				t.Fatalf("%s has results: %+v", name, results[0])
			}
			late := 4 * time.Second // eight at a time from a place
			if strings.HasPrefix(name, "near") {
				late = 0
			}
			for i := 1; i < len(results); i++ {
				known := late == 0 || results[i-1].At.Sub(begun) > time.Minute // which of them hang
				if gap := results[i].At.Sub(results[i-1].At); known && gap < 10*time.Second-late || known && gap > 10*time.Second+late {
					t.Fatalf("%s: a gap of %v", name, gap)
				}
			}
		}
		if n := len(w.results); n != 300 {
			t.Errorf("%d checks have results, want 300", n)
		}
		if said := w.said(); said != "" {
			t.Errorf("it was told: %s", said)
		}
	})
}
