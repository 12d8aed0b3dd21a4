package sdk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
)

// fleet launches three instances: web-1 (prod, t3.micro), web-2 (test, t3.micro) and db-1 (prod, t3.large).
func fleet(t *testing.T, c *sdk.Cloud) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for name, how := range map[string][2]string{
		"web-1": {"prod", "t3.micro"}, "web-2": {"test", "t3.micro"}, "db-1": {"prod", "t3.large"},
	} {
		l := small(name)
		l.Tags, l.InstanceType = map[string]string{"Name": name, "env": how[0]}, how[1]
		ids[name] = launch(t, c, l)[0]
	}
	return ids
}

func TestQueries(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ids := fleet(t, c)
		_, err := c.StopInstances(t.Context(), here, []string{ids["web-2"]}, false, false)
		must(t, err)
		_, err = c.WaitForState(t.Context(), here, []string{ids["web-2"]}, aws.Stopped, nil)
		must(t, err)
		first, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: []string{ids["web-1"]}})
		must(t, err)
		for sentence, q := range map[string]aws.InstanceQuery{
			"everything: db-1 web-1 web-2":            {},
			"by id: web-1":                            {IDs: []string{ids["web-1"]}},
			"a missing id is left out: web-1":         {IDs: []string{ids["web-1"], "i-0ffffffffffffffff"}},
			"an id is no pattern:":                    {IDs: []string{"i-*"}},
			"by name: web-1":                          {Names: []string{"web-1"}},
			"by one of two names: db-1 web-1":         {Names: []string{"web-1", "db-1"}},
			"by pattern: web-1 web-2":                 {Names: []string{"web-?"}},
			"by private address: web-1":               {PrivateIPs: []string{first[0].PrivateIP}},
			"by state: db-1 web-1":                    {States: []aws.InstanceState{aws.Running}},
			"by tag: db-1 web-1":                      {Tags: map[string]string{"env": "prod"}},
			"by any value of a tag: db-1 web-1 web-2": {Tags: map[string]string{"env": "*"}},
			"a tag's value is no pattern:":            {Tags: map[string]string{"env": "pro*"}},
			"by a tag nobody has:":                    {Tags: map[string]string{"team": "*"}},
			"by tag and name: web-1":                  {Tags: map[string]string{"env": "prod"}, Names: []string{"web*"}},
			"by AWS's filter: db-1":                   {Filters: map[string][]string{"instance-type": {"t3.large"}}},
			"by token: db-1":                          {ClientToken: "db-1"},
			"by no values:":                           {Filters: map[string][]string{"image-id": {}}},
		} {
			what, want, _ := strings.Cut(sentence, ":")
			list, err := c.Instances(t.Context(), here, q)
			must(t, err)
			var names []string
			for _, in := range list {
				names = append(names, in.Name)
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != strings.TrimSpace(want) {
				t.Errorf("%s: got %q, want %q", what, got, strings.TrimSpace(want))
			}
		}
		_, err = c.Instances(t.Context(), here, aws.InstanceQuery{Filters: map[string][]string{"colour": {"red"}}})
		wantError(t, err, "usage", "colour")
	})
}

// deaf makes an endpoint that ignores every filter.
func deaf(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Deaf", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if describe, ok := in.Parameters.(*ec2.DescribeInstancesInput); ok {
			plain := *describe
			plain.Filters = nil
			in.Parameters = &plain
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

func TestAnEndpointThatIgnoresFiltersWidensNothing(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		fleet(t, c)
		careless, err := sdk.New(t.Context(), sdk.Settings{
			Region: "us-east-1", Credentials: w.Credentials(), Options: []func(*middleware.Stack) error{deaf, w.Option()},
		})
		must(t, err)
		for _, q := range []aws.InstanceQuery{
			{IDs: []string{"i-0ffffffffffffffff"}}, {Names: []string{"nobody"}}, {PrivateIPs: []string{"10.0.0.1"}},
			{Tags: map[string]string{"env": "none"}}, {States: []aws.InstanceState{aws.Stopped}}, {ClientToken: "none"},
			{Filters: map[string][]string{"instance-type": {"m5.large"}}}, {Filters: map[string][]string{"tag-key": {"team"}}},
		} {
			list, err := careless.Instances(t.Context(), here, q)
			if err != nil || len(list) != 0 {
				t.Errorf("%+v found %v, %v", q, idsOf(list), err)
			}
		}
	})
}

func TestPagesAndManyIDs(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LimitVCPUs(1 << 20)
		many := small("r-1")
		many.MinCount, many.MaxCount = 1203, 1203
		list, err := c.LaunchInstances(t.Context(), here, many)
		must(t, err)
		var pages []int
		must(t, c.EachPage(t.Context(), here, aws.InstanceQuery{}, func(page []aws.Instance, more bool) error {
			pages = append(pages, len(page))
			if more != (len(pages) == 1) {
				t.Errorf("page %d says that more follows: %v", len(pages), more)
			}
			return nil
		}))
		if !slices.Equal(pages, []int{1000, 203}) {
			t.Errorf("pages of %v", pages)
		}
		before := count(w, "DescribeInstances")
		found, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: idsOf(list)[:450]})
		must(t, err)
		if len(found) != 450 || count(w, "DescribeInstances")-before != 3 {
			t.Errorf("found %d with %d calls", len(found), count(w, "DescribeInstances")-before)
		}
		statuses, err := c.Statuses(t.Context(), here, idsOf(list)[:250])
		if err != nil || len(statuses) != 250 || statuses[0].OK() {
			t.Errorf("%d statuses, %v", len(statuses), err)
		}
		enough := errors.New("enough")
		if err := c.EachPage(t.Context(), here, aws.InstanceQuery{}, func([]aws.Instance, bool) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("the reader's own error came back as %v", err)
		}
	})
}

func TestStatusesOfStoppedAndMissingInstances(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ids := launch(t, c, small("r-1"))
		_, err := c.StopInstances(t.Context(), here, ids, false, false)
		must(t, err)
		got, err := c.Statuses(t.Context(), here, ids)
		if err != nil || len(got) != 1 || got[0].Instance != "not-applicable" {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = c.Statuses(t.Context(), here, []string{"i-0ffffffffffffffff"})
		wantError(t, err, "not_found")
		err = c.WaitForStatusOK(t.Context(), here, ids, nil)
		wantError(t, err, "failed", "does not run")
	})
}
