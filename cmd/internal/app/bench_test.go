package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"deckhand/config"
)

const benchConfig = `
slack: {transport: http, bot_token: env:TOKEN, signing_secret: env:TOKEN, listen: 127.0.0.1:0, api_url: "http://127.0.0.1:9/api/"}
aws: {region: us-east-1}
store: {url: "sqlite:%s"}
policy:
  - {who: ["*"], what: ["vm create"], effect: deny}
  - {who: ["*"], what: ["*"], effect: allow}
`

// BenchmarkAcknowledge is what an answered line costs between net/http and its answer: signature, form, language, policy, words. Each
// is another delivery, of the line with which acknowledgements are measured from outside.
func BenchmarkAcknowledge(b *testing.B) {
	c, err := config.Parse("bench.yaml", fmt.Appendf(nil, benchConfig, filepath.Join(b.TempDir(), "deckhand.db")), func(config.Ref) (string, error) { return "secret", nil })
	if err != nil {
		b.Fatal(err)
	}
	h, err := Open(b.Context(), Settings{Serving: true, Config: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for _, line := range []string{"create --image-id ami-12345678 --count 2 --instance-type t2.micro --key-name mykey", "help stop"} {
		b.Run(strings.Fields(line)[0], func(b *testing.B) { benchLine(b, h.withCalls("slack", h.endpoint), line) })
	}
}

func benchLine(b *testing.B, door http.Handler, line string) {
	form := "api_app_id=A0123456789&channel_id=C2147483705&channel_name=ops-chat&command=%2Fvm&is_enterprise_install=false" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0001ABCD%2F1234567890123%2FAbCdEfGhIjKlMnOpQrStUvWx&team_domain=example-workspace" +
		"&team_id=T0001ABCD&token=gIkuvaNzQIHg97ATvDxqgjtO&user_id=U2147483697&user_name=steve.operator&text=" + url.QueryEscape(line) + "&trigger_id="
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte("secret"))
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		body := form + strconv.Itoa(n)
		mac.Reset()
		io.WriteString(mac, "v0:"+stamp+":"+body)
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/slack/commands", bytes.NewReader([]byte(body)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Slack-Request-Timestamp", stamp)
		r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
		w := httptest.NewRecorder()
		if door.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body.String())
		}
	}
}
