package vm

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestSorting(t *testing.T) {
	t.Parallel()
	some := []aws.Instance{
		{ID: "i-2", Name: "b", State: aws.Stopped, Type: "t3.micro", LaunchedAt: now},
		{ID: "i-3", Name: "a", State: aws.Running, Type: "t3.nano", LaunchedAt: now.Add(time.Hour)},
		{ID: "i-1", Name: "b", State: aws.Running, Type: "m5.large", LaunchedAt: now.Add(-time.Hour)},
	}
	for column, want := range map[string]string{
		"name": "i-3 i-1 i-2", "-name": "i-1 i-2 i-3", "state": "i-3 i-1 i-2", "-state": "i-2 i-3 i-1",
		"type": "i-1 i-2 i-3", "-type": "i-3 i-2 i-1", "launched": "i-1 i-2 i-3", "-launched": "i-3 i-2 i-1", "age": "i-3 i-2 i-1", "-age": "i-1 i-2 i-3", "": "i-3 i-1 i-2",
	} {
		sorted := slices.Clone(some)
		sortBy(sorted, column)
		if got := strings.Join(ids(sorted), " "); got != want {
			t.Errorf("%s: %s, want %s", column, got, want)
		}
	}
}

func TestPagesHoldEveryInstanceOnceAndLeadToEachOther(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.instances = nil
	for n := range 47 {
		cloud.add(fmt.Sprintf("i-%03x", n), fmt.Sprintf("node %d", n), aws.Running, "dev")
	}
	line := `vm list "node *" --tag env=dev --type "t3.*" --state running,stopped --filters Name=key-name,Values=mykey --sort=-launched --page-size 10 --region eu-west-1`
	seen := map[string]bool{}
	pages := 0
	for line != "" {
		pages++
		report, err := request(t, cloud).run(t.Context(), line)
		if err != nil {
			t.Fatal(line, err)
		}
		table, ok := report.Body[0].(commands.Table)
		if !ok {
			t.Fatalf("%+v", report)
		}
		if want := fmt.Sprintf("%d-%d of 47", pages*10-9, min(pages*10, 47)); table.Note != want {
			t.Errorf("note %q, want %q", table.Note, want)
		}
		for _, row := range table.Rows {
			if seen[row[1]] {
				t.Errorf("%s is shown twice", row[1])
			}
			seen[row[1]] = true
		}
		line = ""
		for _, next := range report.Next {
			if next.Label == "Next page" {
				line = next.Line
			}
		}
	}
	if pages != 5 || len(seen) != 47 {
		t.Errorf("%d pages, %d instances", pages, len(seen))
	}
	report, err := request(t, cloud).run(t.Context(), "vm list --all")
	if table := report.Body[0].(commands.Table); err != nil || len(table.Rows) != 47 || table.Note != "" || len(report.Next) != 0 { //nolint:forcetypeassert // a panic is a failure
		t.Error("not all on one page", err)
	}
}

func TestListRefusesWhatAWSWouldNotUnderstand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm list --state stoped":                            "The nearest is stopped.",
		"vm list --page 0":                                  "Pages begin at 1.",
		"vm list --page-size 0":                             "It may be 1 to 100",
		"vm list --page-size 101":                           "It may be 1 to 100",
		"vm list --sort size":                               "--sort must be one of",
		"vm list --filters Name=tag:env":                    "is no filter",
		"vm list --filters nonsense":                        "shorthand",
		"vm list --filters Name=a,Values=b,Other=c":         "is no filter",
		"vm list --filters Name=a,Values=b Name=a,Values=c": "is given twice",
		"vm list --type t3.micro --filters Name=instance-type,Values=m5.large":      "--type and in --filters",
		"vm list --state stopped --filters Name=instance-state-name,Values=running": "--state and in --filters",
		"vm list --env dev --tag env=prod":                                          "Say it once.",
		"vm list arn:aws:ec2:eu-west-1:1:instance/i-0a1 --region us-east-1":         "is in eu-west-1",
	} {
		_, err := request(t, newFake()).run(t.Context(), line)
		if err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%s: %v", line, err)
			continue
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), want)
	}
}

func TestFiltersKeepTheirCommas(t *testing.T) {
	t.Parallel()
	report, err := request(t, newFake()).run(t.Context(), "vm list --filters Name=tag:Name,Values=db,web-1")
	commandstest.Want(t, commandstest.Told(report, err), "2 instances", "db", "web-1")
}

func TestListPassesOnWhatAWSSays(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DescribeInstances"] = denied
	if _, err := request(t, cloud).run(t.Context(), "vm list"); commands.Words(err).Kind != commands.Denied {
		t.Error(err)
	}
}

func TestCSVIsNoProgram(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.instances = nil
	for n, name := range []string{"=HYPERLINK(1)", "+1", "-1", "@sum", "\tx", "＝1", "a,b", `q"q`, "plain"} {
		cloud.add(fmt.Sprintf("i-%03x", n), name, aws.Running, "dev")
	}
	report, err := request(t, cloud).run(t.Context(), "vm list --csv --page-size 2")
	if err != nil {
		t.Fatal(err)
	}
	file := report.Body[0].(commands.File) //nolint:forcetypeassert // a panic is a failure
	rows, err := csv.NewReader(strings.NewReader(file.Content)).ReadAll()
	if err != nil || len(rows) != 10 || file.Name != "instances-us-east-1.csv" {
		t.Fatal(file, err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t＝", []rune(cell)[0]) {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
}

func TestTheFirstRowsOfALongListAreShownAhead(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.instances = nil
	for n := range 5 {
		cloud.add(fmt.Sprintf("i-%03x", n), fmt.Sprintf("node %d", n), aws.Running, "dev")
	}
	for line, want := range map[string]string{
		"vm list --all":                  "The first 2 instances; AWS is still answering: node 3, node 4. 2 of those that have come; the whole list follows.",
		"vm list --page-size 1":          "The first 2 instances; AWS is still answering: node 3. 1 of those that have come; the whole list follows.",
		"vm list --sort=-name":           "The first 2 instances; AWS is still answering: node 4, node 3. 2 of those that have come; the whole list follows.",
		"vm list --csv":                  "",
		"vm list --state stopped":        "", // nothing came
		"vm list i-001 i-002":            "", // as many as there are names
		"vm list --page-size 2 --page 2": "",
	} {
		s := request(t, cloud)
		runner, _, err := s.runner(line)
		if err != nil {
			t.Fatal(err)
		}
		got, run := "", s.given()
		run.Ahead = func(part commands.Report) {
			table := part.Body[0].(commands.Table) //nolint:forcetypeassert // a panic is a failure
			var names []string
			for _, row := range table.Rows {
				names = append(names, row[0])
			}
			got += part.Title + ": " + strings.Join(names, ", ") + ". " + table.Note
		}
		ahead, err := runner.Run(t.Context(), run)
		if err != nil || got != want {
			t.Errorf("%s: ahead %q, want %q (%v)", line, got, want, err)
		}
		run.Ahead = nil
		if without, _ := runner.Run(t.Context(), run); commands.RenderText(ahead) != commands.RenderText(without) {
			t.Errorf("%s answers otherwise after a part was shown", line)
		}
	}
}
