package app

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/commands/check"
)

// metrics is what /metrics shows, in Prometheus' text format. It is written by hand because the client library brings
// 2.3 MB of protocol buffers for a dozen lines; docs/decisions/0007 has the figures.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
type metrics struct {
	receive  *histogram
	requests *tally
	runs     *durations
	aws      *tally
	slack    *tally
}

func newMetrics() *metrics {
	return &metrics{
		receive:  newHistogram([]float64{.0001, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 3}),
		requests: newTally("deckhand_lines_total", "Lines by command and by how they ended.", "command", "outcome"),
		runs: newDurations("deckhand_run_seconds", "How long commands ran, waiting for AWS included.", "command",
			.01, .05, .25, 1, 5, 15, 60, 300, 1800),
		aws:   newTally("deckhand_aws_calls_total", "Tries of calls to AWS.", "service", "operation", "outcome"),
		slack: newTally("deckhand_slack_calls_total", "Calls to Slack by HTTP status; 0 where no answer came.", "method", "status"),
	}
}

// ended counts a line and how long it ran.
func (m *metrics) ended(command, outcome string, ran time.Duration) {
	m.requests.add(command, outcome)
	if ran > 0 {
		m.runs.observe(command, ran)
	}
}

func (m *metrics) tried(service, operation, outcome string) { m.aws.add(service, operation, outcome) }

func (m *metrics) answered(method string, status int) { m.slack.add(method, strconv.Itoa(status)) }

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
		const received = "deckhand_receive_seconds"
		head(w, received, "histogram", "Time from a delivery to its answer, writing down included.")
		m.receive.write(w, received, "")
		m.requests.write(w)
		m.runs.write(w)
		m.aws.write(w)
		m.slack.write(w)
		h.writeGauges(r.Context(), w)
	})
}

// writeGauges writes what the store and the dependencies say now. What cannot be read is left out of this answer.
func (h *House) writeGauges(ctx context.Context, w io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if jobs, err := h.store.Depth(ctx); err == nil {
		head(w, "deckhand_jobs", "gauge", "Jobs that wait or run.")
		_, _ = fmt.Fprintf(w, "deckhand_jobs %d\n", jobs)
	}
	if unfinished, err := h.store.Unfinished(ctx); err == nil {
		head(w, "deckhand_requests_unfinished", "gauge", "Requests that are asked, waiting, queued or running.")
		_, _ = fmt.Fprintf(w, "deckhand_requests_unfinished %d\n", unfinished)
	}
	if bytes, err := h.store.Size(ctx); err == nil {
		head(w, "deckhand_store_bytes", "gauge", "Size of the database.")
		_, _ = fmt.Fprintf(w, "deckhand_store_bytes %d\n", bytes)
	}
	if h.watching != nil {
		ours, _ := h.watching.Share()
		head(w, "deckhand_checks_here", "gauge", "Checks that this process looks at; where several share a database, each has a part.")
		_, _ = fmt.Fprintf(w, "deckhand_checks_here %d\n", ours)
	}
	if now, err := h.store.Configuration(ctx); err == nil {
		head(w, "deckhand_configuration_in_force", "gauge", "1 where the checks and schedules that this process came with are in force.")
		_, _ = fmt.Fprintf(w, "deckhand_configuration_in_force %d\n", truth(now.Agrees()))
	}
	h.writeDependencies(w)
	h.writeLag(ctx, w)
	h.writeChecks(ctx, w)
}

// writeChecks says where each check stands.
func (h *House) writeChecks(ctx context.Context, w io.Writer) {
	checks, err := h.store.Checks(ctx)
	if err != nil {
		return
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
	head(w, "deckhand_check_last_seconds", "gauge", "Unix time of a check's latest probe; 0 where there was none.")
	for _, c := range checks {
		at := int64(0)
		if last := states[c.Name].Last.At; !last.IsZero() {
			at = last.Unix()
		}
		_, _ = fmt.Fprintf(w, "deckhand_check_last_seconds{check=%s,kind=%s} %d\n", label(c.Name), label(string(c.Kind())), at)
	}
	certificates, err := h.store.Certificates(ctx)
	if err != nil {
		return
	}
	domains := map[string]bool{}
	for _, c := range checks {
		domains[c.Name] = c.Kind() == check.Domain
	}
	for _, what := range []struct {
		name, help string
		domain     bool
	}{
		{"deckhand_check_certificate_expiry_seconds", "Unix time at which the certificate ends that a check saw.", false},
		{"deckhand_check_domain_expiry_seconds", "Unix time at which the registration of a domain ends.", true},
	} {
		head(w, what.name, "gauge", what.help)
		for _, name := range slices.Sorted(maps.Keys(certificates)) {
			if domains[name] == what.domain {
				_, _ = fmt.Fprintf(w, "%s{check=%s} %d\n", what.name, label(name), certificates[name].Expires.Unix())
			}
		}
	}
}

func (h *House) writeDependencies(w io.Writer) {
	all := h.watch.snapshot()
	head(w, "deckhand_dependency_up", "gauge", "1 where a dependency can be reached.")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		_, _ = fmt.Fprintf(w, "deckhand_dependency_up{dependency=%s} %d\n", label(name), truth(all[name].OK))
	}
	head(w, "deckhand_dependency_since_seconds", "gauge", "Unix time since when a dependency is as it is: for the socket, its age.")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		_, _ = fmt.Fprintf(w, "deckhand_dependency_since_seconds{dependency=%s} %d\n", label(name), all[name].Since.Unix())
	}
}

// writeLag says how far the checks and the timetable are behind.
func (h *House) writeLag(ctx context.Context, w io.Writer) {
	checks, schedules, err := h.lag(ctx, time.Now())
	if err != nil {
		return
	}
	head(w, "deckhand_check_lag_seconds", "gauge", "How late the check is that is overdue most; 0 where none is.")
	_, _ = fmt.Fprintf(w, "deckhand_check_lag_seconds %g\n", checks.late.Seconds())
	head(w, "deckhand_schedule_lag_seconds", "gauge", "How late the line of the timetable is that is overdue most; 0 where none is.")
	_, _ = fmt.Fprintf(w, "deckhand_schedule_lag_seconds %g\n", schedules.late.Seconds())
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
