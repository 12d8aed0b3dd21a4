package app

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
	"deckhand/bot"
	"deckhand/bot/store/storetest"
	"deckhand/commands"
	"deckhand/commands/guard"
	"deckhand/config"
)

const heldConfig = `
aws: {region: us-east-1}
store: {url: "sqlite:%s"}
policy:
  - {who: ["*"], what: ["*"], effect: allow}
`

// stands is what the examples of the catalogue are about.
var stands = []string{ //nolint:gochecknoglobals // a constant table
	"vm create --image-id ami-0123456789abcdef0 --name web --subnet-id subnet-0123456789abcdef0",
	"vm create --image-id ami-0123456789abcdef0 --name web-2 --subnet-id subnet-0123456789abcdef0",
	"net up --name lab --cidr-block 10.20.0.0/16 --azs 2",
	"net sg allow web --port 443 --from 10.0.0.0/8",
	"lambda create counter --example counter",
	`api create --name myapi --route "GET /" --target-url http://myapp.example.com/ --public`,
	`api route add myapi --route "GET /count" --function counter --public`,
	"lambda trigger add counter --on ec2-state-change",
	"probe create --region eu-west-1",
}

// TestEveryChangeIsHeldBack runs the example of every command that changes something in AWS under a freeze of everything, and under a
// lock on what it touches: what it says of itself reaches the guards, and nothing is changed.
func TestEveryChangeIsHeldBack(t *testing.T) {
	t.Parallel()
	h, world := houseOnSandbox(t)
	for _, line := range stands {
		if outcome, err := h.Exec(t.Context(), "terminal:ann", line, nil, nil); err != nil || outcome.State != bot.Done {
			t.Fatalf("%s: %s %v", line, commands.RenderText(outcome.Report), err)
		}
	}
	held, absent := 0, []string{}
	for _, command := range h.engine.Catalog.All() {
		if command.Risk == commands.Read || len(command.Rights) == 0 || command.Own {
			continue
		}
		scope, err := scopeOf(t, h, command.Example)
		if err != nil {
			absent = append(absent, command.Name)
		}
		guards := []guard.Guard{{Kind: guard.Freeze, Target: "all", Owner: "terminal:ann", Reason: "quarter end"}}
		for _, r := range scope.Resources {
			guards = append(guards, guard.Guard{Kind: guard.Lock, Target: r.ID, Owner: "terminal:ann", Reason: "mine"})
			if r.Name != "" {
				guards = append(guards, guard.Guard{Kind: guard.Lock, Target: r.Name, Owner: "terminal:ann", Reason: "mine"})
			}
		}
		for _, g := range guards {
			said, changes := under(t, h, world, g, command.Example)
			want := g.Target + " is locked by terminal:ann: mine."
			if g.Kind == guard.Freeze {
				want = "Everything is frozen by terminal:ann: quarter end."
			}
			if err == nil && !strings.Contains(said, want) {
				t.Errorf("%s with a %s of %s: %s", command.Example, g.Kind, g.Target, said)
			}
			if len(changes) > 0 {
				t.Errorf("%s with a %s of %s called %v", command.Example, g.Kind, g.Target, changes)
			}
			held++
		}
	}
	if !slices.Equal(absent, nothingThere) || held < 100 {
		t.Errorf("%d lines were held, and nothing was there for %q, want %q", held, absent, nothingThere)
	}
}

// nothingThere are the commands whose examples name what does not stand, or would overlap with what does: they end before any change.
var nothingThere = []string{ //nolint:gochecknoglobals // a constant table
	"access end", "access request", "api domain remove", "app continue-update-rollback", "app deploy", "app down", "lb delete", "lb deregister", "lb register", "lb restart", "lease extend", "net address release", "net gateway create", "net subnet delete", "net vpc create", "vm keep", "vm volume delete",
}

// TestNoGuardHoldsBackWhatEndsIt takes guards away, and decides requests, while everything is frozen.
func TestNoGuardHoldsBackWhatEndsIt(t *testing.T) {
	t.Parallel()
	h, _ := houseOnSandbox(t)
	for _, command := range h.engine.Catalog.All() {
		if _, scoped := command.New().(commands.Scoped); scoped && command.Engine {
			t.Errorf("a freeze would hold %s back", command.Name)
		}
	}
	for _, line := range []string{
		"freeze all until 4h --reason sale", `lock web --reason "my turn"`, "unlock web", "freeze dev until 1h --reason test", "unfreeze dev", "unfreeze all",
	} {
		if outcome, err := h.Exec(t.Context(), "terminal:ann", line, nil, nil); err != nil || outcome.State != bot.Done {
			t.Errorf("%s: %s %v", line, commands.RenderText(outcome.Report), err)
		}
	}
}

func houseOnSandbox(t *testing.T) (*House, *sandbox.World) {
	t.Helper()
	database := filepath.Join(t.TempDir(), "deckhand.db")
	if err := storetest.SQLite(database); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("held.yaml", fmt.Appendf(nil, heldConfig, database), func(config.Ref) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	world := sandbox.New(sandbox.Options{Settle: time.Millisecond})
	h, err := Open(t.Context(), Settings{
		Config: c, Log: slog.New(slog.DiscardHandler), AWSOptions: []sdk.Option{world.Option()}, AWSCredentials: world.Credentials(), PollMin: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h, world
}

// scopeOf is what a line says that it touches.
func scopeOf(t *testing.T, h *House, line string) (commands.Scope, error) {
	t.Helper()
	invocation, _, err := h.engine.Catalog.Parse("", line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	runner, _, err := h.engine.Catalog.Runner(invocation)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	scoped, ok := runner.(commands.Scoped)
	if !ok {
		t.Fatalf("%s has no scope", line)
	}
	return scoped.Scope(t.Context())
}

// under runs a line while a guard stands, and answers what was said and which calls were made that may change something.
func under(t *testing.T, h *House, world *sandbox.World, g guard.Guard, line string) (said string, changes []string) {
	t.Helper()
	if err := h.store.PutGuard(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	before := len(world.Calls())
	outcome, err := h.Exec(t.Context(), "terminal:bob", line, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, call := range world.Calls()[before:] {
		reads := slices.ContainsFunc([]string{"Describe", "Get", "List"}, func(verb string) bool { return strings.HasPrefix(call.Operation, verb) })
		if !reads && !call.DryRun {
			changes = append(changes, call.Operation)
		}
	}
	if _, err := h.store.RemoveGuard(t.Context(), g.Kind, g.Target); err != nil {
		t.Fatal(err)
	}
	return commands.RenderText(outcome.Report), changes
}
