package vm

import (
	"fmt"
	"strings"
	"testing"
)

func TestTargetsOfSystemsManagerAreInstancesAndTags(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		targets []string
		want    string
	}{
		{[]string{"Key=instanceids,Values=i-1,i-2"}, "[web i-1 i-2] map[]"},
		{[]string{"Key=InstanceIds,Values=i-1", "Key=tag:env,Values=dev"}, "[web i-1] map[env:dev]"},
		{[]string{`[{"Key":"tag:env","Values":["dev"]},{"Key":"tag:role","Values":["db"]}]`}, "[web] map[env:dev role:db]"},
		{[]string{"Key=tag:env,Values=dev,prod"}, "is no target that deckhand takes"},
		{[]string{"Key=tag:env,Values=dev", "Key=tag:env,Values=prod"}, "is no target that deckhand takes"},
		{[]string{"Key=resource-groups:Name,Values=a"}, "is no target that deckhand takes"},
		{[]string{"i-1"}, "i-1"},
	} {
		c := Script{Selection: Selection{Names: []string{"web"}}, Targets: k.targets}
		s, err := c.meant()
		got := fmt.Sprint(s.Names, s.Tag)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, k.want) {
			t.Errorf("%q is %s, want %s", k.targets, got, k.want)
		}
		if len(c.Names) != 1 || c.Tag != nil {
			t.Errorf("%q changed the line: %v %v", k.targets, c.Names, c.Tag)
		}
	}
}
