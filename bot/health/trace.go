package health

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"deckhand/commands/check"
)

// trace takes the time of the parts of one look. Over redirects the parts add up. A nil trace takes none.
type trace struct {
	mu    sync.Mutex // the transport's own goroutines report too
	begun map[string]time.Time
	took  map[string]time.Duration
}

// The parts, in their order.
const (
	partDNS     = "DNS"
	partConnect = "connect"
	partTLS     = "TLS"
	partFirst   = "first byte"
	partBody    = "body"
)

func (t *trace) start(part string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun == nil {
		t.begun, t.took = map[string]time.Time{}, map[string]time.Duration{}
	}
	if t.begun[part].IsZero() { // of two connections that race, the first one counts
		t.begun[part] = time.Now()
	}
}

func (t *trace) stop(part string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if begun := t.begun[part]; !begun.IsZero() {
		t.took[part] += time.Since(begun)
		delete(t.begun, part)
	}
}

// end is the end of a body.
func (t *trace) end() { t.stop(partBody) }

// watch lets the HTTP client report to the trace.
func (t *trace) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { t.start(partDNS) },
		DNSDone:              func(httptrace.DNSDoneInfo) { t.stop(partDNS) },
		ConnectStart:         func(string, string) { t.start(partConnect) },
		ConnectDone:          func(string, string, error) { t.stop(partConnect) },
		TLSHandshakeStart:    func() { t.start(partTLS) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { t.stop(partTLS) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.start(partFirst) },
		GotFirstResponseByte: func() { t.stop(partFirst); t.start(partBody) },
	})
}

// steps are the parts that were gone through. One that was begun and not finished lasted until now.
func (t *trace) steps() []check.Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	var steps []check.Step
	for _, part := range []string{partDNS, partConnect, partTLS, partFirst, partBody} {
		took, ok := t.took[part]
		if begun := t.begun[part]; !begun.IsZero() {
			took, ok = took+time.Since(begun), true
		}
		if ok {
			steps = append(steps, check.Step{Name: part, Took: took})
		}
	}
	return steps
}
