package app

import (
	"context"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

func (s *shop) Network(context.Context, aws.Target, string) (aws.Network, error) {
	return s.around, s.dark
}

func (s *shop) Listeners(context.Context, aws.Target, string) ([]aws.Listener, error) {
	return s.listens, s.dark
}

func (s *shop) BalancerProtected(context.Context, aws.Target, string) (bool, error) {
	return s.shut, s.dark
}

func (s *shop) DeleteStack(context.Context, aws.Target, string, string) error {
	if s.overtakes != nil {
		s.stack.Status = "UPDATE_IN_PROGRESS"
		return s.overtakes
	}
	s.deletions++
	s.stack.Status = "DELETE_COMPLETE"
	return nil
}

// What others have on an application is told before anything of it goes: AWS would find it half-way.
func TestWhatOthersHaveOnAnApplicationIsInTheWay(t *testing.T) {
	t.Parallel()
	card := func(id, instance, description string, groups ...string) aws.Interface {
		return aws.Interface{ID: id, InstanceID: instance, Description: description, Groups: groups}
	}
	for name, one := range map[string]struct {
		put  func(*shop)
		want string // "": it goes
	}{
		"nothing": {put: func(*shop) {}},
		"its own": {put: func(s *shop) {
			s.around.Interfaces = []aws.Interface{card("eni-1", "i-1", "", "sg-m"), card("eni-2", "", "ELB app/shop/0123", "sg-b"), card("eni-3", "i-9", "", "sg-x")}
			s.around.Groups = []aws.SecurityGroup{{ID: "sg-m", Ingress: []aws.Rule{{Peer: "sg-b"}}}}
			s.listens = []aws.Listener{{ARN: "arn:listener", Protocol: "HTTP", Port: 80}}
		}},
		"a machine": {
			func(s *shop) { s.around.Interfaces = []aws.Interface{card("eni-3", "i-stranger", "", "sg-m")} },
			"the instance `i-stranger`, which is in one of its security groups",
		},
		"another load balancer": {
			func(s *shop) { s.around.Interfaces = []aws.Interface{card("eni-3", "", "ELB app/shop2/0123", "sg-b")} },
			"the network interface ELB app/shop2/0123 (`eni-3`)",
		},
		"a rule": {
			func(s *shop) {
				s.around.Groups = []aws.SecurityGroup{{ID: "sg-x", Name: "db", Ingress: []aws.Rule{{Peer: "sg-m"}}}}
			},
			"a rule of the security group db (`sg-x`), which names the security group of the machines (`sg-m`)",
		},
		"a rule outwards": {
			func(s *shop) { s.around.Groups = []aws.SecurityGroup{{ID: "sg-x", Sends: []string{"sg-b"}}} },
			"a rule of the security group `sg-x`, which names the security group of the load balancer (`sg-b`)",
		},
		"a listener": {
			func(s *shop) { s.listens = []aws.Listener{{ARN: "arn:other", Protocol: "HTTP", Port: 8443}} },
			"the listener for HTTP at port 8443 of its load balancer (`arn:other`)",
		},
		"protection": {func(s *shop) { s.shut = true }, "the deletion protection of its load balancer (`arn:lb`)"},
	} {
		s := newShop()
		one.put(s)
		plan, _ := send(t, s, nil, "app down shop --plan", nil)
		got, _ := send(t, s, nil, "app down shop", nil)
		switch refused := strings.HasPrefix(plan, "[conflict] In the way of taking shop down: "); {
		case one.want == "" && (refused || s.deletions != 1):
			t.Errorf("%s: %d deletions:\n%s\n%s", name, s.deletions, plan, got)
		case one.want != "" && (!refused || s.deletions != 0 || !strings.Contains(plan, strings.ReplaceAll(one.want, "`", "")) || !strings.Contains(got, strings.ReplaceAll(one.want, "`", ""))):
			t.Errorf("%s: %d deletions:\n%s\n%s", name, s.deletions, plan, got)
		}
	}
}

// A machine that somebody registered behind the load balancer does not go with it, and is not said to.
func TestAMachineOfOthersBehindAnApplicationStays(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.machines("i-1", "i-stranger")
	plan, _ := send(t, s, nil, "app down shop --plan", nil)
	got, _ := send(t, s, nil, "app down shop", nil)
	for _, text := range []string{plan, got} {
		gone, _, _ := strings.Cut(text, "What others")
		if strings.Contains(gone, "i-stranger") || !strings.Contains(gone, "i-1") || !strings.Contains(text, "i-stranger") {
			t.Error(text)
		}
	}
}

// Where others cannot be looked for, AWS decides, and the plan says what was not seen.
func TestOthersThatCannotBeLookedFor(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.dark = refused("DescribeNetworkInterfaces")
	if plan, _ := send(t, s, nil, "app down shop --plan", nil); !strings.Contains(plan, "was looked for: AWS refused the call DescribeNetworkInterfaces.") {
		t.Error(plan)
	}
	if got, _ := send(t, s, nil, "app down shop", nil); s.deletions != 1 {
		t.Error(got)
	}
}

// Of two changes at once the second finds the stack moving, whatever AWS calls that.
func TestAChangeThatComesSecondIsToldOfTheFirst(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.overtakes = &commands.Error{Kind: commands.Usage, Message: "is in UPDATE_IN_PROGRESS state and can not be updated"}
	got, _ := send(t, s, nil, "app deploy shop --count 3", nil)
	if !strings.HasPrefix(got, "[conflict] shop is changing (UPDATE_IN_PROGRESS), so nothing was done.") {
		t.Error(got)
	}
	s.stack.Status = "UPDATE_COMPLETE"
	if got, _ = send(t, s, nil, "app down shop", nil); !strings.HasPrefix(got, "[conflict] shop is changing, and CloudFormation deletes no stack that moves") {
		t.Error(got)
	}
}

// AWS tells no endpoint of a stack that is half gone; its check is found all the same, and not that of its namesake elsewhere.
func TestTheCheckOfAnApplicationThatIsHalfGone(t *testing.T) {
	t.Parallel()
	s := aws.Stack{Name: "shop"}
	came := check.Check{Name: "shop", URL: "http://shop.example.com/", MadeBy: madeBy("shop"), Hands: []commands.Next{{Line: "app status shop"}}}
	book := shelf{checks: []check.Check{{Name: "other"}, came}}
	if one, found := checkOf(t.Context(), book, aws.Target{}, s); !found || one.Name != "shop" {
		t.Errorf("%v, %q", found, one.Name)
	}
	if one, found := checkOf(t.Context(), book, aws.Target{Region: "us-west-2"}, s); found {
		t.Errorf("found %q of another region", one.Name)
	}
	s.Outputs = map[string]string{"Endpoint": "http://new.example.com/"}
	if one, found := checkOf(t.Context(), book, aws.Target{}, s); found {
		t.Errorf("found %q of another address", one.Name)
	}
}

func TestAMachineOfOthersIsNotCounted(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.machines("i-1", "i-stranger")
	if got, _ := send(t, s, nil, "app status shop", nil); !strings.Contains(got, "shop is up, 1 of 2 machines healthy") || !strings.Contains(got, "i-stranger") {
		t.Error(got)
	}
}
