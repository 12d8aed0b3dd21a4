package vm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2TrQKDnJtNT2SoHBc5Ec5FIT8QmBC2vQF6xKcVXmzK"

func TestLinesAboutInstancesThatAreRefusedWithoutAskingAWS(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm connect web-*":                                                    "web-* is a pattern",
		"vm connect":                                                          "It needs NAME.",
		"vm connect web-1 --os-user 'root; rm'":                               "--os-user is not a login",
		"vm connect web-1 --ssh-key nonsense":                                 "--ssh-key is not a public key",
		"vm connect web-1 --ssh-key ssh-dss AAAAB3Nz":                         "--ssh-key is not a public key",
		"vm connect web-1 --ssh-key ssh-ed25519 !!!":                          "--ssh-key is not a public key",
		"vm run web-1":                                                        "does not say what to run",
		"vm run --command uptime":                                             "does not say which instances",
		"vm run web-1 --command a --parameter commands=b":                     "given with --command and with --parameter",
		"vm run web-1 --document AWS-ApplyPatchBaseline":                      "does not allow the document AWS-ApplyPatchBaseline",
		"vm run web-1 --command a --parameter x=1":                            "is not one that deckhand passes on",
		"vm run web-1 --command a --parameter executionTimeout=1h":            "executionTimeout must be seconds",
		"vm run web-1 --command a --parameter executionTimeout=0":             "executionTimeout must be seconds",
		"vm run web-1 --command " + strings.Repeat("a", 4001):                 "at most 4000",
		"vm console web-1 --lines 0":                                          "--lines 0 is out of range",
		"vm metrics web-1 --hours 337":                                        "It may be 1 to 336.",
		"vm resize web-1":                                                     "It needs TYPE.",
		"vm resize web-1 --type large":                                        "large is not an instance type.",
		"vm tag web-1":                                                        "does not say which tags",
		"vm tag web-1 --set deckhand:owner=U_EVE":                             "is one that deckhand writes itself",
		"vm tag web-1 --remove aws:x":                                         "begins with aws:",
		"vm tag web-1 --set a=1 --remove a":                                   "is set and removed",
		"vm protect web-1 --off":                                              "Use vm unprotect NAME",
		"vm image web-1":                                                      "It needs --name.",
		"vm image web-1 --name a!":                                            "cannot be the name of an image",
		"vm image web-1 --name abc --description " + strings.Repeat("x", 256): "description is too long",
	} {
		cloud := newFake()
		_, err := request(t, cloud).run(t.Context(), line)
		if err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%s: %v", line, err)
			continue
		}
		commandstest.Want(t, commandstest.Told(commands.Report{}, err), want)
		if len(cloud.asked) != 0 {
			t.Errorf("%s: AWS was asked %v", line, cloud.asked)
		}
	}
}

func TestWhatIsTakenForAKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	_, err := request(t, newFake()).run(t.Context(), "vm connect web-1 --ssh-key hunter2hunter2")
	if got := commandstest.Told(commands.Report{}, err); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}

// cutShort runs a line whose answer from AWS is lost, and then looks.
func cutShort(t *testing.T, cloud *fakeCloud, line string) string {
	t.Helper()
	s := request(t, cloud)
	if _, err := s.run(t.Context(), line); !commands.IsUncertain(err) {
		t.Fatalf("%s: %v", line, err)
	}
	return commandstest.Told(s.check(t.Context(), line))
}

func TestWhatBecameOfALostAnswer(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		line, operation string
		arrives         bool
		want            string
	}{
		"a command that arrived":      {"vm run web-1 --command uptime", "SendCommand", true, "[good] web-1: exit code 0"},
		"a command that did not":      {"vm run web-1 --command uptime", "SendCommand", false, "[failed] Systems Manager shows no such command: nothing was sent."},
		"an image that is being made": {"vm image web-1 --name abc", "CreateImage", true, "[good] Image abc of web-1 is available"},
		"an image that is not":        {"vm image web-1 --name abc", "CreateImage", false, "[failed] AWS shows no image of this name: none was made."},
		"a key, which nothing shows":  {"vm connect web-1 --os-user x --ssh-key " + publicKey, "SendSSHPublicKey", true, "void a minute later"},
		"a tag that was set":          {"vm tag web-1 --set a=1", "CreateTags", true, "[good] Changed tags of 1 instance: web-1"},
		"a tag that was not":          {"vm tag web-1 --set a=1", "CreateTags", false, "[failed] The tags of web-1 (i-0a1) are not as they should be."},
		"a protection that is on":     {"vm protect web-1", "ModifyInstanceAttribute", true, "[good] Termination protection is on for 1 instance: web-1"},
		"a protection that is not":    {"vm protect web-1", "ModifyInstanceAttribute", false, "[failed] Termination protection is off for web-1 (i-0a1)."},
		"a type that was changed":     {"vm resize web-2 --type t3.large", "ModifyInstanceAttribute", true, "[good] Resized web-2 from t3.micro to t3.large"},
		"a type that was not":         {"vm resize web-2 --type t3.large", "ModifyInstanceAttribute", false, "[failed] web-2 (i-0a2) is stopped and still a t3.micro."},
		"a stop for a new type":       {"vm resize web-1 --type t3.large --restart", "StopInstances", true, "[good] Resized web-1 from t3.micro to t3.large\nIt runs again"},
		"no stop for a new type":      {"vm resize web-1 --type t3.large --restart", "StopInstances", false, "[failed] web-1 (i-0a1) is running and still a t3.micro."},
		"a new type after the stop":   {"vm resize web-1 --type t3.large --restart", "ModifyInstanceAttribute", true, "[good] Resized web-1 from t3.micro to t3.large\nIt runs again"},
		"no new type after the stop":  {"vm resize web-1 --type t3.large --restart", "ModifyInstanceAttribute", false, "[failed] web-1 (i-0a1) is still a t3.micro.\nIt is stopped; vm start i-0a1 starts it."},
		"a start after a new type":    {"vm resize web-1 --type t3.large --restart", "StartInstances", true, "[good] Resized web-1 from t3.micro to t3.large"},
		"no start after a new type":   {"vm resize web-1 --type t3.large --restart", "StartInstances", false, "web-1 (i-0a1) is a t3.large now, and stopped instead of running."},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cloud := newFake()
				if c.arrives {
					cloud.lose[c.operation], cloud.hideFor = lost, 2
				} else {
					cloud.refuse[c.operation] = lost
				}
				commandstest.Want(t, cutShort(t, cloud, c.line), c.want)
			})
		})
	}
}

func TestACommandIsSentOnceInTheLifeOfItsRequest(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	s := request(t, cloud)
	s.journal.cut = sendStep
	if _, err := s.run(t.Context(), "vm run web-1 --command uptime"); err == nil {
		t.Fatal("the process did not end")
	}
	if _, err := s.run(t.Context(), "vm run web-1 --command uptime"); !commands.IsUncertain(err) {
		t.Error(err)
	}
	report, err := s.check(t.Context(), "vm run web-1 --command uptime")
	commandstest.Want(t, commandstest.Told(report, err), "[good] web-1: exit code 0")
	if len(cloud.sent) != 1 || cloud.sent[0].Comment != "deckhand-R-42" || !slices.Equal(cloud.sent[0].Parameters["commands"], []string{"uptime"}) {
		t.Errorf("%+v", cloud.sent)
	}
}

// TestAResizeGoesOnAfterItsStart: who takes it over does not wait for a stop that is over.
func TestAResizeGoesOnAfterItsStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const line = "vm resize web-1 --type t3.large --restart"
		s := request(t, newFake())
		s.journal.cut = startStep
		if _, err := s.run(t.Context(), line); err == nil {
			t.Fatal("the process did not end")
		}
		begun := time.Now()
		if report, err := s.run(t.Context(), line); !commands.IsUncertain(err) || time.Since(begun) > time.Minute {
			t.Errorf("%s after %s", commandstest.Told(report, err), time.Since(begun))
		}
		report, err := s.check(t.Context(), line)
		commandstest.Want(t, commandstest.Told(report, err), "[good] Resized web-1 from t3.micro to t3.large")
	})
}

// TestAResizeStartsWhatItPutToSleep: a machine that ran does not stay down because a process ended before it was started again. What people did
// with it meanwhile stands.
func TestAResizeStartsWhatItPutToSleep(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		meanwhile func(*aws.Instance)
		want      string
	}{
		"nothing happened":                      {func(*aws.Instance) {}, "[good] Resized web-1 from t3.micro to t3.large\nIt runs again"},
		"somebody started and stopped it again": {func(i *aws.Instance) { i.LaunchedAt = now }, "[failed] web-1 (i-0a1) is a t3.large now, and stopped instead of running."},
		"somebody put it into the bin": {
			func(i *aws.Instance) { i.Tags[binTag] = now.Add(time.Hour).Format(time.RFC3339) }, "[failed] web-1 (i-0a1) is a t3.large now, and stopped instead of running.",
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const line = "vm resize web-1 --type t3.large --restart"
				cloud := newFake()
				s := request(t, cloud)
				cloud.refuse["StartInstances"] = lost
				if _, err := s.run(t.Context(), line); !commands.IsUncertain(err) {
					t.Fatal(err)
				}
				delete(cloud.refuse, "StartInstances")
				c.meanwhile(cloud.instance("i-0a1"))
				report, err := s.check(t.Context(), line)
				commandstest.Want(t, commandstest.Told(report, err), c.want)
			})
		})
	}
}

func TestACommandThatRunsOnIsUncertain(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.answers[""] = aws.Invocation{Status: "InProgress", ExitCode: -1}
	report, err := request(t, cloud).run(t.Context(), "vm run web-1 --command 'sleep 9999'")
	commandstest.Want(t, commandstest.Told(report, err), "[uncertain] The command still runs on web-1 (i-0a1) after 30 minutes.", "c0ffee")
	cloud.answers[""] = aws.Invocation{Status: "TimedOut", Detail: "DeliveryTimedOut", ExitCode: -1}
	report, err = request(t, cloud).run(t.Context(), "vm run web-1 --command uptime")
	commandstest.Want(t, commandstest.Told(report, err), "[failed]", "never delivered, so it did not run (DeliveryTimedOut)", "No output.")
	cloud.answers[""] = aws.Invocation{Status: "Success", Output: "x" + strings.Repeat("é", 1500)}
	report, err = request(t, cloud).run(t.Context(), "vm run web-1 --command uptime")
	commandstest.Want(t, commandstest.Told(report, err), "[good] web-1: exit code 0", "x"+strings.Repeat("é", 124)+"\n", "The first 125 of 1501 characters; the file has all.")
}

func TestAKeyIsSentToTheLoginOfTheImage(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]string{
		"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261001": "ubuntu", "debian-12-amd64-20261001": "admin",
		"al2023-ami-2023.9-kernel-6.1-x86_64": "ec2-user", "RHEL-9.4_HVM-x86_64": "ec2-user",
	} {
		cloud := newFake()
		cloud.imageName = name
		report, err := request(t, cloud).run(t.Context(), "vm connect web-1 --ssh-key "+publicKey+" me@laptop")
		commandstest.Want(t, commandstest.Told(report, err), "ssh "+login+"@54.0.0.")
		if len(cloud.keys) != 1 || cloud.keys[0] != publicKey+" me@laptop" {
			t.Error(cloud.keys)
		}
	}
}

func TestConsolesOfOtherPartsOfAWS(t *testing.T) {
	t.Parallel()
	for region, host := range map[string]string{
		"eu-west-1": "eu-west-1.console.aws.amazon.com", "cn-north-1": "cn-north-1.console.amazonaws.cn", "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
	} {
		commandstest.Want(t, sessionURL("i-1", region), "https://"+host+"/systems-manager/session-manager/i-1?region="+region)
	}
}

func TestPeriodsOfAChart(t *testing.T) {
	t.Parallel()
	at := now.Add(7 * time.Minute)
	for hours := 1; hours <= farthest; hours++ {
		span := spanOf(hours, at)
		n := int(span.To.Sub(span.From) / span.Period)
		if n > mostPoints || n < 1 || span.Period%basic != 0 || span.Period > time.Hour && span.Period%time.Hour != 0 || span.From.After(at.Add(-time.Duration(hours)*time.Hour+span.Period)) ||
			!span.To.After(at) || len(labelsOf(span)) != n {
			t.Errorf("%d hours: %d points of %s from %s to %s", hours, n, span.Period, span.From, span.To)
		}
	}
}

func TestProtectionThatIsRefusedHalfWaySaysWhatStands(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["protect i-0b1"] = denied
	report, err := request(t, cloud).run(t.Context(), "vm protect web-1 db")
	commandstest.Want(t, commandstest.Told(report, err), "[failed] It was done for web-1 (i-0a1), and then AWS refused", "vm protect i-0b1 does the rest", "Switched on for 1 of 2 instances")
}

func TestTagsThatCouldNotBeRemovedSayWhatStands(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["DeleteTags"] = denied
	_, err := request(t, cloud).run(t.Context(), "vm tag web-1 --set a=1 --remove env")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "The tags were set, and none was removed", "vm tag i-0a1 --remove env does the rest")
}

// Policy is asked about the tags as they are and as they would be.
func TestNobodyLeavesARuleByChangingTags(t *testing.T) {
	t.Parallel()
	runner, _, err := request(t, newFake()).runner("vm tag db --set env=dev")
	if err != nil {
		t.Fatal(err)
	}
	scope, err := runner.(commands.Scoped).Scope(t.Context()) //nolint:forcetypeassert // a panic is a failure
	var envs []string
	for _, r := range scope.Resources {
		envs = append(envs, r.Tags["env"])
	}
	if err != nil || fmt.Sprint(envs) != "[prod dev]" {
		t.Error(envs, err)
	}
}

func TestTheLineThatUndoesTagsBringsThemBack(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	before := fmt.Sprint(cloud.instance("i-0a1").Tags)
	report, err := request(t, cloud).run(t.Context(), `vm tag web-1 --set "env=a b" new=1 --remove deckhand --remove Name`)
	if err != nil {
		t.Fatal(err)
	}
	undo := report.Next[len(report.Next)-1]
	if _, err := request(t, cloud).run(t.Context(), undo.Line); err != nil || fmt.Sprint(cloud.instance("i-0a1").Tags) != before {
		t.Errorf("%s: %v, %v", undo.Line, cloud.instance("i-0a1").Tags, err)
	}
}
