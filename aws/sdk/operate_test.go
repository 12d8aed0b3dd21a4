package sdk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2TrQKDnJtNT2SoHBc5Ec5FIT8QmBC2vQF6xKcVXmzK"

// running launches an instance and waits for it.
func running(t *testing.T, c *sdk.Cloud, token string) aws.Instance {
	t.Helper()
	seen, err := c.WaitForState(t.Context(), here, launch(t, c, small(token)), aws.Running, nil)
	must(t, err)
	return seen[0]
}

func shell(i aws.Instance, comment, text string) aws.Shell {
	return aws.Shell{Document: "AWS-RunShellScript", InstanceIDs: []string{i.ID}, Parameters: map[string][]string{"commands": {text}}, Comment: comment}
}

func TestACommandRunsAndIsFoundByItsComment(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		agents, err := c.Agents(t.Context(), here, []string{i.ID, "i-0ffffffffffffffff"})
		must(t, err)
		if len(agents) != 1 || !agents[i.ID].Online() || agents[i.ID].Platform != "Linux" {
			t.Errorf("%+v", agents)
		}
		begun := time.Now()
		id, err := c.SendCommand(t.Context(), here, shell(i, "deckhand-R-1", "echo hello"))
		must(t, err)
		looks := 0
		out, err := c.WaitForCommand(t.Context(), here, id, []string{i.ID}, func([]aws.Invocation) { looks++ })
		must(t, err)
		if out[0].Status != "Success" || out[0].Output != "hello\n" || out[0].ExitCode != 0 || looks < 2 {
			t.Errorf("%+v after %d looks", out, looks)
		}
		found, err := c.CommandNamed(t.Context(), here, "deckhand-R-1", begun)
		if err != nil || found != id {
			t.Errorf("%s, %v", found, err)
		}
		none, err := c.CommandNamed(t.Context(), here, "deckhand-R-2", begun)
		if err != nil || none != "" {
			t.Errorf("%s, %v", none, err)
		}
		early, err := c.CommandResult(t.Context(), here, "00000000-0000-4000-a000-000000000000", i.ID)
		if err != nil || early.Status != "Pending" || early.Over() {
			t.Errorf("a command that AWS does not know yet: %+v, %v", early, err)
		}
		w.LoseAnswer("SendCommand", 1)
		_, err = c.SendCommand(t.Context(), here, shell(i, "deckhand-R-3", "nonsense"))
		wantError(t, err, "uncertain")
		lost, err := c.CommandNamed(t.Context(), here, "deckhand-R-3", begun)
		must(t, err)
		out, err = c.WaitForCommand(t.Context(), here, lost, []string{i.ID}, func([]aws.Invocation) {})
		if err != nil || out[0].ExitCode != 127 || !strings.Contains(out[0].Errors, "not found") || count(w, "SendCommand") != 2 {
			t.Errorf("%+v, %v, sent %d times", out, err, count(w, "SendCommand"))
		}
	})
}

// A document of several steps answers for each of them alone; those for other platforms wrote nothing.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
func TestADocumentOfSeveralSteps(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		d, err := c.Document(t.Context(), here, "AWS-RunPatchBaseline")
		must(t, err)
		if first := d.Parameters[0]; d.Kind != aws.CommandDocument || !d.RunsOn("Windows") || first.Name != "Operation" || !first.Required || first.List {
			t.Errorf("%+v", d)
		}
		_, err = c.Document(t.Context(), here, "Acme-Restart")
		wantError(t, err, "not_found", "has no document Acme-Restart in us-east-1")
		id, err := c.SendCommand(t.Context(), here, aws.Shell{Document: d.Name, InstanceIDs: []string{i.ID}, Parameters: map[string][]string{"Operation": {"Scan"}}})
		must(t, err)
		out, err := c.WaitForCommand(t.Context(), here, id, []string{i.ID}, func([]aws.Invocation) {})
		must(t, err)
		if out[0].Status != "Success" || out[0].ExitCode != 0 || !strings.HasPrefix(out[0].Output, "PatchLinux:\nOperation: Scan\n") || strings.Contains(out[0].Output, "Windows") {
			t.Errorf("%+v", out[0])
		}
	})
}

func TestAKeyIsLetInForAMinute(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		must(t, c.SendPublicKey(t.Context(), here, i, "ubuntu", publicKey))
		if got := w.PublicKeys(i.ID); len(got) != 1 || got[0] != "ubuntu "+publicKey {
			t.Error(got)
		}
		w.LoseAnswer("SendSSHPublicKey", 1) // it may be sent again
		must(t, c.SendPublicKey(t.Context(), here, i, "ubuntu", publicKey))
		<-time.After(time.Minute) // the bubble's own minute
		if got := w.PublicKeys(i.ID); len(got) != 0 {
			t.Error("after a minute: ", got)
		}
		w.Fail("SendSSHPublicKey", "AccessDeniedException", 1)
		wantError(t, c.SendPublicKey(t.Context(), here, i, "ubuntu", publicKey), "denied", "ec2-instance-connect:SendSSHPublicKey")
	})
}

func TestTheConsoleIsDecoded(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		got, err := c.ConsoleOutput(t.Context(), here, i.ID)
		if err != nil || !strings.Contains(got.Text, "OpenSSH") || got.At.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
		w.Fail("GetConsoleOutput", "UnsupportedOperation", 1) // not on Nitro: the newest is not to be had
		got, err = c.ConsoleOutput(t.Context(), here, i.ID)
		if err != nil || got.Text == "" || count(w, "GetConsoleOutput") != 3 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestMeasuresComeByPeriod(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		<-time.After(time.Hour)
		now := time.Now().UTC()
		span := aws.Span{From: now.Truncate(5 * time.Minute).Add(-30 * time.Minute), To: now.Truncate(5 * time.Minute), Period: 5 * time.Minute}
		what := []aws.Metric{{Name: "NetworkIn", Statistic: "Sum"}, {Name: "CPUUtilization", Statistic: "Average"}, {Name: "Unknown", Statistic: "Sum"}}
		got, err := c.Measures(t.Context(), here, i.ID, what, span)
		must(t, err)
		if len(got) != 3 || got[0].Name != "NetworkIn" || len(got[0].Times) != 6 || !got[0].Times[0].Equal(span.From) || got[0].Values[0] < got[1].Values[0] || len(got[2].Times) != 0 {
			t.Errorf("%+v", got)
		}
		w.Fail("GetMetricData", "AccessDeniedException", 1)
		_, err = c.Measures(t.Context(), here, i.ID, what, span)
		wantError(t, err, "denied", "cloudwatch:GetMetricData")
	})
}

func TestTypeProtectionAndTagsAreSet(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		wantError(t, c.SetInstanceType(t.Context(), here, i.ID, "t3.large", false), "failed", "stopped")
		_, err := c.StopInstances(t.Context(), here, []string{i.ID}, false, false)
		must(t, err)
		_, err = c.WaitForState(t.Context(), here, []string{i.ID}, aws.Stopped, nil)
		must(t, err)
		w.LoseAnswer("ModifyInstanceAttribute", 1) // setting the same again is safe
		for _, rehearsal := range []bool{true, false} {
			must(t, c.SetInstanceType(t.Context(), here, i.ID, "t3.large", rehearsal))
			must(t, c.SetTerminationProtection(t.Context(), here, i.ID, true, rehearsal))
			must(t, c.TagInstances(t.Context(), here, []string{i.ID}, map[string]string{"team": "a", "old": ""}, rehearsal))
			must(t, c.UntagInstances(t.Context(), here, []string{i.ID}, []string{"old"}, rehearsal))
			must(t, c.UntagInstances(t.Context(), here, []string{i.ID}, nil, rehearsal)) // not all of them
			now, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: []string{i.ID}})
			must(t, err)
			on, err := c.TerminationProtected(t.Context(), here, i.ID)
			must(t, err)
			_, old := now[0].Tags["old"]
			if (now[0].Type == "t3.large") == rehearsal || on == rehearsal || (now[0].Tags["team"] == "a") == rehearsal || old {
				t.Errorf("rehearsal %v: %+v, protected %v", rehearsal, now[0], on)
			}
		}
	})
}

func TestAnImageIsMadeOnceAndWaitedFor(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		i := running(t, c, "r-1")
		order := aws.NewImage{InstanceID: i.ID, Name: "golden", Tags: map[string]string{"Name": "golden"}, DryRun: true}
		if id, err := c.CreateImage(t.Context(), here, order); err != nil || id != "" {
			t.Errorf("the rehearsal: %s, %v", id, err)
		}
		order.DryRun = false
		w.LoseAnswer("CreateImage", 1)
		_, err := c.CreateImage(t.Context(), here, order)
		wantError(t, err, "uncertain")
		found, err := c.OwnImage(t.Context(), here, "golden")
		must(t, err)
		var states []string
		made, err := c.WaitForImage(t.Context(), here, found.ID, func(now aws.Image) { states = append(states, now.State) })
		must(t, err)
		if made.State != "available" || states[0] != "pending" || made.Platform != "Linux/UNIX" {
			t.Errorf("%+v by %v", made, states)
		}
		none, err := c.OwnImage(t.Context(), here, "gold*")
		if err != nil || none.ID != "" {
			t.Errorf("a pattern is no name: %+v, %v", none, err)
		}
		_, err = c.CreateImage(t.Context(), here, order)
		wantError(t, err, "failed", "already in use")
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.WaitForImage(brief, here, "ami-0ffffffffffffffff", func(aws.Image) {})
		if err == nil {
			t.Error("an image that is not there was waited for in vain, without an error")
		}
	})
}
