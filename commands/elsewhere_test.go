package commands

import "testing"

func TestAResourceThatAnotherToolKeepsIsKnownByItsTags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tags map[string]string
		want string
	}{
		"a stack":           {map[string]string{"aws:cloudformation:stack-name": "shop"}, "the CloudFormation stack " + Mono("shop")},
		"managed by":        {map[string]string{"ManagedBy": "terraform"}, "Terraform"},
		"managed-by":        {map[string]string{"managed-by": "Terraform Cloud"}, "Terraform"},
		"terraform: true":   {map[string]string{"Terraform": "true"}, "Terraform"},
		"terraform: false":  {map[string]string{"terraform": "false"}, ""},
		"managed by a team": {map[string]string{"managed-by": "platform"}, ""},
		"deckhand's own":    {map[string]string{OwnerTag: "U1", RequestTag: "R-1"}, ""},
		"nothing":           {nil, ""},
	} {
		if got := (Resource{ID: "i-1", Tags: c.tags}).Elsewhere(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheWarningNamesWhatIsKeptElsewhere(t *testing.T) {
	t.Parallel()
	scope := Scope{Resources: []Resource{{ID: "i-1", Name: "web"}, {ID: "i-2", Tags: map[string]string{"terraform": "yes"}}, {ID: "new instance", Tags: map[string]string{"terraform": "yes"}}}}
	want := "Kept elsewhere. i-2 belongs to Terraform. What is changed here may be put back there, or make its next change fail."
	if got := Terminal().Render(scope.Warn()); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Scope{Resources: scope.Resources[:1]}).Warn(); got != "" {
		t.Errorf("%q, want nothing", got)
	}
}
