package why

import (
	"context"
	"slices"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// roll is the checks that there are.
type roll struct {
	check.Book
	checks []check.Check
}

func (r roll) Checks(context.Context) ([]check.Check, error) { return r.checks, nil }

// street is a town whose target group leads to the load balancer.
type street struct {
	*town
	broken bool
}

func (s street) TargetGroups(context.Context, aws.Target, aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	if s.broken {
		return nil, &commands.Error{Kind: commands.Denied, Message: "Not allowed."}
	}
	return []aws.TargetGroup{{ARN: group, Name: "myapp", TargetType: "instance", LoadBalancers: []string{"arn:lb"}}}, nil
}

func (s street) LoadBalancers(_ context.Context, _ aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	var out []aws.LoadBalancer
	for _, b := range s.balancers {
		if slices.Contains(q.ARNs, b.ARN) || slices.Contains(q.Names, b.Name) || slices.Contains(q.ARNs, "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/myapp/1") {
			out = append(out, b)
		}
	}
	return out, nil
}

func (s street) Place(_ context.Context, t aws.Target) aws.Place {
	if t.Region != "" {
		return aws.Place{Region: t.Region}
	}
	return aws.Place{Region: "us-east-1"}
}

func TestWhichChecksLookAtWhatIsTouched(t *testing.T) {
	t.Parallel()
	var checks []check.Check
	for name, url := range map[string]string{
		"alias": "http://myapp.example.com/", "dns-name": "https://MYAPP-1.us-east-1.elb.amazonaws.com/", "handshake": "tls://myapp.example.com:443",
		"address": "tcp://203.0.113.7:22", "by-address": "http://direct.example.org/", "somebody-elses": "http://elsewhere.example.net/",
		"machine": "ec2://web", "machine-id": "ec2://i-web", "elsewhere": "ec2://web?region=eu-west-1", "other-account": "ec2://web?account=prod",
		"group": "target-group://myapp", "other-group": "target-group://shop", "function": "lambda://counter", "job": "heartbeat://web",
		"names-it": "icmp://web",
	} {
		checks = append(checks, check.Check{Name: name, URL: url})
	}
	checks = append(checks, check.Check{Name: "myapp", URL: "http://old.example.net/", MadeBy: "lb create"})
	balancer := commands.Resource{ID: "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/myapp/1", Name: "myapp"}
	instance := commands.Resource{ID: "i-web", Name: "web"}
	for story, c := range map[string]struct {
		touched []commands.Resource
		change  func(*street)
		want    []string
		wrong   bool
	}{
		"an instance, and what it is behind": {
			[]commands.Resource{instance}, func(*street) {},
			[]string{"address", "alias", "by-address", "dns-name", "group", "handshake", "machine", "machine-id", "myapp", "names-it"}, false,
		},
		"an instance behind nothing": {
			[]commands.Resource{instance}, func(s *street) { s.health = nil },
			[]string{"address", "by-address", "machine", "machine-id", "names-it"}, false,
		},
		"an instance, where AWS tells nothing of target groups": {
			[]commands.Resource{instance}, func(s *street) { s.broken = true },
			[]string{"address", "by-address", "machine", "machine-id", "names-it"}, true,
		},
		"a load balancer": {
			[]commands.Resource{balancer}, func(*street) {}, []string{"alias", "dns-name", "group", "handshake", "myapp"}, false,
		},
		"an application": {
			[]commands.Resource{{ID: "arn:aws:cloudformation:us-east-1:1:stack/myapp/1", Name: "myapp"}}, func(*street) {},
			[]string{"alias", "dns-name", "group", "handshake", "myapp"}, false,
		},
		"a service of ECS": {
			[]commands.Resource{{ID: "arn:aws:ecs:us-east-1:1:service/main/shop", Name: "shop"}}, func(*street) {},
			[]string{"alias", "dns-name", "group", "handshake", "myapp"}, false,
		},
		"a function": {
			[]commands.Resource{{ID: "arn:aws:lambda:us-east-1:1:function:counter", Name: "counter"}}, func(*street) {}, []string{"function"}, false,
		},
		"nothing that is looked at": {[]commands.Resource{{ID: "vol-1", Name: "disk"}}, func(*street) {}, nil, false},
	} {
		world := street{town: newTown()}
		world.names["myapp-1.us-east-1.elb.amazonaws.com"] = []string{"198.51.100.1"}
		world.names["elsewhere.example.net"] = []string{"192.0.2.9"}
		c.change(&world)
		d := &Doctor{Cloud: world, Resolver: world, Book: roll{checks: checks}}
		found, err := d.Watching(t.Context(), commands.Scope{Region: "us-east-1", Resources: c.touched})
		var names []string
		for _, one := range found {
			names = append(names, one.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, c.want) || (err != nil) != c.wrong {
			t.Errorf("%s: %v, %v\nwant %v", story, names, err, c.want)
		}
	}
}

func TestWithoutChecksNothingIsAsked(t *testing.T) {
	t.Parallel()
	d := &Doctor{Book: roll{}} // any question to AWS would panic
	found, err := d.Watching(t.Context(), commands.Scope{Resources: []commands.Resource{{ID: "i-web"}}})
	if len(found) > 0 || err != nil {
		t.Error(found, err)
	}
}
