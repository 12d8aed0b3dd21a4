package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

const requestColumns = `number, version, state, created_at, changed_at, expires_at, reminded_at, runner,
	posted_channel, posted_ts, post_tried, shown, args, document`

// document is what of a request is only read as a whole.
type document struct {
	Message    bot.Message
	Invocation commands.Invocation // without Args, which have a column
	Decision   bot.Decision
	Plan       *commands.Report `json:",omitempty"`
	Approvals  []string         `json:",omitempty"`
	Result     *commands.Report `json:",omitempty"`
	Note       string           `json:",omitempty"`
	Risk       commands.Risk    `json:",omitempty"`
	Names      []string         `json:",omitempty"`
	PlannedAt  time.Time        `json:",omitzero"`
	Essence    string           `json:",omitempty"`
	ReroutedAt time.Time        `json:",omitzero"`
	Emergency  string           `json:",omitempty"`
	Review     bot.Review       `json:",omitzero"`
	Undoing    bot.Undoing      `json:",omitzero"`
	Warning    string           `json:",omitempty"`
	Proven     []string         `json:",omitempty"`
	Things     []string         `json:",omitempty"`
}

func documentOf(r bot.Request) (string, error) {
	d := document{r.Message, r.Invocation, r.Decision, r.Plan, r.Approvals, r.Result, r.Note, r.Risk, r.Names, fromNanos(nanos(r.PlannedAt)), r.Essence, fromNanos(nanos(r.ReroutedAt)), r.Emergency, r.Review,
		bot.Undoing{By: r.Undoing.By, At: fromNanos(nanos(r.Undoing.At))}, r.Warning, r.Proven, r.Things}
	d.Invocation.Args = nil
	d.Message.At = fromNanos(nanos(d.Message.At))
	return encode(d)
}

func scanRequest(scan scan) (bot.Request, error) {
	var r bot.Request
	var d document
	var created, changed, expires, reminded, tried int64
	var args, text string
	err := scan(&r.Number, &r.Version, &r.State, &created, &changed, &expires, &reminded, &r.Runner,
		&r.Posted.Channel, &r.Posted.TS, &tried, &r.Shown, &args, &text)
	if err != nil {
		return r, err
	}
	if err := decode(text, &d); err != nil {
		return r, fmt.Errorf("request %d: %w", r.Number, err)
	}
	r.Message, r.Invocation, r.Decision, r.Plan = d.Message, d.Invocation, d.Decision, d.Plan
	r.Approvals, r.Result, r.Note = d.Approvals, d.Result, d.Note
	r.Risk, r.Names, r.PlannedAt, r.Essence = d.Risk, d.Names, d.PlannedAt, d.Essence
	r.ReroutedAt, r.Emergency, r.Review, r.Undoing, r.Warning, r.Proven, r.Things = d.ReroutedAt, d.Emergency, d.Review, d.Undoing, d.Warning, d.Proven, d.Things
	r.Invocation.Args = nil
	if args != "" {
		r.Invocation.Args = json.RawMessage(args)
	}
	r.CreatedAt, r.ChangedAt, r.ExpiresAt = fromNanos(created), fromNanos(changed), fromNanos(expires)
	r.RemindedAt, r.PostTried = fromNanos(reminded), fromNanos(tried)
	return r, nil
}

// Create implements bot.Store. The request is created when its last event happened.
func (s *Store) Create(ctx context.Context, request bot.Request, events []bot.Event, jobs []bot.Job) (stored bot.Request, created bool, err error) {
	text, err := documentOf(request)
	if err != nil {
		return stored, false, err
	}
	err = s.together(ctx, func(ctx context.Context, to writer) error {
		var err error
		stored, created, err = create(ctx, to, request, text, events, jobs)
		return err
	})
	if err != nil {
		return bot.Request{}, false, fmt.Errorf("create request: %w", err)
	}
	return stored, created, nil
}

func create(
	ctx context.Context, to writer, request bot.Request, text string, events []bot.Event, jobs []bot.Job,
) (stored bot.Request, created bool, err error) {
	if request.Message.Key == "" {
		return stored, false, errors.New("its message has no key")
	}
	at := nanos(happened(events))
	stored, err = one(ctx, to, scanRequest, `INSERT INTO requests (version, state, message_key, asker, channel, command,
			created_at, changed_at, expires_at, runner, shown, args, document)
		SELECT 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
		WHERE NOT EXISTS (SELECT 1 FROM requests WHERE message_key = ?) -- a conflict would use up a number
		ON CONFLICT (message_key) DO NOTHING RETURNING `+requestColumns,
		string(request.State), request.Message.Key, request.Message.Asker.User, request.Message.Asker.Channel,
		request.Invocation.Command, at, at, nanos(request.ExpiresAt), request.Runner, request.Shown,
		string(request.Invocation.Args), text, request.Message.Key)
	if errors.Is(err, errNoRow) {
		stored, err = one(ctx, to, scanRequest, "SELECT "+requestColumns+" FROM requests WHERE message_key = ?", request.Message.Key)
		return stored, false, err
	}
	if err != nil {
		return stored, false, err
	}
	return stored, true, record(ctx, to, stored.Number, events, jobs)
}

// Note implements bot.Store.
func (s *Store) Note(ctx context.Context, over bot.Request, event bot.Event) error {
	text, err := documentOf(over)
	if err != nil {
		return err
	}
	err = s.lax(ctx, func(to writer) error {
		_, _, err := create(ctx, to, over, text, []bot.Event{event}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down what is over: %w", err)
	}
	return nil
}

// Load implements bot.Store.
func (s *Store) Load(ctx context.Context, number int64) (bot.Request, error) {
	request, err := one(ctx, s.read(), scanRequest, "SELECT "+requestColumns+" FROM requests WHERE number = ?", number)
	return request, wrap("load", number, err)
}

// Save implements bot.Store. ChangedAt moves to the last event where the state changes; Posted, PostTried and
// Shown stay what MarkShown and MarkPostTried made them.
func (s *Store) Save(ctx context.Context, request bot.Request, events []bot.Event, jobs []bot.Job) (stored bot.Request, err error) {
	text, err := documentOf(request)
	if err != nil {
		return stored, err
	}
	err = s.write(ctx, func(to writer) error {
		stored, err = one(ctx, to, scanRequest, `UPDATE requests SET version = version + 1, state = ?,
				changed_at = CASE WHEN state = ? THEN changed_at ELSE ? END, expires_at = ?, reminded_at = ?, runner = ?,
				command = ?, args = ?, document = ?, review_open = ?
			WHERE number = ? AND version = ? RETURNING `+requestColumns,
			string(request.State), string(request.State), nanos(happened(events)), nanos(request.ExpiresAt),
			nanos(request.RemindedAt), request.Runner,
			request.Invocation.Command, string(request.Invocation.Args), text, reviewOpen(request), request.Number, request.Version)
		if errors.Is(err, errNoRow) {
			return conflictOrMissing(ctx, to, request.Number)
		}
		if err != nil {
			return err
		}
		return record(ctx, to, stored.Number, events, jobs)
	})
	if err != nil {
		return bot.Request{}, wrap("save", request.Number, err)
	}
	return stored, nil
}

// MarkShown implements bot.Store.
func (s *Store) MarkShown(ctx context.Context, number int64, posted bot.Ref, shown int64) error {
	return wrap("mark", number, s.write(ctx, func(to writer) error {
		var before string
		var state bot.State
		err := to.query(ctx, func(scan scan) error { return scan(&before, &state) }, "SELECT posted_ts, state FROM requests WHERE number = ?", number)
		if err != nil {
			return err
		}
		statement, args := "UPDATE requests SET shown = CASE WHEN shown < ? THEN ? ELSE shown END", []any{shown, shown}
		if posted != (bot.Ref{}) {
			statement, args = statement+", posted_channel = ?, posted_ts = ?", append(args, posted.Channel, posted.TS)
		}
		rows, err := to.exec(ctx, statement+" WHERE number = ?", append(args, number)...)
		if err == nil && rows == 0 {
			err = errNoRow
		}
		if err != nil || posted.TS == "" || before != "" {
			return err
		}
		return chained(ctx, to, number, []bot.Event{{
			At: time.Now(), Actor: bot.Robot, From: state, To: state, What: "posted", Place: posted.Channel + "/" + posted.TS,
		}})
	}))
}

// MarkPostTried implements bot.Store.
func (s *Store) MarkPostTried(ctx context.Context, number int64, at time.Time) (stands time.Time, err error) {
	err = s.write(ctx, func(to writer) error {
		tried, err := one(ctx, to, column[int64], `UPDATE requests SET post_tried = CASE WHEN post_tried = 0 THEN ? ELSE post_tried END
			WHERE number = ? RETURNING post_tried`, nanos(at), number)
		stands = fromNanos(tried)
		return err
	})
	return stands, wrap("mark", number, err)
}

// List implements bot.Store.
func (s *Store) List(ctx context.Context, filter bot.Filter) ([]bot.Request, error) {
	where, args := s.conditions(filter)
	if filter.Limit <= 0 {
		filter.Limit = 100
	}
	order := "DESC"
	if filter.Oldest {
		order = "ASC"
	}
	found, err := collect(ctx, s.read(), scanRequest,
		"SELECT "+requestColumns+" FROM requests "+where+" ORDER BY number "+order+" LIMIT ?", append(args, filter.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return found, nil
}

// Unfinished implements bot.Store.
func (s *Store) Unfinished(ctx context.Context) (int, error) {
	n, err := one(ctx, s.read(), column[int], "SELECT count(*) FROM requests WHERE state IN ('asked', 'waiting', 'queued', 'running')")
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return n, nil
}

// conditions turns a filter into a WHERE clause.
func (s *Store) conditions(filter bot.Filter) (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(filter.States) > 0 {
		states := make([]any, len(filter.States))
		for i, state := range filter.States {
			states[i] = string(state)
		}
		add("state IN (?"+strings.Repeat(", ?", len(states)-1)+")", states...)
	}
	if filter.User != "" {
		add("asker = ?", filter.User)
	}
	if filter.Key != "" {
		add("message_key = ?", filter.Key)
	}
	if filter.Command != "" {
		add(`command LIKE ? ESCAPE '\'`, likeGlob(filter.Command))
	}
	if !filter.Since.IsZero() {
		add("created_at >= ?", nanos(filter.Since))
	}
	if filter.Unattended {
		add("NOT EXISTS (SELECT 1 FROM locks WHERE name = 'R-' || CAST(number AS TEXT) AND until >= " + s.clock() + ")")
	}
	if !filter.ExpiresBefore.IsZero() {
		add("state = 'waiting' AND expires_at > 0 AND expires_at < ?", nanos(filter.ExpiresBefore))
	}
	if !filter.ExpiresAfter.IsZero() {
		add("expires_at >= ?", nanos(filter.ExpiresAfter))
	}
	if filter.ReviewOpen {
		add("review_open = 1") // as the partial index says it
	}
	if filter.Unreminded {
		add("reminded_at = 0")
	}
	if !filter.ChangedBefore.IsZero() {
		add("changed_at < ?", nanos(filter.ChangedBefore))
	}
	if !filter.ChangedAfter.IsZero() {
		add("changed_at >= ?", nanos(filter.ChangedAfter))
	}
	if len(filter.Touching) > 0 {
		things := make([]any, len(filter.Touching))
		for i, thing := range filter.Touching {
			things[i] = likeThing(thing)
		}
		add("("+strings.TrimPrefix(strings.Repeat(` OR document LIKE ? ESCAPE '\'`, len(things)), " OR ")+")", things...)
	}
	if filter.Channel != "" {
		add("channel = ?", filter.Channel)
	}
	if filter.After > 0 {
		add("number > ?", filter.After)
	}
	if filter.Unshown {
		add("channel <> '' AND shown < version") // as the partial index says it
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return "WHERE " + strings.Join(conditions, " AND "), args
}

func reviewOpen(r bot.Request) int {
	if r.Review.Open() {
		return 1
	}
	return 0
}

// likeGlob turns * and ? into what LIKE calls them.
func likeGlob(glob string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`, `?`, `_`).Replace(glob)
}

// likeThing is what a document is like that has a thing among its last field, Things.
func likeThing(thing string) string {
	quoted, _ := json.Marshal(thing) //nolint:errchkjson // a string
	return `%"Things":[%` + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(string(quoted)) + "%"
}

// conflictOrMissing says why an update of a request found no row.
func conflictOrMissing(ctx context.Context, from reader, number int64) error {
	if _, err := one(ctx, from, column[int64], "SELECT number FROM requests WHERE number = ?", number); err != nil {
		return err
	}
	return bot.ErrConflict
}

// wrap says what could not be done to which request, and turns a missing row into bot.ErrNoRequest.
func wrap(what string, number int64, err error) error {
	if errors.Is(err, errNoRow) {
		err = bot.ErrNoRequest
	}
	if err != nil {
		return fmt.Errorf("%s request %d: %w", what, number, err)
	}
	return nil
}
