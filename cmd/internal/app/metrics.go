package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"deckhand/bot"
	"deckhand/commands/check"
)

// metrics is what /metrics shows, in Prometheus' text format. It is written by hand because the client library brings
// 2.3 MB of protocol buffers for a dozen lines; docs/decisions/0007 has the figures.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
type metrics struct {
	receive histogram
}

// receiveBounds are the upper ends of the buckets, in seconds.
var receiveBounds = [...]float64{.0001, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 3} //nolint:gochecknoglobals // a constant table

// histogram counts durations by bucket.
type histogram struct {
	buckets [len(receiveBounds) + 1]atomic.Uint64
	nanos   atomic.Uint64
}

func (h *histogram) observe(d time.Duration) {
	i, _ := slices.BinarySearch(receiveBounds[:], d.Seconds())
	h.buckets[i].Add(1)
	h.nanos.Add(uint64(max(0, d))) //nolint:gosec // not negative
}

// receiver measures what it hands on.
func (m *metrics) receiver(next bot.Receiver) bot.Receiver { return measured{m, next} }

type measured struct {
	metrics *metrics
	next    bot.Receiver
}

// Receive measures how long the next receiver takes.
func (r measured) Receive(ctx context.Context, message bot.Message) bot.Answer {
	begun := time.Now()
	defer func() { r.metrics.receive.observe(time.Since(begun)) }()
	return r.next.Receive(ctx, message)
}

// handler serves the counters, and reads the rest from the store when it is asked.
func (m *metrics) handler(h *House) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.receive.write(w)
		h.writeGauges(r.Context(), w)
	})
}

func (h *histogram) write(w io.Writer) {
	const name = "deckhand_receive_seconds"
	head(w, name, "histogram", "Time from a delivery to its answer, writing down included.")
	total := uint64(0)
	for i := range h.buckets {
		total += h.buckets[i].Load()
		bound := "+Inf"
		if i < len(receiveBounds) {
			bound = strconv.FormatFloat(receiveBounds[i], 'g', -1, 64)
		}
		_, _ = fmt.Fprintf(w, "%s_bucket{le=%q} %d\n", name, bound, total)
	}
	_, _ = fmt.Fprintf(w, "%s_sum %g\n%s_count %d\n", name, float64(h.nanos.Load())/1e9, name, total)
}

// writeGauges writes what the store and the dependencies say now. What cannot be read is left out of this answer.
func (h *House) writeGauges(ctx context.Context, w io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if jobs, err := h.store.Depth(ctx); err == nil {
		head(w, "deckhand_jobs", "gauge", "Jobs that wait or run.")
		_, _ = fmt.Fprintf(w, "deckhand_jobs %d\n", jobs)
	}
	head(w, "deckhand_dependency_up", "gauge", "1 where a dependency can be reached.")
	for name, dependency := range h.watch.snapshot() {
		_, _ = fmt.Fprintf(w, "deckhand_dependency_up{dependency=%s} %d\n", label(name), truth(dependency.OK))
	}
	states, err := h.store.States(ctx)
	if err != nil {
		return
	}
	head(w, "deckhand_check_up", "gauge", "1 where a check is up, 0 where it is down; absent while unknown.")
	for name, state := range states {
		if state.Status != check.Unknown {
			_, _ = fmt.Fprintf(w, "deckhand_check_up{check=%s} %d\n", label(name), truth(state.Status == check.Up))
		}
	}
	head(w, "deckhand_check_latency_seconds", "gauge", "Latency of a check's latest probe.")
	for name, state := range states {
		_, _ = fmt.Fprintf(w, "deckhand_check_latency_seconds{check=%s} %g\n", label(name), state.Last.Latency.Seconds())
	}
}

func head(w io.Writer, name, kind, help string) {
	_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// label quotes a label's value: backslash, quote and line feed are escaped.
func label(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

func truth(is bool) int {
	if is {
		return 1
	}
	return 0
}
