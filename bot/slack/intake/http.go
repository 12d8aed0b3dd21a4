package intake

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
)

const (
	maxBody   = 1 << 20  // the largest body that is read, in bytes
	announced = 16 << 10 // a client may announce more than it sends: what is set aside at its word is bounded
)

const (
	formType  = "application/x-www-form-urlencoded"
	jsonType  = "application/json"
	plainType = "text/plain; charset=utf-8"
)

const somethingWrong = "Something inside deckhand went wrong. The log has the details."

// Settings say how signed HTTP is taken in. SigningSecrets, Whisper and Render are required; without Open there are no modals.
type Settings struct {
	SigningSecrets []string // each of them is accepted, so that a secret can be exchanged
	Whisper        Whisper
	Open           Open
	Render         Render
	Commands       []string          // the slash commands that the app declares; others are answered too, and logged
	IsNoun         func(string) bool // tells which commands name a noun: "vm" for /vm
	BotUserID      func() string     // the bot's own user; answers "" while it is not known
	Now            func() time.Time  // time.Now where nil
	Log            *slog.Logger
}

// Endpoint takes in what Slack posts to /slack/commands, /slack/interactions and /slack/events.
type Endpoint struct {
	handover
	translator
	verifier verifier
	commands []string
}

// Handler answers Slack's posts. The server around it is expected to bound how long a client may take to send a request.
func Handler(s Settings, receiver bot.Receiver) *Endpoint {
	log := orDiscard(s.Log)
	return &Endpoint{
		handover:   handover{receiver: receiver, render: s.Render, whispers: newWhispers(s.Whisper, s.Open, log)},
		translator: translator{now: orNow(s.Now), isNoun: orNever(s.IsNoun), botUser: orNobody(s.BotUserID), log: log},
		verifier:   newVerifier(s.SigningSecrets),
		commands:   s.Commands,
	}
}

// Drain waits for the private answers that are still on their way, until ctx ends. Call it after the server is shut down.
func (e *Endpoint) Drain(ctx context.Context) error { return e.whispers.drain(ctx) }

// reply is an HTTP answer.
type reply struct {
	status      int
	contentType string
	body        []byte
	allow       string
}

func refuse(status int, sentence string) *reply {
	return &reply{status: status, contentType: plainType, body: []byte(sentence + "\n")}
}

// ServeHTTP implements http.Handler.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := e.answer(r)
	e.note(r, out)
	header := w.Header()
	if out.contentType != "" {
		header.Set("Content-Type", out.contentType)
		header.Set("X-Content-Type-Options", "nosniff")
	}
	if out.allow != "" {
		header.Set("Allow", out.allow)
	}
	header.Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if _, err := w.Write(out.body); err != nil {
		e.log.Debug("Slack hung up before the answer.", "path", r.URL.Path, "error", err)
	}
}

// note logs refusals. A wrong signature is most often a wrong secret in the configuration: the operator should see it.
func (e *Endpoint) note(r *http.Request, out *reply) {
	switch {
	case out.status == http.StatusUnauthorized:
		e.log.Warn("A request was refused.", "path", r.URL.Path, "from", r.RemoteAddr, "reason", string(out.body))
	case out.status >= http.StatusBadRequest:
		e.log.Debug("A request was refused.", "path", r.URL.Path, "from", r.RemoteAddr, "reason", string(out.body))
	}
}

// defect answers calmly; what went wrong is for the log alone.
func (e *Endpoint) defect(r *http.Request, reason any) *reply {
	e.log.Error("Taking in a request went wrong.", "path", r.URL.Path, "reason", reason, "stack", string(debug.Stack()))
	return refuse(http.StatusInternalServerError, somethingWrong)
}

func (e *Endpoint) answer(r *http.Request) (out *reply) {
	defer func() {
		if reason := recover(); reason != nil {
			out = e.defect(r, reason)
		}
	}()
	switch r.URL.Path {
	case "/slack/commands":
		return e.slashCommand(r)
	case "/slack/interactions":
		return e.pressed(r)
	case "/slack/events":
		return e.happened(r)
	default:
		return refuse(http.StatusNotFound, "Nothing is here. Slack's requests go to /slack/commands, /slack/interactions and /slack/events.")
	}
}

func (e *Endpoint) slashCommand(r *http.Request) *reply {
	if r.Method == http.MethodGet && r.URL.Query().Get("ssl_check") == "1" {
		return acknowledged()
	}
	body, refusal := e.admit(r, formType)
	if refusal != nil {
		if refusal.status == http.StatusUnauthorized && isCertificateCheck(body) {
			return acknowledged()
		}
		return refusal
	}
	var room [16]field // more than Slack sends
	form, err := readForm(room[:0], string(body))
	if err != nil {
		return refuse(http.StatusBadRequest, "The form is not properly encoded.")
	}
	if form.get("ssl_check") == "1" {
		return acknowledged()
	}
	message, err := e.slash(slack.SlashCommand{
		Command:     form.get("command"),
		Text:        form.get("text"),
		UserID:      form.get("user_id"),
		ChannelID:   form.get("channel_id"),
		TeamID:      form.get("team_id"),
		ResponseURL: form.get("response_url"),
		TriggerID:   form.get("trigger_id"),
	}, signed(r, body))
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	if len(e.commands) > 0 && !slices.Contains(e.commands, form.get("command")) {
		e.log.Debug("This slash command is not among the configured ones.", "command", form.get("command"))
	}
	report, inside := e.ask(r.Context(), message)
	if !inside {
		return acknowledged()
	}
	content, err := json.Marshal(e.acknowledgement(report))
	if err != nil {
		return e.defect(r, err)
	}
	return &reply{status: http.StatusOK, contentType: jsonType, body: content}
}

func (e *Endpoint) pressed(r *http.Request) *reply {
	body, refusal := e.admit(r, formType)
	if refusal != nil {
		return refusal
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return refuse(http.StatusBadRequest, "The form is not properly encoded.")
	}
	from := signed(r, []byte(form.Get("payload")))
	done, err := e.interaction(from)
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	refused := e.act(r.Context(), done)
	if refused == nil {
		return acknowledged()
	}
	content, err := json.Marshal(refused)
	if err != nil {
		return e.defect(r, err)
	}
	return &reply{status: http.StatusOK, contentType: jsonType, body: content}
}

func (e *Endpoint) happened(r *http.Request) *reply {
	body, refusal := e.admit(r, jsonType)
	if refusal != nil {
		return refusal
	}
	outer, err := e.callback(body)
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	if outer.Type == "url_verification" {
		return &reply{status: http.StatusOK, contentType: plainType, body: []byte(outer.Challenge)}
	}
	message, ok, err := e.event(outer, signed(r, body))
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	if ok {
		e.tell(r.Context(), message)
	}
	return acknowledged()
}

// admit reads the body of a request that may be Slack's, or answers why it is refused. The body comes with a
// refusal too where only the signature is wrong.
func (e *Endpoint) admit(r *http.Request, contentType string) ([]byte, *reply) {
	if r.Method != http.MethodPost {
		out := refuse(http.StatusMethodNotAllowed, "Only POST is taken here.")
		out.allow = http.MethodPost
		return nil, out
	}
	if !isType(r.Header.Get("Content-Type"), contentType) {
		return nil, refuse(http.StatusUnsupportedMediaType, "The content type here is "+contentType+".")
	}
	body, refusal := read(r)
	if refusal != nil {
		return nil, refusal
	}
	if err := e.verifier.check(r.Header, body, e.now()); err != nil {
		return body, refuse(http.StatusUnauthorized, err.Error())
	}
	return body, nil
}

func read(r *http.Request) ([]byte, *reply) {
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	if r.ContentLength >= 0 && r.ContentLength <= announced {
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, endedEarly()
		}
		return body, nil // net/http reads no further than the length
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, endedEarly()
	case len(body) > maxBody:
		return nil, tooLarge()
	}
	return body, nil
}

func endedEarly() *reply { return refuse(http.StatusBadRequest, "The body ended early.") }

func tooLarge() *reply {
	return refuse(http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB.")
}

// isCertificateCheck tells whether a body is Slack's check of the certificate, which is not signed and asks for nothing.
func isCertificateCheck(body []byte) bool {
	if len(body) > 1<<10 {
		return false // it is short; anything else is not worth reading for a stranger
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && form.Get("ssl_check") == "1" && form.Get("command") == ""
}

func isType(given, wanted string) bool {
	if given == wanted {
		return true
	}
	media, _, _ := mime.ParseMediaType(given) // a bad parameter is no reason to refuse
	return media == wanted
}

func signed(r *http.Request, body []byte) delivery {
	return delivery{stamp: r.Header.Get("X-Slack-Request-Timestamp"), body: body}
}

func acknowledged() *reply { return &reply{status: http.StatusOK} }
