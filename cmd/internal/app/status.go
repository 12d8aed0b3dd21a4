package app

import (
	"encoding/json"
	"net/http"
	"time"

	"deckhand/bot/timetable"
	"deckhand/commands/check"
)

// Standing is where one check stands, for a status page.
type Standing struct {
	Name   string       `json:"name"`
	Kind   check.Kind   `json:"kind"`
	URL    string       `json:"url"`
	Status check.Status `json:"status"` // "up", "down" or "unknown"
	Since  *time.Time   `json:"since"`  // when that began; null while it is unknown
	Stale  bool         `json:"stale"`  // it was not looked at lately
	Last   *Last        `json:"last"`   // null before the first look
	Ends   *time.Time   `json:"certificate_ends,omitempty"`
}

// Last is the latest look.
type Last struct {
	At        time.Time `json:"at"`
	OK        bool      `json:"ok"`
	LatencyMS float64   `json:"latency_ms"`
	Detail    string    `json:"detail"`
}

// serveStatus answers where every check stands.
func (h *House) serveStatus(w http.ResponseWriter, r *http.Request) {
	standings, err := h.standings(r, time.Now().UTC())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		h.log.Warn("/status.json could not be answered", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "the checks cannot be read"})
		return
	}
	count := map[check.Status]int{check.Up: 0, check.Down: 0, check.Unknown: 0}
	for _, s := range standings {
		count[s.Status]++
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"at": time.Now().UTC(), "count": count, "checks": standings})
}

func (h *House) standings(r *http.Request, now time.Time) ([]Standing, error) {
	checks, err := h.store.Checks(r.Context())
	if err != nil {
		return nil, err
	}
	states, err := h.store.States(r.Context())
	if err != nil {
		return nil, err
	}
	certificates, err := h.store.Certificates(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]Standing, 0, len(checks))
	for _, c := range checks {
		s := states[c.Name]
		one := Standing{Name: c.Name, Kind: c.Kind(), URL: c.URL, Status: check.Unknown, Stale: check.Stale(c, s, timetable.Clock{}, now)}
		if s.Status == check.Up || s.Status == check.Down {
			one.Status, one.Since = s.Status, &s.Since
		}
		if last := s.Last; !last.At.IsZero() {
			one.Last = &Last{At: last.At, OK: last.OK, LatencyMS: float64(last.Latency.Microseconds()) / 1000, Detail: last.Detail}
		}
		if k, ok := certificates[c.Name]; ok {
			one.Ends = &k.Expires
		}
		out = append(out, one)
	}
	return out, nil
}
