package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/commands/check"
	"deckhand/config"
)

const statusConfig = `
aws: {region: us-east-1}
store: {url: "sqlite:%s"}
admin: {listen: 127.0.0.1:9090}
checks:
  - {name: shop, url: "https://shop.example.com/", schedule: "@every 1m"}
  - {name: nightly, schedule: "@every 1m", heartbeat: {every: 24h, token: env:TOKEN}}
`

// TestWhatAdminServes: the calls of heartbeats, the status page's data and the metrics of every check.
func TestWhatAdminServes(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("status.yaml", fmt.Appendf(nil, statusConfig, filepath.Join(t.TempDir(), "deckhand.db")), func(config.Ref) (string, error) {
		return "token-of-the-nightly-backup", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), Settings{Config: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	server := httptest.NewServer(h.withCalls("admin", h.admin()))
	defer server.Close()
	get := func(path string) (int, string) {
		t.Helper()
		w := httptest.NewRecorder()
		server.Config.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	if code, _ := get("/heartbeat/token-of-the-nightly-backup"); code != http.StatusOK {
		t.Errorf("a call is answered with %d", code)
	}
	if code, _ := get("/heartbeat/another"); code != http.StatusNotFound {
		t.Errorf("a wrong token is answered with %d", code)
	}
	if last, err := h.store.LastBeat(t.Context(), "nightly"); err != nil || time.Since(last) > time.Minute {
		t.Errorf("the call is of %v, %v", last, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	down := check.Result{Check: "shop", At: now, Code: 503, Detail: "HTTP 503", Latency: 12500 * time.Microsecond}
	if err := h.store.SaveResults(t.Context(), check.Looks{Results: []check.Result{down}, States: []check.State{{Check: "shop", Status: check.Down, Since: now, Last: down}}}); err != nil {
		t.Fatal(err)
	}
	ends := now.Add(240 * time.Hour).Truncate(time.Second)
	if err := h.store.SaveCertificate(t.Context(), "shop", check.Certificate{Expires: ends}); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Count  map[string]int
		Checks []Standing
	}
	code, body := get("/status.json")
	if err := json.Unmarshal([]byte(body), &page); err != nil || code != http.StatusOK {
		t.Fatalf("%d, %v: %s", code, err, body)
	}
	nightly, shop := page.Checks[0], page.Checks[1]
	if page.Count["down"] != 1 || page.Count["unknown"] != 1 || page.Count["up"] != 0 || nightly.Kind != check.Beat || nightly.Last != nil || nightly.Since != nil {
		t.Errorf("%s", body)
	}
	if shop.Status != check.Down || !shop.Since.Equal(now) || shop.Last.LatencyMS != 12.5 || shop.Last.Detail != "HTTP 503" || !shop.Ends.Equal(ends) || shop.Stale {
		t.Errorf("%s", body)
	}
	if strings.Contains(body, "token-of") {
		t.Error("the page tells the token")
	}
	_, metrics := get("/metrics")
	for _, line := range []string{
		`deckhand_check_up{check="shop"} 0`, `deckhand_check_latency_seconds{check="shop"} 0.0125`,
		fmt.Sprintf(`deckhand_check_certificate_expiry_seconds{check="shop"} %d`, ends.Unix()),
		`deckhand_check_last_seconds{check="nightly",kind="heartbeat"} 0`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("%s is not in the metrics", line)
		}
	}
}
