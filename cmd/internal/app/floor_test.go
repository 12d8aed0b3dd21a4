package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// room says what a package may import: ours, and the modules of others.
type room struct {
	ours, others []string
}

// plan is the floor plan. A package that is not here, or opens a door that is not here, fails the test.
var plan = map[string]room{ //nolint:gochecknoglobals // a constant table
	"aws":                   {},
	"commands":              {},
	"commands/where":        {ours: []string{"commands", "aws"}},
	"commands/query":        {ours: []string{"aws", "commands"}, others: []string{"github.com/jmespath/go-jmespath"}},
	"commands/userdata":     {ours: []string{"commands", "commands/spelling"}},
	"commands/access":       {ours: []string{"aws", "commands", "commands/schedule", "commands/spelling"}},
	"commands/vm":           {ours: []string{"commands", "commands/query", "commands/schedule", "commands/spelling", "commands/userdata", "commands/where", "aws"}},
	"commands/app":          {ours: []string{"commands", "commands/check", "commands/lb", "commands/lease", "commands/spelling", "commands/userdata", "commands/vm", "commands/where", "aws"}},
	"commands/cost":         {ours: []string{"commands", "commands/where", "aws"}},
	"commands/ecs":          {ours: []string{"commands", "commands/query", "commands/where", "aws"}},
	"commands/lambda":       {ours: []string{"commands", "commands/query", "commands/check", "commands/spelling", "commands/where", "aws"}},
	"commands/api":          {ours: []string{"commands", "commands/query", "commands/where", "commands/check", "commands/lb", "commands/spelling", "aws"}},
	"commands/export":       {ours: []string{"commands", "commands/lb", "commands/where", "aws"}},
	"commands/net":          {ours: []string{"commands", "commands/query", "commands/where", "commands/schedule", "commands/spelling", "aws"}},
	"commands/lb":           {ours: []string{"commands", "commands/query", "commands/where", "commands/check", "commands/spelling", "aws"}},
	"commands/check":        {ours: []string{"commands", "commands/probe", "commands/spelling"}},
	"commands/spelling":     {},
	"commands/commandstest": {ours: []string{"commands"}, others: []string{"github.com/rogpeppe/go-internal"}},
	"commands/probe":        {ours: []string{"commands/spelling"}},
	"commands/probes":       {ours: []string{"aws", "commands", "commands/check", "commands/lambda", "commands/probe", "commands/schedule", "commands/where"}},
	"commands/why":          {ours: []string{"aws", "commands", "commands/check", "commands/probe", "commands/where"}},
	"commands/schedule":     {ours: []string{"commands", "commands/spelling"}},
	"commands/request":      {ours: []string{"commands"}},
	"commands/ops":          {ours: []string{"commands"}},
	"commands/lease":        {ours: []string{"commands", "commands/schedule", "commands/where", "aws"}},
	"commands/guard":        {ours: []string{"commands"}},
	"config":                {ours: []string{"aws", "commands/probe", "commands/spelling"}, others: []string{"go.yaml.in/yaml", "github.com/robfig/cron"}},
	"config/adopt":          {ours: []string{"commands/probe"}, others: []string{"go.yaml.in/yaml"}},
	"config/manifest":       {ours: []string{"config"}, others: []string{"go.yaml.in/yaml"}},
	"aws/sdk":               {ours: []string{"aws", "aws/sdk/wire"}, others: []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"}},
	"aws/sdk/wire":          {others: []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"}},
	"aws/sandbox":           {ours: []string{"aws", "commands/probe"}, others: []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go", "go.yaml.in/yaml"}},
	"bot":                   {ours: []string{"commands"}},
	"bot/policy":            {ours: []string{"bot", "commands", "config"}},
	"bot/timetable":         {ours: []string{"bot", "commands", "commands/schedule"}, others: []string{"github.com/robfig/cron"}},
	"bot/health":            {ours: []string{"aws", "bot", "bot/timetable", "commands", "commands/check", "commands/probe"}},
	"bot/store": {
		ours:   []string{"bot", "commands", "commands/check", "commands/schedule", "commands/lease", "commands/guard"},
		others: []string{"github.com/riverqueue/river", "modernc.org/sqlite", "github.com/jackc/pgx", "golang.org/x/sys"},
	},
	"bot/store/storetest": {ours: []string{"bot", "bot/store", "commands", "commands/check", "commands/schedule", "commands/lease", "commands/guard"}, others: []string{"github.com/jackc/pgx"}},
	"bot/slack":           {ours: []string{"bot", "bot/slack/blockkit", "bot/slack/picture", "commands"}, others: []string{"github.com/slack-go/slack", "golang.org/x/time"}},
	"bot/slack/picture":   {ours: []string{"commands"}},
	"bot/slack/blockkit":  {ours: []string{"commands"}, others: []string{"github.com/slack-go/slack"}},
	"bot/slack/intake":    {ours: []string{"bot", "bot/slack/blockkit", "commands"}, others: []string{"github.com/slack-go/slack", "github.com/gorilla/websocket"}},
	"bot/slack/slacktest": {others: []string{"github.com/gorilla/websocket"}},
	"cmd/internal/app": {
		ours: []string{
			"aws", "aws/sdk", "bot", "bot/health", "bot/policy", "bot/slack", "bot/slack/blockkit", "bot/slack/intake", "bot/store",
			"bot/timetable", "commands", "commands/access", "commands/app", "commands/userdata", "commands/vm", "commands/cost", "commands/export", "commands/ecs", "commands/lambda", "commands/api", "commands/net", "commands/lb", "commands/check", "commands/schedule", "commands/request", "commands/why", "commands/guard", "commands/lease", "commands/ops", "commands/probe", "commands/probes", "commands/where", "config", "config/manifest",
		},
		others: nil,
	},
	"cmd/deckhand": {ours: []string{"bot", "cmd/internal/app", "commands", "config", "config/adopt", "config/manifest"}},
	"cmd/demo": {
		ours:   []string{"aws", "aws/sandbox", "aws/sdk", "bot/slack/slacktest", "cmd/internal/app", "config"},
		others: []string{"github.com/alecthomas/kong"},
	},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestNoRoomOpensADoorThatIsNotInThePlan(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "deckhand/")
		allowed, ok := plan[name]
		if !ok {
			t.Errorf("%s is not in the floor plan", name)
			continue
		}
		for _, path := range p.Imports {
			if !allows(allowed, path) {
				t.Errorf("%s may not import %s", name, path)
			}
		}
	}
}

func allows(r room, path string) bool {
	if ours, ok := strings.CutPrefix(path, "deckhand/"); ok {
		return slices.Contains(r.ours, ours)
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(r.others, func(module string) bool { return path == module || strings.HasPrefix(path, module+"/") })
}

// TestCommandsKnowNothingOfTheOutside: a command compiles in well under a second because none of this is behind it.
func TestCommandsKnowNothingOfTheOutside(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, "deckhand/commands") || p.ImportPath == "deckhand/commands/commandstest" {
			continue
		}
		for _, path := range p.Imports {
			if slices.Contains([]string{"net/http", "database/sql", "os", "os/exec"}, path) {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}

// TestTheProgramHasNoPretendWorldInIt: fakes stay outside of what is shipped.
func TestTheProgramHasNoPretendWorldInIt(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "deckhand/cmd/deckhand").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if slices.Contains([]string{"testing", "deckhand/aws/sandbox", "deckhand/bot/slack/slacktest", "deckhand/bot/store/storetest"}, path) {
			t.Errorf("deckhand is built with %s", path)
		}
	}
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Standard", "deckhand/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
