package vm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// now is when the tests happen.
var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// fakeCloud is an EC2 that keeps instances in memory. Nothing moves by itself: a wait lets everything under way arrive.
type fakeCloud struct {
	mu        sync.Mutex
	place     aws.Place
	instances []aws.Instance
	tokens    map[string][]string // ids by ClientToken
	protected map[string]bool
	// stopGuarded may not be stopped.
	stopGuarded map[string]bool
	statuses    map[string]aws.InstanceStatus
	arrives     map[string]aws.InstanceState // where an instance under way arrives instead of where it was sent
	refuse      map[string]error             // by operation: AWS says no, nothing happens
	lose        map[string]error             // by operation: it happens, and the answer is lost
	asked       []string                     // operations that changed something
	market      market
	devices         // what stands around the instances
	published   int // how often the newest image was asked for
	hideFor     int // how many questions for a token AWS answers with nothing
}

func newFake() *fakeCloud {
	f := &fakeCloud{
		market: newMarket(), devices: newDevices(),
		place:  aws.Place{AccountID: "123456789012", Region: "us-east-1"},
		tokens: map[string][]string{}, protected: map[string]bool{}, statuses: map[string]aws.InstanceStatus{},
		arrives: map[string]aws.InstanceState{}, refuse: map[string]error{}, lose: map[string]error{},
	}
	f.add("i-0a1", "web-1", aws.Running, "dev")
	f.add("i-0a2", "web-2", aws.Stopped, "dev")
	f.add("i-0b1", "db", aws.Running, "prod")
	f.add("i-0c1", "twin", aws.Running, "dev")
	f.add("i-0c2", "twin", aws.Stopped, "prod")
	f.add("i-0d1", "old", aws.Terminated, "dev")
	return f
}

func (f *fakeCloud) add(id, name string, state aws.InstanceState, env string) {
	n := len(f.instances) + 1
	i := aws.Instance{
		ID: id, Name: name, State: state, Type: "t3.micro", Zone: "us-east-1a", ImageID: "ami-0123456789abcdef0", KeyName: "mykey",
		PrivateIP: fmt.Sprintf("10.0.0.%d", n), VPCID: "vpc-0123456789abcdef0", SubnetID: "subnet-0123456789abcdef0",
		SecurityGroups: []aws.NamedID{{ID: "sg-0123456789abcdef0", Name: "web"}}, RootDeviceType: "ebs", Platform: "Linux/UNIX",
		LaunchedAt: now.Add(-time.Duration(n) * 30 * time.Hour), Tags: map[string]string{"Name": name, "env": env, commands.OwnerTag: "U_ALICE"},
	}
	f.arrive(&i)
	f.instances = append(f.instances, i)
}

// arrive gives and takes public addresses as EC2 does.
func (f *fakeCloud) arrive(i *aws.Instance) {
	switch {
	case i.State == aws.Running && i.PublicIP == "":
		i.PublicIP = fmt.Sprintf("54.0.0.%d", len(f.asked)+len(i.ID)+int(i.ID[len(i.ID)-1]-'0'))
	case i.State != aws.Running:
		i.PublicIP = ""
	}
}

func (f *fakeCloud) Place(_ context.Context, t aws.Target) aws.Place {
	p := f.place
	p.AccountName = t.Account
	if t.Region != "" {
		p.Region = t.Region
	}
	return p
}

func (f *fakeCloud) Instances(ctx context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(ctx.Err(), f.refuse["DescribeInstances"]); err != nil {
		return nil, err
	}
	if q.ClientToken != "" {
		if f.hideFor--; f.hideFor >= 0 {
			return nil, nil
		}
		q.IDs = append(f.tokens[q.ClientToken], "i-none")
	}
	var out []aws.Instance
	for _, i := range f.instances {
		if selected(i, q) {
			out = append(out, i)
		}
	}
	slices.Reverse(out) // in no particular order
	return out, nil
}

func selected(i aws.Instance, q aws.InstanceQuery) bool {
	fits := func(patterns []string, value string) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return aws.Wildcard(p, value) })
	}
	for name, values := range q.Filters {
		value := map[string]string{"instance-type": i.Type, "instance-state-name": string(i.State), "key-name": i.KeyName}[name]
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			value = i.Tags[key]
		}
		if !fits(values, value) {
			return false
		}
	}
	return fits(q.IDs, i.ID) && fits(q.Names, i.Name) && fits(q.PrivateIPs, i.PrivateIP) && carries(i, q.Tags) &&
		(len(q.States) == 0 || slices.Contains(q.States, i.State))
}

func (f *fakeCloud) Statuses(_ context.Context, _ aws.Target, ids []string) ([]aws.InstanceStatus, error) {
	var out []aws.InstanceStatus
	for _, id := range ids {
		if s, ok := f.statuses[id]; ok {
			out = append(out, s)
		} else if f.state(id) == aws.Running {
			out = append(out, aws.InstanceStatus{ID: id, System: "ok", Instance: "ok"})
		}
	}
	return out, f.refuse["DescribeInstanceStatus"]
}

func (f *fakeCloud) TerminationProtected(_ context.Context, _ aws.Target, id string) (bool, error) {
	return f.protected[id], f.refuse["DescribeInstanceAttribute"]
}

func (f *fakeCloud) StopProtected(_ context.Context, _ aws.Target, id string) (bool, error) {
	return f.stopGuarded[id], f.refuse["DescribeInstanceAttribute"]
}

func (f *fakeCloud) LaunchInstances(_ context.Context, _ aws.Target, l aws.Launch) ([]aws.Instance, error) {
	const op = "RunInstances"
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse[op] != nil || l.DryRun {
		return nil, f.refuse[op]
	}
	if _, again := f.tokens[l.ClientToken]; !again {
		f.asked = append(f.asked, fmt.Sprintf("%s %d", op, l.MaxCount))
		for n := range l.MaxCount {
			id := fmt.Sprintf("i-0e%d", n+1)
			i := aws.Instance{
				ID: id, Name: l.Tags["Name"], State: aws.Pending, Type: l.InstanceType, Zone: "us-east-1a", ImageID: l.ImageID,
				PrivateIP: fmt.Sprintf("10.0.1.%d", n+1), LaunchedAt: now, Tags: maps.Clone(l.Tags),
			}
			f.instances = append(f.instances, i)
			f.tokens[l.ClientToken] = append(f.tokens[l.ClientToken], id)
		}
	}
	var out []aws.Instance
	for _, i := range f.instances {
		if slices.Contains(f.tokens[l.ClientToken], i.ID) {
			out = append(out, i)
		}
	}
	return out, f.lose[op]
}

func (f *fakeCloud) StartInstances(_ context.Context, _ aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error) {
	return f.change("StartInstances", ids, dryRun, aws.Pending)
}

func (f *fakeCloud) StopInstances(_ context.Context, _ aws.Target, ids []string, force, dryRun bool) ([]aws.StateChange, error) {
	if force {
		ids = append(slices.Clone(ids), "force")
	}
	return f.change("StopInstances", ids, dryRun, aws.Stopping)
}

func (f *fakeCloud) RebootInstances(_ context.Context, _ aws.Target, ids []string, dryRun bool) error {
	_, err := f.change("RebootInstances", ids, dryRun, aws.Running)
	return err
}

func (f *fakeCloud) TerminateInstances(_ context.Context, _ aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error) {
	return f.change("TerminateInstances", ids, dryRun, aws.ShuttingDown)
}

func (f *fakeCloud) change(op string, ids []string, dryRun bool, to aws.InstanceState) ([]aws.StateChange, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse[op] != nil || dryRun {
		return nil, f.refuse[op]
	}
	f.asked = append(f.asked, op+" "+strings.Join(ids, " "))
	var out []aws.StateChange
	for n := range f.instances {
		if i := &f.instances[n]; slices.Contains(ids, i.ID) {
			out = append(out, aws.StateChange{ID: i.ID, Previous: i.State, Current: to})
			i.State = to
		}
	}
	return out, f.lose[op]
}

func (f *fakeCloud) WaitForState(ctx context.Context, t aws.Target, ids []string, want aws.InstanceState, progress func([]aws.Instance)) ([]aws.Instance, error) {
	some, err := f.Instances(ctx, t, aws.InstanceQuery{IDs: ids})
	progress(some)
	f.settle()
	if err == nil {
		some, err = f.Instances(ctx, t, aws.InstanceQuery{IDs: ids})
	}
	if err != nil {
		return nil, err
	}
	progress(some)
	for _, i := range some {
		if i.State != want {
			return some, errors.Join(ctx.Err(), fmt.Errorf("%s is %s", i.ID, i.State))
		}
	}
	return some, errors.Join(ctx.Err(), f.refuse["wait"])
}

// settle lets everything under way arrive.
func (f *fakeCloud) settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := map[aws.InstanceState]aws.InstanceState{aws.Pending: aws.Running, aws.Stopping: aws.Stopped, aws.ShuttingDown: aws.Terminated}
	for n := range f.instances {
		i := &f.instances[n]
		if to, moving := end[i.State]; moving {
			i.State = to
			if other, ok := f.arrives[i.ID]; ok {
				i.State, i.StateReason = other, "Server.InternalError: Internal error on launch"
			}
			f.arrive(i)
		}
	}
}

func (f *fakeCloud) WaitForStatusOK(ctx context.Context, t aws.Target, ids []string, progress func([]aws.InstanceStatus)) error {
	now, err := f.Statuses(ctx, t, ids)
	progress(now)
	for _, s := range now {
		if !s.OK() {
			err = errors.Join(err, errors.New("impaired"))
		}
	}
	return errors.Join(err, ctx.Err())
}

func (f *fakeCloud) state(id string) aws.InstanceState {
	for _, i := range f.instances {
		if i.ID == id {
			return i.State
		}
	}
	return ""
}

// memory is a journal in memory. Where cut names a step, the process "dies" before that step's answer is written.
type memory struct {
	commandstest.Journal
	cut string
}

var errCut = errors.New("the process ended")

func (m *memory) Finish(ctx context.Context, step string, result []byte, failure string) error {
	if step == m.cut {
		m.cut = ""
		return errCut
	}
	return m.Journal.Finish(ctx, step, result, failure)
}

// session is one request: a line that may be run several times with one journal.
type session struct {
	t        *testing.T
	cloud    *fakeCloud
	journal  *memory
	said     []string
	bin      Bin
	profiles []Profile
	vetted   Vetted
}

func request(t *testing.T, cloud *fakeCloud) *session {
	t.Helper()
	return &session{t: t, cloud: cloud, journal: &memory{Journal: commandstest.Journal{}}}
}

func (s *session) given() *commands.Run {
	return &commands.Run{
		ID: "R-42", Token: "deckhand-R-42", Asker: commands.Asker{User: "U_ALICE", Channel: "C_OPS"}, Now: now,
		Say: func(line string) { s.said = append(s.said, line) }, Journal: s.journal,
	}
}

func (s *session) group() []commands.Command {
	return Commands(s.cloud, nil, s.profiles, s.vetted, s.bin)
}

func (s *session) runner(line string) (commands.Runner, commands.Invocation, error) {
	s.t.Helper()
	return commandstest.Runner(s.t, s.group(), line)
}

func (s *session) run(ctx context.Context, line string) (commands.Report, error) {
	s.t.Helper()
	return commandstest.Run(ctx, s.t, s.group(), s.given(), line)
}

func (s *session) check(ctx context.Context, line string) (commands.Report, error) {
	s.t.Helper()
	return commandstest.Check(ctx, s.t, s.group(), s.given(), line)
}

// denied is how AWS refuses a person without the permission.
var denied = &commands.Error{Kind: commands.Denied, Message: "deckhand may not do this in AWS.", Hint: "Ask for the permission."}

// lost is how an answer is lost.
var lost = &commands.Error{Kind: commands.Uncertain, Message: "AWS did not answer in time."}

// EachPage gives two instances at a time.
func (f *fakeCloud) EachPage(ctx context.Context, t aws.Target, q aws.InstanceQuery, each func([]aws.Instance, bool) error) error {
	all, err := f.Instances(ctx, t, q)
	for ; err == nil && len(all) > 0; all = all[min(2, len(all)):] {
		err = each(all[:min(2, len(all))], len(all) > 2)
	}
	return err
}
