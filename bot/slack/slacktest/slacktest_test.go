package slacktest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot/slack/slacktest"
)

const secret = "a-signing-secret"

// bench is a workspace that listens, with the real client and an app's server beside it.
type bench struct {
	*slacktest.Workspace
	url string
	api *slack.Client
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func options() slacktest.Options {
	return slacktest.Options{
		SigningSecret: secret,
		BotToken:      "xoxb-test",
		AppToken:      "xapp-test",
		BotUserID:     "U_BOT",
		Users: []slacktest.User{
			{ID: "U_ALICE", Name: "Alice", About: "reads and changes"},
			{ID: "U_BOB", Name: "Bob", About: "approves"},
			{ID: "U_EVE", Name: "Eve", About: "only asks for help"},
		},
		Channels: []slacktest.Channel{
			{ID: "C_OPS", Name: "ops"}, {ID: "C_GENERAL", Name: "general"},
			{ID: "C_FAR", Name: "far", External: true, Outside: true},
		},
		Groups:        map[string][]string{"S_ONCALL": {"U_BOB"}},
		SlashCommands: []string{"/deckhand", "/vm"},
	}
}

// newBench starts a workspace; app, where not nil, gets the signed posts.
func newBench(t *testing.T, o slacktest.Options, app http.Handler) *bench {
	t.Helper()
	w := slacktest.New(o)
	t.Cleanup(w.Close)
	mux := http.NewServeMux()
	mux.Handle("/api/", w.API())
	mux.Handle("/", w.Page())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	targets := slacktest.Targets{BaseURL: server.URL}
	if app != nil {
		bot := httptest.NewServer(app)
		t.Cleanup(bot.Close)
		targets.CommandURL = bot.URL + "/commands"
		targets.InteractionURL = bot.URL + "/interactions"
		targets.EventURL = bot.URL + "/events"
	}
	w.SetTargets(targets)
	return &bench{Workspace: w, url: server.URL, api: client(server.URL, o.BotToken)}
}

func client(url, token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(url+"/api/"), slack.OptionAppLevelToken("xapp-test"))
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestPostedMessagesReadBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	ctx := context.Background()
	meta := slack.SlackMetadata{EventType: "request", EventPayload: map[string]any{"key": "R-1"}}
	_, first, err := b.api.PostMessageContext(ctx, "C_OPS", slack.MsgOptionText("one", false), slack.MsgOptionMetadata(meta))
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := b.api.PostMessageContext(ctx, "C_OPS", slack.MsgOptionText("two", false))
	if err != nil {
		t.Fatal(err)
	}
	if first >= second || len(first) != len("1700000000.000100") {
		t.Fatalf("ids must grow: %s, %s", first, second)
	}
	if _, _, err = b.api.PostMessageContext(ctx, "C_OPS", slack.MsgOptionText("reply", false), slack.MsgOptionTS(first)); err != nil {
		t.Fatal(err)
	}
	if _, err = b.api.PostEphemeralContext(ctx, "C_OPS", "U_ALICE", slack.MsgOptionText("psst", false)); err != nil {
		t.Fatal(err)
	}

	got := must[*slack.GetConversationHistoryResponse](t)(b.api.GetConversationHistoryContext(ctx,
		&slack.GetConversationHistoryParameters{ChannelID: "C_OPS", IncludeAllMetadata: true}))
	if texts(got.Messages) != "two,one" {
		t.Errorf("history is newest first, without replies and ephemeral messages: %s", texts(got.Messages))
	}
	if got.Messages[1].Metadata.EventPayload["key"] != "R-1" || got.Messages[1].ReplyCount != 1 {
		t.Errorf("metadata and reply count: %+v", got.Messages[1])
	}
	got = must[*slack.GetConversationHistoryResponse](t)(b.api.GetConversationHistoryContext(ctx,
		&slack.GetConversationHistoryParameters{ChannelID: "C_OPS", Oldest: first}))
	if texts(got.Messages) != "two" || got.Messages[0].Metadata.EventType != "" {
		t.Errorf("oldest is exclusive and metadata is asked for: %s", texts(got.Messages))
	}
	got = must[*slack.GetConversationHistoryResponse](t)(b.api.GetConversationHistoryContext(ctx,
		&slack.GetConversationHistoryParameters{ChannelID: "C_OPS", Oldest: first, Latest: first, Inclusive: true}))
	if texts(got.Messages) != "one" {
		t.Errorf("inclusive bounds: %s", texts(got.Messages))
	}
	replies, _, _, err := b.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: "C_OPS", Timestamp: first})
	if err != nil || texts(replies) != "one,reply" {
		t.Errorf("replies: %s, %v", texts(replies), err)
	}
	if whispers := b.Ephemerals("U_ALICE"); len(whispers) != 1 || whispers[0].Words() != "psst" || len(b.Ephemerals("U_BOB")) != 0 {
		t.Errorf("ephemeral: %+v", whispers)
	}
}

func texts(messages []slack.Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return strings.Join(out, ",")
}

func TestHistoryInPages(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	for i := range 5 {
		if _, _, err := b.api.PostMessage("C_OPS", slack.MsgOptionText(strconv.Itoa(i), false)); err != nil {
			t.Fatal(err)
		}
	}
	var all []slack.Message
	params := &slack.GetConversationHistoryParameters{ChannelID: "C_OPS", Limit: 2}
	for {
		page := must[*slack.GetConversationHistoryResponse](t)(b.api.GetConversationHistory(params))
		all = append(all, page.Messages...)
		if !page.HasMore {
			break
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
	if texts(all) != "4,3,2,1,0" {
		t.Errorf("got %s", texts(all))
	}
}

func TestUpdateAndDelete(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	button := slack.NewActionBlock("", slack.NewButtonBlockElement("go", "vm list", slack.NewTextBlockObject("plain_text", "List", false, false)))
	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("before", false), slack.MsgOptionBlocks(button))
	if err != nil {
		t.Fatal(err)
	}
	posted := b.Messages("C_OPS")[0].Buttons()
	if len(posted) != 1 || posted[0].BlockID == "" || posted[0].Value != "vm list" {
		t.Fatalf("buttons have ids: %+v", posted)
	}
	if _, _, _, err = b.api.UpdateMessage("C_OPS", ts, slack.MsgOptionText("after", false)); err != nil {
		t.Fatal(err)
	}
	if m := b.Messages("C_OPS")[0]; m.Text != "after" || m.EditedAt == "" || len(m.Buttons()) != 0 {
		t.Errorf("text alone replaces the blocks: %+v", m)
	}
	if _, _, _, err = b.api.UpdateMessage("C_OPS", "1.000001", slack.MsgOptionText("x", false)); codeOf(err) != "message_not_found" {
		t.Error(err)
	}
	reply, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "mine")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err = b.api.UpdateMessage("C_OPS", reply.TS, slack.MsgOptionText("x", false)); codeOf(err) != "cant_update_message" {
		t.Error(err)
	}
	if _, _, err = b.api.DeleteMessage("C_OPS", ts); err != nil || len(b.Messages("C_OPS")) != 1 {
		t.Errorf("delete: %v", err)
	}
	// A reply to a message that is no more stands by itself.
	_, _, orphan, err := b.api.PostMessageWithResponse("C_OPS", slack.MsgOptionText("late", false), slack.MsgOptionTS(ts))
	if err != nil || orphan.ThreadTimestamp != "" {
		t.Errorf("orphan: %v, thread %q", err, orphan.ThreadTimestamp)
	}
}

func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	for token, want := range map[string]string{"": "not_authed", "xoxb-other": "invalid_auth", "xapp-test": "not_allowed_token_type"} {
		if _, err := client(b.url, token).AuthTest(); codeOf(err) != want {
			t.Errorf("token %q: %v, want %s", token, err, want)
		}
	}
	got := must[*slack.AuthTestResponse](t)(b.api.AuthTest())
	if got.UserID != "U_BOT" || got.BotID == "" || got.TeamID == "" {
		t.Errorf("auth.test: %+v", got)
	}
	if _, err := b.api.GetBotInfo(slack.GetBotInfoParameters{}); codeOf(err) != "unknown_method" {
		t.Error(err)
	}
	request, _ := http.NewRequest(http.MethodPost, b.url+"/api/chat.postMessage", strings.NewReader("token=xoxb-test&channel=C_OPS&text=x"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if response := must[*http.Response](t)(http.DefaultClient.Do(request)); response.StatusCode != http.StatusForbidden {
		t.Errorf("a web page called the API: %s", response.Status)
	}
	request, _ = http.NewRequest(http.MethodPost, b.url+"/api/chat.postMessage", strings.NewReader(`{"channel":"C_OPS","text":"by JSON","blocks":[{"type":"divider"}]}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer xoxb-test")
	if response := must[*http.Response](t)(http.DefaultClient.Do(request)); response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
	if m := b.Messages("C_OPS"); len(m) != 1 || m[0].Text != "by JSON" {
		t.Errorf("JSON body: %+v", m)
	}
}

func TestPlacesAndPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	if c := must[*slack.Channel](t)(b.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C_FAR"})); c.Name != "far" || !c.IsExtShared || c.IsMember {
		t.Errorf("info: %+v", c)
	}
	if _, err := b.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C_FAR"}); codeOf(err) != "not_in_channel" {
		t.Error(err)
	}
	if _, _, _, err := b.api.JoinConversation("C_FAR"); err != nil {
		t.Error(err)
	}
	if _, err := b.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C_FAR"}); err != nil {
		t.Error(err)
	}
	all, next, err := b.api.GetConversations(&slack.GetConversationsParameters{Limit: 2})
	if err != nil || len(all) != 2 || next == "" {
		t.Errorf("list: %d, %q, %v", len(all), next, err)
	}
	rest, next, err := b.api.GetConversations(&slack.GetConversationsParameters{Limit: 2, Cursor: next})
	if err != nil || len(rest) != 1 || next != "" {
		t.Errorf("list: %d, %q, %v", len(rest), next, err)
	}
	direct, _, _, err := b.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U_ALICE"}})
	if err != nil || direct.ID != slacktest.DirectChannel("U_ALICE") {
		t.Errorf("open: %+v, %v", direct, err)
	}
	if _, _, err = b.api.PostMessage(direct.ID, slack.MsgOptionText("hello", false)); err != nil {
		t.Error(err)
	}
	if _, _, err = b.api.PostMessage("C_NONE", slack.MsgOptionText("hello", false)); codeOf(err) != "channel_not_found" {
		t.Error(err)
	}
	if u := must[*slack.User](t)(b.api.GetUserInfo("U_EVE")); u.RealName != "Eve" {
		t.Errorf("users.info: %+v", u)
	}
	if _, err = b.api.GetUserInfo("U_NONE"); codeOf(err) != "user_not_found" {
		t.Error(err)
	}
	if users := must[[]slack.User](t)(b.api.GetUsers()); len(users) != 4 || !users[3].IsBot {
		t.Errorf("users.list: %+v", users)
	}
	if members := must[[]string](t)(b.api.GetUserGroupMembers("S_ONCALL")); len(members) != 1 || members[0] != "U_BOB" {
		t.Errorf("group: %v", members)
	}
	if _, err = b.api.GetUserGroupMembers("S_NONE"); codeOf(err) != "no_such_subteam" {
		t.Error(err)
	}
	if groups := must[[]slack.UserGroup](t)(b.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))); len(groups) != 1 || len(groups[0].Users) != 1 {
		t.Errorf("groups: %+v", groups)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("the log", false))
	if err != nil {
		t.Fatal(err)
	}
	upload := slack.UploadFileParameters{Filename: "out.log", Title: "Output", Content: "line\n", FileSize: 5, Channel: "C_OPS", ThreadTimestamp: ts}
	if _, err = b.api.UploadFile(upload); err != nil {
		t.Fatal(err)
	}
	m := b.Messages("C_OPS")[1]
	if m.Thread != ts || len(m.Files) != 1 || string(m.Files[0].Content) != "line\n" || m.Files[0].Title != "Output" {
		t.Errorf("file: %+v", m)
	}
	upload.FileSize = 6
	if _, err = b.api.UploadFile(upload); err == nil {
		t.Error("a file of another size was taken")
	}
	upload.FileSize, upload.Channel = 5, "C_FAR"
	if _, err = b.api.UploadFile(upload); err == nil || !strings.Contains(err.Error(), "not_in_channel") {
		t.Error(err)
	}
}
