package app

import (
	"slices"
	"strings"
	"testing"

	"deckhand/aws/sandbox"
	"deckhand/bot"
	"deckhand/commands"
)

// half is a line of several calls, with the lines that make what it needs.
type half struct {
	line   string
	before []string
}

const (
	aVM      = "vm create --image-id ami-0123456789abcdef0 --name web --subnet-id subnet-0123456789abcdef0 --security-group-ids sg-0123456789abcdef0"
	aNetwork = "net up --name lab --cidr-block 10.20.0.0/16 --azs 1"
	aVPC     = "net vpc create --name solo --cidr-block 10.30.0.0/16"
	aGateway = "net gateway create --name solo --vpc solo"
	aLB      = "lb create --name myapp --targets web --alias myapp.example.com --no-check"
	aCounter = "lambda create counter --example counter"
	aTrigger = "lambda trigger add counter --on ec2-state-change"
	anAPI    = "api create --name myapi --public --function counter"
	aRoute   = `api route add myapi --route "GET /count" --function counter --public`
)

var halves = []half{ //nolint:gochecknoglobals // a constant table
	{aNetwork + " --nat", nil},
	{"net down lab", []string{aNetwork}},
	{aGateway, []string{aVPC}},
	{"net gateway delete solo", []string{aVPC, aGateway}},
	{"vm resize web --type t3.large --restart", []string{aVM}},
	{"vm tag web --set team=a --remove old", []string{aVM, "vm tag web --set old=x"}},
	{aLB, []string{aVM}},
	{"lb delete myapp", []string{aVM, aLB}},
	{"lb deregister myapp web", []string{aVM, aLB}},
	{"lb restart myapp", []string{aVM, aLB}},
	{aCounter, nil},
	{"lambda publish counter --alias live", []string{aCounter}},
	{"lambda delete counter --all", []string{aCounter, aTrigger, "lambda invoke counter"}},
	{aTrigger, []string{aCounter}},
	{"lambda trigger remove counter --on ec2-state-change", []string{aCounter, aTrigger}},
	{anAPI, []string{aCounter}},
	{"api delete myapi --logs", []string{aCounter, anAPI}},
	{aRoute, []string{aCounter, anAPI}},
	{`api route remove myapi --route "GET /count"`, []string{aCounter, anAPI, aRoute}},
}

// TestEveryCallRefusedOnce refuses every operation that a line changes something with, once, after what comes before it was done. The report says
// nothing untrue, and one line goes on to the end.
func TestEveryCallRefusedOnce(t *testing.T) {
	t.Parallel()
	for _, h := range halves {
		t.Run(h.line, func(t *testing.T) {
			t.Parallel()
			_, calls := h.run(t, "")
			for n, refused := range calls {
				if slices.Contains(calls[:n], refused) {
					continue
				}
				h.refuse(t, refused)
			}
		})
	}
}

// run makes what the line needs, runs it while one call of an operation is refused, and answers what came of it, and which calls it made
// that may change something.
func (h half) run(t *testing.T, refused string) (stage *refusal, changes []string) {
	t.Helper()
	house, world := houseOnSandbox(t)
	stage = &refusal{House: house, world: world}
	for _, line := range h.before {
		if o := stage.exec(t, line); o.State != bot.Done {
			t.Fatalf("%s: %s", line, commands.RenderText(o.Report))
		}
	}
	before := len(world.Calls())
	if refused != "" {
		world.Fail(refused, "UnauthorizedOperation", 1)
	}
	stage.outcome = stage.exec(t, h.line)
	for _, call := range world.Calls()[before:] {
		if !slices.ContainsFunc([]string{"Describe", "Get", "List"}, func(verb string) bool { return strings.HasPrefix(call.Operation, verb) }) {
			changes = append(changes, call.Operation)
		}
	}
	if refused == "" && stage.outcome.State != bot.Done {
		t.Fatalf("%s: %s", h.line, commands.RenderText(stage.outcome.Report))
	}
	return stage, changes
}

// refusal is a house in whose world a call was refused.
type refusal struct {
	*House
	world   *sandbox.World
	outcome bot.Outcome
}

func (r *refusal) exec(t *testing.T, line string) bot.Outcome {
	t.Helper()
	o, err := r.Exec(t.Context(), "terminal:ann", line, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return o
}

func (h half) refuse(t *testing.T, refused string) {
	t.Helper()
	stage, changes := h.run(t, refused)
	said := commands.RenderText(stage.outcome.Report)
	first := slices.Index(changes, refused) == 0
	switch {
	case stage.outcome.State == bot.Done && strings.Contains(said, refused):
		return // it is told, and was no reason to stop
	case stage.outcome.State != bot.Failed:
		t.Errorf("%s while %s is refused is %s: %s", h.line, refused, stage.outcome.State, said)
		return
	case !first && strings.Contains(said, "nothing was done"):
		t.Errorf("%s while %s is refused did %v, and says that it did nothing: %s", h.line, refused, changes, said)
	}
	on := onward(stage.outcome.Report, h.line)
	if o := stage.exec(t, on); o.State != bot.Done {
		t.Errorf("%s while %s is refused says %s and %s does not go on: %s", h.line, refused, said, on, commands.RenderText(o.Report))
	}
}

// onward is the line that a report of what is half done offers to go on with; the same line where it offers none.
func onward(r commands.Report, line string) string {
	for _, next := range r.Next {
		if slices.Contains([]string{"Go on", "Finish it", "Attach", "Start", "Put back"}, next.Label) {
			return next.Line
		}
	}
	return line
}
