package lease

import (
	"context"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

// served is what a region serves, and which of it was tagged with which end.
type served struct {
	balancers []aws.LoadBalancer
	groups    []aws.TargetGroup
	listeners []aws.Listener
	function  aws.Function
	apis      []aws.API
	domains   []aws.APIDomain
	refused   error
	beside    map[string]map[string]string // tags of roles and tables, by name
	tagged    []string
	end       string
}

func (s *served) LoadBalancers(_ context.Context, _ aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	return slices.DeleteFunc(slices.Clone(s.balancers), func(b aws.LoadBalancer) bool { return !slices.Contains(q.Names, b.Name) }), nil
}

func (s *served) TargetGroups(context.Context, aws.Target, aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	return s.groups, nil
}

func (s *served) Listeners(context.Context, aws.Target, string) ([]aws.Listener, error) {
	return s.listeners, nil
}

func (s *served) Function(context.Context, aws.Target, string, string) (aws.Function, error) {
	return s.function, nil
}

func (s *served) APIs(context.Context, aws.Target) ([]aws.API, error) { return s.apis, nil }

func (s *served) APIDomains(context.Context, aws.Target) ([]aws.APIDomain, error) {
	return s.domains, nil
}

func (s *served) TagBalancing(_ context.Context, _ aws.Target, arns []string, tags map[string]string) error {
	s.tagged, s.end = append(s.tagged, arns...), tags[commands.LeaseTag]
	return s.refused
}

func (s *served) TagFunction(ctx context.Context, t aws.Target, arn string, tags map[string]string) error {
	return s.TagBalancing(ctx, t, []string{arn}, tags)
}

func (s *served) Role(_ context.Context, _ aws.Target, name string) (aws.Role, error) {
	return s.around(name)
}

func (s *served) around(name string) (aws.Role, error) {
	tags, there := s.beside[name]
	if !there {
		return aws.Role{}, &commands.Error{Kind: commands.NotFound, Message: "gone"}
	}
	return aws.Role{Name: name, Tags: tags}, nil
}

func (s *served) Table(_ context.Context, _ aws.Target, name string) (aws.CountTable, error) {
	role, err := s.around(name)
	return aws.CountTable{ARN: name, Tags: role.Tags}, err
}

func (s *served) TagRole(ctx context.Context, t aws.Target, name string, tags map[string]string) error {
	return s.TagBalancing(ctx, t, []string{name}, tags)
}

func (s *served) TagTable(ctx context.Context, t aws.Target, arn string, tags map[string]string) error {
	return s.TagBalancing(ctx, t, []string{arn}, tags)
}

func (s *served) TagAPI(ctx context.Context, t aws.Target, id string, tags map[string]string) error {
	return s.TagBalancing(ctx, t, []string{id}, tags)
}

func TestTheEndIsWrittenOnWhatServes(t *testing.T) {
	t.Parallel()
	own, others := map[string]string{commands.RequestTag: "R-1"}, map[string]string{commands.RequestTag: "R-9"}
	web := served{
		balancers: []aws.LoadBalancer{{Name: "web", ARN: "lb", Tags: own}, {Name: "db", ARN: "other", Tags: own}},
		groups:    []aws.TargetGroup{{ARN: "group", Tags: own}, {ARN: "shared", Tags: others}},
		listeners: []aws.Listener{{ARN: "http", Tags: own}, {ARN: "https", Tags: own}},
		function:  aws.Function{Name: "web", ARN: "function", Tags: own},
		apis:      []aws.API{{Name: "web", ID: "theirs", Tags: others}, {Name: "web", ID: "a1", Tags: own}},
		domains:   []aws.APIDomain{{Name: "other.example.com", Tags: others}, {Name: "api.example.com", Tags: own}},
	}
	counting := web
	counting.function.Role, counting.function.Environment = "arn:aws:iam::1:role/web-role", map[string]string{countTable: "web-count", "SECRET": "x"}
	shared := counting
	its := map[string]string{commands.RequestTag: "R-1", commands.FunctionTag: "web"}
	counting.beside = map[string]map[string]string{"web-role": its, "web-count": its}
	shared.beside = map[string]map[string]string{"web-role": {commands.RequestTag: "R-1", commands.FunctionTag: "db"}, "web-count": {commands.FunctionTag: "web"}}
	gone := served{balancers: []aws.LoadBalancer{{Name: "web", ARN: "lb", Tags: others}}, function: aws.Function{Tags: others}}
	away := web
	away.refused = &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	for name, c := range map[string]struct {
		undo   string
		served served
		tagged string
		says   string
	}{
		"a load balancer with what was made with it": {"lb delete web --region eu-west-1", web, "lb group http https", "says so too."},
		"a function, and what was made for it":       {"lambda delete web", counting, "function web-role web-count", "says so too."},
		"a function, and not what stands beside it":  {"lambda delete web", shared, "function", "says so too."},
		"a function whose role is gone":              {"lambda delete web", web, "function", "says so too."},
		"an API, and not another of its name":        {"api delete web", web, "apis/a1 domainnames/api.example.com", "says so too."},
		"a load balancer of somebody else's":         {"lb delete web", gone, "", "is gone already (nothing of it that carries deckhand:request=R-1 is there), so its lease is over"},
		"a function of somebody else's":              {"lambda delete web", gone, "", "is gone already (nothing of it that carries deckhand:request=R-1 is there), so its lease is over"},
		"an API that is gone":                        {"api delete web", gone, "", "is gone already (nothing of it that carries deckhand:request=R-1 is there), so its lease is over"},
		"AWS refuses":                                {"lb delete web", away, "lb group http https", "still has the first end: AWS refused."},
	} {
		cloud := &tagger{served: c.served}
		got, _ := send(t, newBook(made(c.undo)), removing, cloud, "lease extend R-1 --by 4h")
		if tagged := strings.Join(cloud.tagged, " "); tagged != c.tagged || tagged != "" && cloud.end != "2026-03-10T21:00:00Z" {
			t.Errorf("%s: %s was tagged with %s", name, tagged, cloud.end)
		}
		if !strings.Contains(strings.ReplaceAll(got, "`", ""), c.says) {
			t.Errorf("%s: %q is missing in %s", name, c.says, got)
		}
	}
}
