package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"deckhand/commands"
)

// Digest names exactly what people agree to: the line and, where there is one, the plan that they see. 16 hexadecimal
// characters.
func (r Request) Digest() string {
	if r.Plan == nil {
		return r.Invocation.Digest()
	}
	return digest(r.Invocation.Digest(), commands.RenderText(*r.Plan))
}

func digest(parts ...string) string {
	raw, _ := json.Marshal(parts) //nolint:errchkjson // texts
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// essence is the digest of what must be the same when an approved request runs: the resources, and the plan's title and
// tables, which hold their names and states. Its prose may change: prices, quotas, hints.
func essence(scope *commands.Scope, plan commands.Report) string {
	var parts []string
	if scope != nil {
		parts = append(parts, scope.Account, scope.Region)
		for _, resource := range scope.Resources {
			parts = append(parts, resource.ID)
		}
	}
	parts = append(parts, plan.Title)
	for _, block := range plan.Body {
		if table, ok := block.(commands.Table); ok {
			raw, _ := json.Marshal(table) //nolint:errchkjson // texts
			parts = append(parts, string(raw))
		}
	}
	return digest(parts...)
}

// namesOf answers what people may call the resources that a request is about.
func namesOf(scope *commands.Scope) []string {
	if scope == nil {
		return nil
	}
	var names []string
	for _, resource := range scope.Resources {
		for _, name := range []string{resource.Name, resource.ID} {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// errChanged is why a request that people agreed to does not run: the world is not what their plan showed.
type errChanged struct{ now commands.Report }

func (errChanged) Error() string { return "what was approved has changed" }

// endChanged ends a request that people agreed to and that would now be another one.
func (e *Engine) endChanged(ctx context.Context, r Request, changed errChanged) error {
	report := changed.now
	report.Tone, report.Title = commands.Bad, "What was approved has changed, nothing was done"
	report.Body = append(commands.Blocks{commands.Text{Text: "By now it would be “" + changed.now.Title + "”. Look at it below and ask again if it is what you want."}}, report.Body...)
	report.Next = []commands.Next{{Label: "Ask again", Line: r.Invocation.Line}}
	r.Result = &report
	_, err := e.save(ctx, r, step{to: Failed, what: "failed", note: "what was approved has changed; ask again", digest: digest(r.Invocation.Digest(), commands.RenderText(changed.now)), jobs: deliver()})
	return err
}

// unchanged plans a request again, as at the moment when it was planned and without its journal, and answers errChanged where
// the plan is another one now.
func (e *Engine) unchanged(ctx context.Context, r Request, runner commands.Runner) error {
	if r.Plan == nil || r.Essence == "" {
		return nil
	}
	fresh, _, err := e.Catalog.Runner(r.Invocation) // the one that is about to run remembers nothing of this
	if err != nil {
		return err
	}
	scope, err := scopeOf(ctx, runner)
	if err != nil {
		return err
	}
	run := &commands.Run{ID: r.ID(), Asker: r.Message.Asker, Now: r.PlannedAt, Say: func(string) {}, Journal: commands.NoJournal{}}
	now, err := plan(ctx, fresh, run, r.Invocation)
	if err != nil {
		return err
	}
	if essence(scope, now) != r.Essence {
		return errChanged{now}
	}
	return nil
}
