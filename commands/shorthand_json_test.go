package commands

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestFiltersAndTagsAsAListInJSON(t *testing.T) {
	t.Parallel()
	filters, err := ParseFilters([]string{`[{"Name": "instance-state-name", "Values": ["running", "stopped"]}, {"Name":"tag:env","Values":["dev"]}]`, "Name=vpc-id,Values=vpc-1"})
	if err != nil || len(filters) != 3 || !slices.Equal(filters["instance-state-name"], []string{"running", "stopped"}) || filters["vpc-id"][0] != "vpc-1" {
		t.Error(filters, err)
	}
	tags, ok := tagsOfCLI(`[{"ResourceType":"vpc","Tags":[{"Key":"Name","Value":"lab"},{"Key":"env","Value":"a,b"}]}]`)
	if !ok || !maps.Equal(tags, map[string]string{"Name": "lab", "env": "a,b"}) {
		t.Error(tags, ok)
	}
	if _, err := ParseFilters([]string{"file://filters.json"}); err == nil || !strings.Contains(Words(err).Error(), "sees no files of yours") {
		t.Error(err)
	}
	if _, err := ParseFilters([]string{`[{"Name":`}); err == nil {
		t.Error("half of a list is understood")
	}
}
