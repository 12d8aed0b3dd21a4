package ecs

import (
	"strings"
	"testing"
	"testing/synctest"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// Each file in testdata is a story: lines sent one after the other, each with what was answered.
func TestStories(t *testing.T) {
	t.Parallel()
	commandstest.Stories(t, func(t *testing.T, name string) func(string) string {
		cloud := newFake()
		cloud.broken = strings.Contains(name, "broken")
		return func(line string) string { return commandstest.Told(request(t, cloud).run(line)) }
	})
}

func TestEveryCommandIsSoundAndItsExampleParses(t *testing.T) {
	t.Parallel()
	catalog := commandstest.Catalog(t, Commands(newFake()))
	for _, c := range catalog.All() {
		if _, found, err := catalog.Parse("", c.Example); err != nil || found.Name != c.Name || len(c.Rights) == 0 {
			t.Errorf("%s: %v", c.Name, err)
		}
		if c.Risk == commands.Read {
			continue
		}
		if _, ok := c.New().(commands.Planner); !ok {
			t.Errorf("%s has no plan", c.Name)
		}
		if _, ok := c.New().(commands.Checker); !ok {
			t.Errorf("%s cannot be checked", c.Name)
		}
	}
}

func TestLinesThatAreRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"ecs scale demo/shop":                                      "[usage] It needs --count.",
		"ecs scale demo/shop --count 201":                          "[usage] --count 201 is out of range.",
		"ecs scale demo/shop --count -2":                           "[usage]",
		"ecs update-service --service shop --force-new-deployment": "Use ecs redeploy shop.",
		"ecs scale shop --count 3":                                 "[ambiguous] 2 services are called shop: demo/shop, prod/shop.",
		"ecs show sho":                                             "The nearest is shop.",
		"ecs redeploy demo/none":                                   "[not_found] No service in us-east-1 is called none.",
	} {
		cloud := newFake()
		got := commandstest.Told(request(t, cloud).run(line))
		commandstest.Want(t, got, want)
		if len(cloud.asked) != 0 {
			t.Errorf("%s: AWS was asked %v", line, cloud.asked)
		}
	}
}

func TestServicesWithoutACount(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.services[0].Scheduling, cloud.services[2].Status = "DAEMON", "DRAINING"
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale demo/shop --count 3")), "[conflict]", "has no count of its own")
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale prod/shop --count 3")), "[conflict] shop is draining.")
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs redeploy prod/shop")), "[conflict] shop is draining.")
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale demo/mail --count 1 --plan")), "Nothing to do: mail wants 1 task already")
}

func TestScopeIsTheServiceWithItsTags(t *testing.T) {
	t.Parallel()
	runner, _, err := commandstest.Runner(t, Commands(newFake()), "ecs redeploy prod/shop")
	if err != nil {
		t.Fatal(err)
	}
	scope, err := runner.(commands.Scoped).Scope(t.Context()) //nolint:forcetypeassert // a panic is a failure
	if err != nil || scope.Region != "us-east-1" || len(scope.Resources) != 1 || scope.Resources[0].Tags["env"] != "prod" {
		t.Errorf("%+v, %v", scope, err)
	}
}

func TestWhatBecameOfALostAnswer(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		line    string
		arrives bool
		want    string
	}{
		"a count that arrived":        {"ecs scale demo/shop --count 3", true, "[good] shop: steady"},
		"a count that did not":        {"ecs scale demo/shop --count 3", false, "[failed] shop still wants 2 tasks: the change did not happen."},
		"a redeployment that arrived": {"ecs redeploy demo/shop", true, "[good] Redeployed shop"},
		"a redeployment that did not": {"ecs redeploy demo/shop", false, "[failed] ECS shows no new deployment of shop"},
	} {
		synctest.Test(t, func(t *testing.T) { // a look that shows nothing yet is repeated
			cloud := newFake()
			if c.arrives {
				cloud.lose = lost
			} else {
				cloud.refuse["UpdateService"] = lost
			}
			s := request(t, cloud)
			if _, err := s.run(c.line); !commands.IsUncertain(err) {
				t.Errorf("%s: %v", why, err)
			}
			commandstest.Want(t, commandstest.Told(s.check(c.line)), c.want)
			cloud.refuse["DescribeServices"] = denied
			if _, err := s.check(c.line); !commands.IsUncertain(err) && c.arrives == false {
				t.Errorf("%s: AWS could not be asked, and yet: %v", why, err)
			}
		})
	}
	commandstest.Want(t, commandstest.Told(request(t, newFake()).check("ecs redeploy demo/shop")), "[failed] The run was cut short before ECS was asked")
}

func TestAChangeThatShowsLateIsNotCalledUndone(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"ecs scale demo/shop --count 3": "[good] shop: steady", "ecs redeploy demo/shop": "[good] Redeployed shop"} {
		synctest.Test(t, func(t *testing.T) {
			cloud := newFake()
			cloud.lose, cloud.late = lost, 4
			s := request(t, cloud)
			if _, err := s.run(line); !commands.IsUncertain(err) {
				t.Errorf("%s: %v", line, err)
			}
			commandstest.Want(t, commandstest.Told(s.check(line)), want)
		})
	}
}

func TestACountThatSomebodyElseReplacedIsNotCalledReached(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.scaled = 1
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale demo/shop --count 5")),
		"[failed] ECS took the change, and wants 1 task now, not 5: somebody set another number meanwhile, or auto scaling did.", "1 running")
}

func TestAServiceThatAnotherControllerDeploysIsNotRedeployed(t *testing.T) {
	t.Parallel()
	for controller, want := range map[string]string{
		"CODE_DEPLOY": "[conflict] shop is deployed by CodeDeploy, and ECS does not replace its tasks by itself.",
		"EXTERNAL":    "[conflict] shop is deployed by a controller of its own",
	} {
		cloud := newFake()
		cloud.services[0].Controller = controller
		for _, line := range []string{"ecs redeploy demo/shop", "ecs redeploy demo/shop --plan"} {
			commandstest.Want(t, commandstest.Told(request(t, cloud).run(line)), want)
		}
		shown := commandstest.Told(request(t, cloud).run("ecs show demo/shop"))
		if len(cloud.asked) != 0 || strings.Contains(shown, "redeploy") {
			t.Error(cloud.asked, shown)
		}
		commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale demo/shop --count 3")), "[good] Scaled shop from 2 to 3 tasks")
	}
}

func TestARedeploymentIsAskedForOnce(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	for range 2 {
		commandstest.Want(t, commandstest.Told(s.run("ecs redeploy demo/shop")), "[good] Redeployed shop")
	}
	if len(cloud.asked) != 1 {
		t.Error(cloud.asked)
	}
}

func TestAServiceThatStaysUnsteady(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.stuck = true
	commandstest.Want(t, commandstest.Told(request(t, cloud).run("ecs scale demo/shop --count 5")),
		"[failed] ECS took the change. shop is not steady yet.", "shop: too few tasks", "Undo: ecs scale demo/shop --count 2")
}

func TestADeploymentThatWasRolledBackIsNotCalledDone(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.rolled = true
	got := commandstest.Told(request(t, cloud).run("ecs redeploy demo/shop"))
	commandstest.Want(t, got, "[failed] ECS took the change, and runs the deployment ecs-svc/1 now instead of the new one, ecs-svc/2", "circuit breaker: rolling back", "ecs show demo/shop")
}

func TestWhatECSSaysOfTasksItCannotPlaceIsTold(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.unplaced = true
	got := commandstest.Told(request(t, cloud).run("ecs scale demo/shop --count 9"))
	commandstest.Want(t, got, "shop is not steady yet. ECS says: (service shop) was unable to place a task because")
}
