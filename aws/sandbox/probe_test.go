package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
)

// program runs the source of a probe as Lambda does: an ask on a line of standard input, an answer on a line of standard output. The endpoints of a test are
// on this machine, which the function itself never looks at.
const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import index
index.closed = lambda address: False
for line in sys.stdin:
    print(json.dumps(index.lambda_handler(json.loads(line), None)), flush=True)
`

// contract is what a probe answers to an ask, of the program and of what plays it. ENDPOINT is an endpoint of this machine.
type contract struct {
	ask  aws.ProbeAsk
	kind aws.ProbeKind // of the failure; "" where there is none
	want func(aws.ProbeAnswer) bool
}

func contracts() map[string]contract {
	ok := func(a aws.ProbeAnswer) bool {
		return a.Status == 200 && a.Whole && a.Read == 15 && a.LatencyMS > 0 && a.TookMS["connect"] > 0
	}
	return map[string]contract{
		"an answer":            {ask: aws.ProbeAsk{URL: "ENDPOINT/", Private: true}, want: ok},
		"a text that is there": {ask: aws.ProbeAsk{URL: "ENDPOINT/", Private: true, Find: `"ok"`}, want: func(a aws.ProbeAnswer) bool { return a.Found && a.Body == nil }},
		"a text that is not":   {ask: aws.ProbeAsk{URL: "ENDPOINT/", Private: true, Find: "nothing"}, want: func(a aws.ProbeAnswer) bool { return !a.Found && a.Whole }},
		"the body":             {ask: aws.ProbeAsk{URL: "ENDPOINT/", Private: true, WantBody: true}, want: func(a aws.ProbeAnswer) bool { return string(a.Body) == `{"status":"ok"}` }},
		"headers": {ask: aws.ProbeAsk{URL: "ENDPOINT/", Private: true, WantHeaders: []string{"X-Two", "X-None"}}, want: func(a aws.ProbeAnswer) bool {
			return slices.Equal(a.Headers["X-Two"], []string{"a", "b"}) && a.Headers["X-None"] == nil
		}},
		"what is sent":              {ask: aws.ProbeAsk{URL: "ENDPOINT/echo", Private: true, Method: "POST", Headers: map[string]string{"X-Key": "käse", "Host": "shop.example.com"}, Body: "hé", WantBody: true}, want: func(a aws.ProbeAnswer) bool { return string(a.Body) == "POST shop.example.com käse hé" }},
		"a large body":              {ask: aws.ProbeAsk{URL: "ENDPOINT/large", Private: true}, want: func(a aws.ProbeAnswer) bool { return !a.Whole && a.Read == 1<<20+1 }},
		"503":                       {ask: aws.ProbeAsk{URL: "ENDPOINT/down", Private: true}, want: func(a aws.ProbeAnswer) bool { return a.Status == 503 }},
		"a redirect":                {ask: aws.ProbeAsk{URL: "ENDPOINT/to/", Private: true, Redirects: 1}, want: ok},
		"a redirect as the answer":  {ask: aws.ProbeAsk{URL: "ENDPOINT/to/", Private: true, Redirects: -1}, want: func(a aws.ProbeAnswer) bool { return a.Status == 302 }},
		"one redirect too many":     {ask: aws.ProbeAsk{URL: "ENDPOINT/to/to/", Private: true, Redirects: 1}, kind: aws.ProbeRedirects},
		"a redirect to metadata":    {ask: aws.ProbeAsk{URL: "ENDPOINT/metadata", Private: true, Redirects: 5}, kind: aws.ProbeForbidden},
		"a redirect to no endpoint": {ask: aws.ProbeAsk{URL: "ENDPOINT/file", Private: true, Redirects: 5}, kind: aws.ProbeScheme},
		"no secret for another host": {ask: aws.ProbeAsk{URL: "ENDPOINT/elsewhere", Private: true, Redirects: 5, Headers: map[string]string{"X-Key": "secret"}, WantBody: true}, want: func(a aws.ProbeAnswer) bool {
			return strings.HasPrefix(string(a.Body), "GET ") && !strings.Contains(string(a.Body), "secret")
		}},
		"metadata":                    {ask: aws.ProbeAsk{URL: "http://169.254.169.254/", Private: true}, kind: aws.ProbeForbidden},
		"metadata in IPv6's dress":    {ask: aws.ProbeAsk{URL: "http://[::ffff:169.254.169.254]/", Private: true}, kind: aws.ProbeForbidden},
		"metadata over NAT64":         {ask: aws.ProbeAsk{URL: "tcp://[64:ff9b::a9fe:a9fe]:80", Private: true}, kind: aws.ProbeForbidden},
		"EC2's own services":          {ask: aws.ProbeAsk{URL: "tls://[fd00:ec2::254]:443", Private: true}, kind: aws.ProbeForbidden},
		"a private address":           {ask: aws.ProbeAsk{URL: "http://10.255.255.1/"}, kind: aws.ProbePrivate},
		"a unique local address":      {ask: aws.ProbeAsk{URL: "http://[fd12:3456::1]/"}, kind: aws.ProbePrivate},
		"no name":                     {ask: aws.ProbeAsk{URL: "http://no-such-name.invalid/", TimeoutMS: 5000}, kind: aws.ProbeName},
		"nobody listens":              {ask: aws.ProbeAsk{URL: "http://127.0.0.1:1/", Private: true}, kind: aws.ProbeRefused},
		"an endpoint that hangs":      {ask: aws.ProbeAsk{URL: "ENDPOINT/hang", Private: true, TimeoutMS: 200}, kind: aws.ProbeLate, want: func(a aws.ProbeAnswer) bool { return a.LatencyMS < 1000 }},
		"a body that trickles":        {ask: aws.ProbeAsk{URL: "ENDPOINT/drip", Private: true, TimeoutMS: 200}, kind: aws.ProbeLate, want: func(a aws.ProbeAnswer) bool { return a.Status == 200 && a.LatencyMS < 1000 }},
		"a body that is cut":          {ask: aws.ProbeAsk{URL: "ENDPOINT/cut", Private: true}, kind: aws.ProbeClosed, want: func(a aws.ProbeAnswer) bool { return a.Status == 200 }},
		"what is not HTTP":            {ask: aws.ProbeAsk{URL: "ENDPOINT/noise", Private: true}, kind: aws.ProbeHTTP},
		"a connection":                {ask: aws.ProbeAsk{URL: "tcp://HOSTPORT", Private: true}, want: func(a aws.ProbeAnswer) bool { return a.Status == 0 && a.LatencyMS > 0 }},
		"no TLS":                      {ask: aws.ProbeAsk{URL: "tls://HOSTPORT", Private: true}, kind: aws.ProbeNoTLS},
		"no TLS over https":           {ask: aws.ProbeAsk{URL: "https://HOSTPORT/", Private: true}, kind: aws.ProbeNoTLS},
		"an authority nobody knows":   {ask: aws.ProbeAsk{URL: "SECURE/", Private: true}, kind: aws.ProbeAuthority},
		"an unknown authority by TLS": {ask: aws.ProbeAsk{URL: "tls://SECUREPORT", Private: true}, kind: aws.ProbeAuthority},
		"another version":             {ask: aws.ProbeAsk{Version: 99, URL: "ENDPOINT/", Private: true}, kind: aws.ProbeUnversed},
	}
}

// endpoint answers each path in its own way.
func endpoint(w http.ResponseWriter, r *http.Request) {
	raw := func(text string) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
	switch path, after := r.URL.Path, strings.TrimPrefix(r.URL.Path, "/to"); {
	case after != path:
		http.Redirect(w, r, after, http.StatusFound)
	case path == "/metadata":
		http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
	case path == "/file":
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	case path == "/elsewhere": // the same machine by another name is another host
		http.Redirect(w, r, "http://"+strings.Replace(r.Host, "127.0.0.1", "localhost", 1)+"/echo", http.StatusTemporaryRedirect)
	case path == "/echo":
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.Header.Get("X-Key")+" "+string(body))
	case path == "/large":
		_, _ = w.Write(make([]byte, 2<<20))
	case path == "/down":
		w.WriteHeader(http.StatusServiceUnavailable)
	case path == "/hang":
		<-r.Context().Done()
	case path == "/drip":
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond) // until the other side has had enough
		}
	case path == "/cut":
		raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
	case path == "/noise":
		raw("SSH-2.0-OpenSSH_9.6\r\n")
	default:
		w.Header()["X-Two"] = []string{"a", "b"}
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}
}

// keeps runs every contract against what looks.
func keeps(t *testing.T, look func(payload []byte) ([]byte, error)) {
	t.Helper()
	plain := httptest.NewServer(http.HandlerFunc(endpoint))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(endpoint))
	secure.Config.ErrorLog = silent()
	secure.StartTLS()
	defer secure.Close()
	fill := strings.NewReplacer("ENDPOINT", plain.URL, "HOSTPORT", plain.Listener.Addr().String(), "SECUREPORT", secure.Listener.Addr().String(), "SECURE/", secure.URL+"/")
	for name, c := range contracts() {
		if c.ask.Version == 0 {
			c.ask.Version = aws.ProbeVersion
		}
		if c.ask.TimeoutMS == 0 {
			c.ask.TimeoutMS = 5000
		}
		if c.ask.Method == "" {
			c.ask.Method = http.MethodGet
		}
		c.ask.URL = fill.Replace(c.ask.URL)
		payload, err := json.Marshal(c.ask)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := look(payload)
		var got aws.ProbeAnswer
		if err == nil {
			err = json.Unmarshal(raw, &got)
		}
		var kind aws.ProbeKind
		if got.Failure != nil {
			kind = got.Failure.Kind
		}
		if err != nil || got.Version != aws.ProbeVersion || kind != c.kind || c.want != nil && !c.want(got) {
			t.Errorf("%s: %.400s (%v), want failure %q", name, raw, err, c.kind)
		}
	}
}

func TestWhatPlaysAProbeKeepsTheContract(t *testing.T) {
	t.Parallel()
	keeps(t, func(payload []byte) ([]byte, error) {
		return json.Marshal(probed(context.Background(), payload, "eu-west-1", nil))
	})
}

func TestTheProgramOfAProbeKeepsTheContract(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("this machine has no python3")
	}
	command := exec.CommandContext(t.Context(), python, "-c", program, "../../commands/probes/function")
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(out)
	keeps(t, func(payload []byte) ([]byte, error) {
		if _, err := in.Write(append(payload, '\n')); err != nil {
			return nil, err
		}
		var raw json.RawMessage
		err := answers.Decode(&raw)
		return raw, err
	})
	if err := errors.Join(in.Close(), command.Wait()); err != nil {
		t.Errorf("%v: %s", err, said.String())
	}
}

// TestTheFunctionsOwnMachineIsNeverLookedAt: at a loopback address is the API that gives a function its next event.
func TestTheFunctionsOwnMachineIsNeverLookedAt(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("this machine has no python3")
	}
	var asks strings.Builder
	urls := []string{"http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "http://localhost:9001/", "http://[::1]:9001/", "http://[::ffff:127.0.0.1]:9001/", "http://0x7f.1:9001/"}
	for _, url := range urls {
		if err := json.NewEncoder(&asks).Encode(aws.ProbeAsk{Version: aws.ProbeVersion, URL: url, TimeoutMS: 2000, Private: true}); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), python, "-c", strings.Replace(program, "index.closed = lambda address: False\n", "", 1), "../../commands/probes/function")
	command.Stdin = strings.NewReader(asks.String())
	raw, err := command.Output()
	answers := json.NewDecoder(bytes.NewReader(raw))
	for _, url := range urls {
		var got aws.ProbeAnswer
		if err != nil || answers.Decode(&got) != nil || got.Failure == nil || got.Failure.Kind != aws.ProbeForbidden {
			t.Errorf("%s: %+v (%v)", url, got, err)
		}
	}
}

// silent is for servers whose clients are meant to hang up.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
