package intake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// atOnce is a receiver that costs nothing, so that what is measured is the intake.
type atOnce struct{}

func (atOnce) Receive(context.Context, bot.Message) bot.Answer {
	return bot.Answer{Report: commands.Report{Title: "Creating 2 x t2.micro from ami-12345678 (key mykey)"}}
}

// plainly renders as the floor answers: text alone.
func plainly(report commands.Report) (string, []slack.Block) { return report.Title, nil }

const benchForm = "api_app_id=A0123456789&channel_id=C2147483705&channel_name=ops-chat&command=%2Fvm&is_enterprise_install=false" +
	"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0001ABCD%2F1234567890123%2FAbCdEfGhIjKlMnOpQrStUvWx&team_domain=example-workspace" +
	"&team_id=T0001ABCD&text=create+--image-id+ami-12345678+--count+2+--instance-type+t2.micro+--key-name+mykey" +
	"&token=gIkuvaNzQIHg97ATvDxqgjtO&trigger_id=13345224609.738474920.8088930838d88f&user_id=U2147483697&user_name=steve.operator"

// bare is the floor: the signature is checked and a constant is answered.
func bare(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	stamp := r.Header.Get("X-Slack-Request-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if age := time.Since(time.Unix(at, 0)).Abs(); err != nil || age > signatureAge {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, "v0:"+stamp+":")
	mac.Write(body)
	if !hmac.Equal([]byte("v0="+hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Slack-Signature"))) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"response_type":"ephemeral","text":"Creating 2 x t2.micro from ami-12345678 (key mykey)"}`)
}

func benchEndpoint() *Endpoint {
	return Handler(Settings{
		SigningSecrets: []string{secret}, Render: plainly, IsNoun: isNoun,
		Whisper: func(context.Context, bot.Message, commands.Report) error { return nil },
	}, atOnce{})
}

// BenchmarkSlash measures a slash command's acknowledgement beside the floor: the handler alone, and behind net/http.
func BenchmarkSlash(b *testing.B) {
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"bare", http.HandlerFunc(bare)}, {"deckhand", benchEndpoint()}} {
		b.Run("handler/"+c.name, func(b *testing.B) { benchHandler(b, c.handler) })
		b.Run("server/"+c.name, func(b *testing.B) { benchServer(b, c.handler) })
	}
}

func benchRequest(b *testing.B, url string) *http.Request {
	b.Helper()
	r, err := http.NewRequest(http.MethodPost, url+"/slack/commands", bytes.NewReader([]byte(benchForm)))
	if err != nil {
		b.Fatal(err)
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", sign(secret, stamp, benchForm))
	return r
}

func benchHandler(b *testing.B, handler http.Handler) {
	r := benchRequest(b, "")
	body := bytes.NewReader(nil)
	r.Body = io.NopCloser(body)
	b.ReportAllocs()
	for b.Loop() {
		body.Reset([]byte(benchForm))
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func benchServer(b *testing.B, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	r := benchRequest(b, server.URL)
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(bytes.NewReader([]byte(benchForm)))
		response, err := server.Client().Do(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

// BenchmarkSocket measures a slash command's acknowledgement over a socket, the sender's part included.
func BenchmarkSocket(b *testing.B) {
	gateway := &gateway{opened: make(chan *link, 1), acks: make(chan ackFrame, 1), attempts: make(chan struct{}, 1)}
	gateway.refusal.Store("")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/apps.connections.open", gateway.open)
	mux.HandleFunc("/link", gateway.link)
	gateway.Server = httptest.NewServer(mux)
	defer gateway.Close()
	settings := gateway.settings(newInbox(nil))
	settings.Render = plainly
	socket := NewSocket(settings, atOnce{})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- socket.Run(ctx) }()
	link := <-gateway.opened
	frame := []byte(`{"envelope_id":"00000001-0000-4000-8000-000000000000","type":"slash_commands","accepts_response_payload":true,"payload":` + slashPayload("create --image-id ami-12345678") + `}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := link.conn.WriteMessage(websocket.TextMessage, frame); err != nil {
			b.Fatal(err)
		}
		<-gateway.acks
	}
	cancel()
	<-ended
}
