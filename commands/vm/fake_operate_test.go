package vm

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// devices is what the fake AWS has around its instances.
type devices struct {
	images    map[string]aws.Image // own ones, by name
	agents    map[string]aws.Agent
	console   string
	sent      []aws.Shell
	document  aws.Document
	answers   map[string]aws.Invocation // by instance; "" is for all others
	keys      []string
	imageName string // of every image
	processor string // that every image is for; "" where EC2 does not say
	groups    []aws.TargetGroup
	targets   map[string][]aws.TargetHealth // by the ARN of their group
	measured  func(metric string, at time.Time) (float64, bool)
}

func newDevices() devices {
	return devices{
		images: map[string]aws.Image{}, agents: map[string]aws.Agent{},
		answers: map[string]aws.Invocation{"": {Status: "Success", Output: " 09:00:00 up 30 days\n"}},
	}
}

func (f *fakeCloud) instance(id string) *aws.Instance {
	for n := range f.instances {
		if f.instances[n].ID == id {
			return &f.instances[n]
		}
	}
	return nil
}

// note writes down a change, unless AWS refuses it or it is a rehearsal.
func (f *fakeCloud) note(op string, dryRun bool, what string, do func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse[op] != nil || dryRun {
		return f.refuse[op]
	}
	f.asked = append(f.asked, op+" "+what)
	do()
	return f.lose[op]
}

func (f *fakeCloud) SetInstanceType(_ context.Context, _ aws.Target, id, kind string, dryRun bool) error {
	if i := f.instance(id); i.State != aws.Stopped && !dryRun {
		return &commands.Error{Kind: commands.Failed, Message: id + " is not stopped."}
	}
	return f.note("ModifyInstanceAttribute", dryRun, id+" "+kind, func() { f.instance(id).Type = kind })
}

func (f *fakeCloud) SetTerminationProtection(_ context.Context, _ aws.Target, id string, on, dryRun bool) error {
	if err := f.refuse["protect "+id]; err != nil {
		return err
	}
	return f.note("ModifyInstanceAttribute", dryRun, id+" "+onOff(on), func() { f.protected[id] = on })
}

func (f *fakeCloud) TagInstances(_ context.Context, _ aws.Target, ids []string, tags map[string]string, dryRun bool) error {
	return f.note("CreateTags", dryRun, strings.Join(ids, " ")+" "+commands.TagWords(tags), func() {
		for _, id := range ids {
			i := f.instance(id)
			i.Tags = maps.Clone(i.Tags)
			maps.Copy(i.Tags, tags)
		}
	})
}

func (f *fakeCloud) UntagInstances(_ context.Context, _ aws.Target, ids, keys []string, dryRun bool) error {
	return f.note("DeleteTags", dryRun, strings.Join(ids, " ")+" "+strings.Join(keys, " "), func() {
		for _, id := range ids {
			i := f.instance(id)
			i.Tags = maps.Clone(i.Tags)
			maps.DeleteFunc(i.Tags, func(key, _ string) bool { return slices.Contains(keys, key) })
		}
	})
}

func (f *fakeCloud) ConsoleOutput(context.Context, aws.Target, string) (aws.Console, error) {
	return aws.Console{Text: f.console, At: now}, f.refuse["GetConsoleOutput"]
}

func (f *fakeCloud) Measures(_ context.Context, _ aws.Target, _ string, what []aws.Metric, span aws.Span) ([]aws.Measure, error) {
	var out []aws.Measure
	for _, m := range what {
		one := aws.Measure{Name: m.Name}
		for at := span.From; at.Before(span.To) && f.measured != nil; at = at.Add(span.Period) {
			if value, ok := f.measured(m.Name, at); ok {
				one.Times, one.Values = append(one.Times, at), append(one.Values, value)
			}
		}
		out = append(out, one)
	}
	return out, f.refuse["GetMetricData"]
}

func (f *fakeCloud) OwnImage(_ context.Context, _ aws.Target, name string) (aws.Image, error) {
	return f.images[name], f.refuse["DescribeImages"]
}

func (f *fakeCloud) CreateImage(_ context.Context, _ aws.Target, n aws.NewImage) (string, error) {
	id := "ami-0000000000000001a"
	return id, f.note("CreateImage", n.DryRun, n.InstanceID+" "+n.Name, func() {
		f.images[n.Name] = aws.Image{ID: id, Name: n.Name, State: "pending"}
	})
}

func (f *fakeCloud) WaitForImage(ctx context.Context, _ aws.Target, id string, progress func(aws.Image)) (aws.Image, error) {
	i := aws.Image{ID: id, State: "available"}
	if f.refuse["image"] != nil {
		i.State, i.Reason = "failed", "Client.InternalError"
	}
	progress(i)
	return i, ctx.Err()
}

func (f *fakeCloud) Agents(_ context.Context, _ aws.Target, ids []string) (map[string]aws.Agent, error) {
	out := map[string]aws.Agent{}
	for _, id := range ids {
		a, known := f.agents[id]
		if !known {
			a = aws.Agent{Known: true, Ping: "Online", Platform: "Linux"}
		}
		if a.Known {
			out[id] = a
		}
	}
	return out, f.refuse["DescribeInstanceInformation"]
}

func (f *fakeCloud) SendPublicKey(_ context.Context, _ aws.Target, i aws.Instance, login, key string) error {
	return f.note("SendSSHPublicKey", false, i.ID+" "+login, func() { f.keys = append(f.keys, key) })
}

func (f *fakeCloud) Document(_ context.Context, _ aws.Target, name string) (aws.Document, error) {
	d := f.document
	d.Name = name
	return d, f.refuse["DescribeDocument"]
}

func (f *fakeCloud) SendCommand(_ context.Context, _ aws.Target, s aws.Shell) (string, error) {
	return "c0ffee", f.note("SendCommand", false, strings.Join(s.InstanceIDs, " "), func() { f.sent = append(f.sent, s) })
}

func (f *fakeCloud) CommandNamed(_ context.Context, _ aws.Target, comment string, _ time.Time) (string, error) {
	if f.hideFor--; f.hideFor >= 0 {
		return "", nil
	}
	for _, s := range f.sent {
		if s.Comment == comment {
			return "c0ffee", nil
		}
	}
	return "", f.refuse["ListCommands"]
}

func (f *fakeCloud) WaitForCommand(
	ctx context.Context, _ aws.Target, _ string, ids []string, progress func([]aws.Invocation),
) ([]aws.Invocation, error) {
	out := make([]aws.Invocation, len(ids))
	for n, id := range ids {
		answer, known := f.answers[id]
		if !known {
			answer = f.answers[""]
		}
		answer.InstanceID, out[n] = id, answer
	}
	progress(out)
	return out, errors.Join(ctx.Err(), f.refuse["GetCommandInvocation"])
}

func (f *fakeCloud) TargetGroups(context.Context, aws.Target, aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	return slices.Clone(f.groups), f.refuse["DescribeTargetGroups"]
}

func (f *fakeCloud) TargetHealth(_ context.Context, _ aws.Target, group string) ([]aws.TargetHealth, error) {
	return f.targets[group], f.refuse["DescribeTargetHealth"]
}
