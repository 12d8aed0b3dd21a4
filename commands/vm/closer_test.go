package vm

import (
	"fmt"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestAListTellsPriceAndHealthAndNeverGuesses(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.instances = nil
	cloud.add("i-1", "runs", aws.Running, "dev")
	cloud.add("i-2", "starts", aws.Pending, "dev")
	cloud.add("i-3", "rests", aws.Stopped, "dev")
	cloud.add("i-4", "spot", aws.Running, "dev")
	cloud.add("i-5", "other", aws.Running, "dev")
	cloud.add("i-6", "young", aws.Running, "dev")
	for n := range cloud.instances {
		switch i := &cloud.instances[n]; i.Name {
		case "spot":
			i.Lifecycle = "spot"
		case "other":
			i.Platform = "Plan 9"
		}
	}
	cloud.statuses["i-5"] = aws.InstanceStatus{ID: "i-5", System: "impaired", Instance: "ok"}
	cloud.statuses["i-6"] = aws.InstanceStatus{ID: "i-6", System: "initializing", Instance: "initializing"}
	report, err := request(t, cloud).run(t.Context(), "vm list")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]string{
		"runs": {"7.59", "2 of 2 pass"}, "starts": {"7.59", "-"}, "rests": {"0.00", "-"}, "spot": {"unknown", "2 of 2 pass"},
		"other": {"unknown", "system impaired, instance ok"}, "young": {"7.59", "initializing"},
	}
	table := report.Body[0].(commands.Table) //nolint:forcetypeassert // a panic is a failure
	if end := strings.Join(table.Columns[len(table.Columns)-2:], ", "); end != "$ a month, Health" || len(table.Columns) > 20 {
		t.Error(table.Columns)
	}
	for _, row := range table.Rows {
		if got := [2]string{row[len(row)-2], row[len(row)-1]}; got != want[row[0]] {
			t.Errorf("%s: %v, want %v", row[0], got, want[row[0]])
		}
	}
	commandstest.Want(t, commandstest.Told(report, nil), "These cost $22.78 a month", "besides 2 instances of unknown price (AWS does not say which operating system is to be paid for).")
}

func TestAListIsShownThoughPricesAndHealthAreNotToBeHad(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["GetProducts"], cloud.refuse["DescribeInstanceStatus"] = denied, denied
	report, err := request(t, cloud).run(t.Context(), "vm list web-1")
	commandstest.Want(t, commandstest.Told(report, err), "web-1", "unknown", "Health could not be read", "1 instance of unknown price")
	table := report.Body[0].(commands.Table) //nolint:forcetypeassert // a panic is a failure
	if last := table.Columns[len(table.Columns)-1]; last != "$ a month" {
		t.Error(last)
	}
}

func TestALongListIsWithoutHealthAndSaysHowToGetIt(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.instances = nil
	for n := range closest + 1 {
		cloud.add(fmt.Sprintf("i-%03x", n), fmt.Sprintf("node %d", n), aws.Running, "dev")
	}
	cloud.refuse["DescribeInstanceStatus"] = denied // which a long list does not ask for
	report, err := request(t, cloud).run(t.Context(), "vm list --env dev --all")
	commandstest.Want(t, commandstest.Told(report, err), "101 instances, all running", "$766.", "Health is left out of more than 100; with it: vm list --env dev --page 1.")
	if strings.Contains(commandstest.Told(report, err), "could not be read") {
		t.Error("it was asked for")
	}
}

func TestColumnsThatHoldNothingAreLeftOut(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	report, err := request(t, cloud).run(t.Context(), "vm list --state stopped")
	if err != nil {
		t.Fatal(err)
	}
	table := report.Body[0].(commands.Table) //nolint:forcetypeassert // a panic is a failure
	got := strings.Join(table.Columns, ", ")
	if got != "Name, ID, State, Type, Zone, Private IP, Age, Owner, $ a month" || len(table.Rows[0]) != len(table.Columns) {
		t.Error(got, table.Rows[0])
	}
}
