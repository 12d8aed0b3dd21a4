package slacktest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is what one call may send.
const maxBody = 4 << 20

// grantedScopes is what the pretend app may, as Slack says it with every answer.
const grantedScopes = "commands,chat:write,chat:write.public,app_mentions:read,im:history,im:read,im:write,channels:history,groups:history," +
	"channels:join,channels:read,groups:read,usergroups:read,users:read,files:write"

// call is one call of a Web API method.
type call struct {
	method string
	args   map[string]string // objects and arrays as JSON text
	base   string            // scheme and host that the caller used
}

func (c call) flag(name string) bool { return c.args[name] == "1" || c.args[name] == "true" }

func (c call) number(name string, otherwise, most int) int {
	n, err := strconv.Atoi(c.args[name])
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, most)
}

// answer is the body of a successful call, without "ok".
type answer map[string]any

// refusal is an answer that says no.
type refusal struct {
	code     string
	messages []string
}

func (r *refusal) Error() string { return r.code + ": " + strings.Join(r.messages, "; ") }

func refuse(code string, messages ...string) error { return &refusal{code, messages} }

// method does a call. It runs with the lock held.
type method func(w *Workspace, c call) (answer, error)

func methods() map[string]method {
	return map[string]method{
		"api.test":                     (*Workspace).apiTest,
		"apps.connections.open":        (*Workspace).connectionsOpen,
		"auth.test":                    (*Workspace).authTest,
		"chat.delete":                  (*Workspace).chatDelete,
		"chat.postEphemeral":           (*Workspace).chatPostEphemeral,
		"chat.postMessage":             (*Workspace).chatPostMessage,
		"chat.update":                  (*Workspace).chatUpdate,
		"conversations.history":        (*Workspace).conversationsHistory,
		"conversations.info":           (*Workspace).conversationsInfo,
		"conversations.join":           (*Workspace).conversationsJoin,
		"conversations.list":           (*Workspace).conversationsList,
		"conversations.open":           (*Workspace).conversationsOpen,
		"conversations.replies":        (*Workspace).conversationsReplies,
		"files.completeUploadExternal": (*Workspace).filesComplete,
		"files.getUploadURLExternal":   (*Workspace).filesUploadURL,
		"usergroups.list":              (*Workspace).usergroupsList,
		"usergroups.users.list":        (*Workspace).usergroupsUsersList,
		"users.info":                   (*Workspace).usersInfo,
		"users.list":                   (*Workspace).usersList,
		"views.open":                   (*Workspace).viewsOpen,
	}
}

// API answers the Web API, uploads, response URLs and sockets, under /api/.
func (w *Workspace) API() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", w.serveMethod)
	mux.HandleFunc("POST /api/upload/{id}", w.serveUpload)
	mux.HandleFunc("POST /api/response/{id}", w.serveResponse)
	mux.HandleFunc("GET /api/socket/{ticket}", w.serveSocket)
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		// Web pages do not call this API: a browser says where a request comes from.
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
			http.Error(out, "This API is not for web pages.", http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(out, r.Body, maxBody)
		mux.ServeHTTP(out, r)
	})
}

func (w *Workspace) serveMethod(out http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	how, fails := w.failure(name)
	if fails && !how.AfterWork {
		how.answer(out)
		return
	}
	c, token, err := readCall(name, r)
	if err != nil {
		writeJSON(out, http.StatusOK, failed("invalid_form_data", []string{err.Error()}))
		return
	}
	body, err := w.do(c, token)
	if fails {
		hangUp()
	}
	out.Header().Set("X-OAuth-Scopes", grantedScopes)
	w.writeAnswer(out, body, err)
}

func (w *Workspace) writeAnswer(out http.ResponseWriter, body answer, err error) {
	switch e := err.(type) { //nolint:errorlint // both come from this package, unwrapped
	case nil:
		if body == nil {
			body = answer{}
		}
		body["ok"] = true
		writeJSON(out, http.StatusOK, body)
	case *refusal:
		writeJSON(out, http.StatusOK, failed(e.code, e.messages))
	case *limited:
		tooMany(out, e.after)
	default:
		writeJSON(out, http.StatusOK, failed("internal_error", []string{err.Error()}))
	}
}

// do checks the token and calls the method.
func (w *Workspace) do(c call, token string) (answer, error) {
	do, ok := w.methods[c.method]
	if !ok {
		return nil, refuse("unknown_method")
	}
	switch want := w.tokenFor(c.method); {
	case c.method == "api.test":
	case token == "":
		return nil, refuse("not_authed")
	case token != want && (token == w.options.AppToken || token == w.options.BotToken):
		return nil, refuse("not_allowed_token_type")
	case token != want:
		return nil, refuse("invalid_auth")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return do(w, c)
}

func (w *Workspace) tokenFor(method string) string {
	if method == "apps.connections.open" {
		return w.options.AppToken
	}
	return w.options.BotToken
}

// readCall reads the arguments from wherever the client put them: the query, a form, or a JSON object.
func readCall(name string, r *http.Request) (call, string, error) {
	c := call{method: name, args: map[string]string{}, base: baseOf(r)}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/json":
		err = c.readJSON(r.Body)
	case "multipart/form-data":
		if err = r.ParseMultipartForm(maxBody); err == nil {
			c.readForm(r.Form)
		}
	default:
		if err = r.ParseForm(); err == nil {
			c.readForm(r.Form)
		}
	}
	token := c.args["token"]
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	delete(c.args, "token")
	return c, token, err
}

func (c call) readForm(form url.Values) {
	for name, values := range form {
		c.args[name] = values[0]
	}
}

func (c call) readJSON(body io.Reader) error {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&fields); err != nil && err != io.EOF {
		return err
	}
	for name, raw := range fields {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			c.args[name] = s
		} else if string(raw) != "null" {
			c.args[name] = string(raw)
		}
	}
	return nil
}

func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func writeJSON(out http.ResponseWriter, status int, body any) {
	out.Header().Set("Content-Type", "application/json; charset=utf-8")
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(body) // the client went away
}

func (w *Workspace) apiTest(c call) (answer, error) {
	if code := c.args["error"]; code != "" {
		return nil, refuse(code)
	}
	return answer{"args": c.args}, nil
}

func (w *Workspace) authTest(c call) (answer, error) {
	return answer{
		"url": c.base + "/", "team": teamName, "user": w.options.BotName, "team_id": teamID,
		"user_id": w.options.BotUserID, "bot_id": w.botID(), "is_enterprise_install": false,
	}, nil
}
