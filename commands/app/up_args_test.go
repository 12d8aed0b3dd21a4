package app

import (
	"strings"
	"testing"

	"deckhand/commands"
	"deckhand/commands/vm"
)

func TestAProfileFillsInWhatAnApplicationTakes(t *testing.T) {
	t.Parallel()
	profiles := []vm.Profile{{Name: "web", Env: "dev", Presets: []commands.Preset{
		{Flag: "env", Value: "dev"}, {Flag: "image-id", Value: "ami-0123456789abcdef0"}, {Flag: "instance-type", Value: "t3.small"}, {Flag: "subnet-id", Value: "subnet-1"},
		{Flag: "tag", Value: "team=shop"}, {Flag: "tag", Value: "tier=1"},
	}}}
	catalog, err := commands.NewCatalog(Commands(Room{Profiles: profiles}))
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"app up --name shop --profile web":                                                 "app up --name shop --profile web --tag env=dev --image-id ami-0123456789abcdef0 --instance-type t3.small --tag team=shop --tag tier=1",
		"app up --name shop --tag env=dev --tag team=x --type t3.nano":                     "app up --name shop --tag env=dev --tag team=x --type t3.nano --image-id ami-0123456789abcdef0 --tag tier=1",
		"app up --name shop --profile none --tag env=dev --image-id ami-0123456789abcdef0": "app up --name shop --profile none --tag env=dev --image-id ami-0123456789abcdef0",
		"app up --name shop --image-id ami-0123456789abcdef0 --tag env=prod":               "app up --name shop --image-id ami-0123456789abcdef0 --tag env=prod",
	} {
		invocation, _, err := catalog.Parse("", line)
		if err != nil || invocation.Line != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", line, invocation.Line, err, want)
			continue
		}
		runner, _, err := catalog.Runner(invocation)
		if err != nil {
			t.Fatal(err)
		}
		up := runner.(*Up) //nolint:forcetypeassert // a panic is a failure
		if strings.Contains(line, "--profile web") && (up.Tag["env"] != "dev" || up.InstanceType != "t3.small" || len(up.Unused) != 1 || !strings.Contains(up.line(), "--profile web")) {
			t.Errorf("%+v", up)
		}
	}
	if _, _, err := catalog.Parse("", "app up --name shop --profile wbe"); err == nil || !strings.Contains(err.Error(), "There is no profile") {
		t.Error(err)
	}
}
