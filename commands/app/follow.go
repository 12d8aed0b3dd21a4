package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lb"
)

const (
	machinePart = "Machine"                    // the Auto Scaling group's name in the template
	stackType   = "AWS::CloudFormation::Stack" // of the events of a stack itself
)

// follower watches an operation on a stack to its end: it says what happens, and tells CloudFormation which machines answer their health
// check. A process that takes over begins it anew; nothing of it is written down, because signals may be repeated.
type follower struct {
	room   Room
	run    *commands.Run
	target aws.Target
	stack  string   // id
	token  string   // of the operation
	before []string // machines that were there before it, by id

	group    string // target group, "" until it is made
	signaled map[string]bool
	seen     int // events told so far
	events   []aws.StackEvent
	ill      map[string]string // why a new machine did not answer when it was seen last, by id
	unread   error             // why the events could not be read the last time; nil where they could
	untold   error             // why CloudFormation could not be told the last time which machines answer; nil where it could
}

// follow answers how the stack stands at the end of the operation. Its error is Uncertain: CloudFormation was asked before.
func follow(ctx context.Context, f *follower) (aws.Stack, error) {
	f.signaled, f.ill = map[string]bool{}, map[string]string{}
	s, err := f.room.Cloud.WaitForStack(ctx, f.target, f.stack, func(now aws.Stack) { f.look(ctx, now) })
	if err != nil { // CloudFormation has it all the same
		words := commands.Words(err)
		err = &commands.Error{Kind: commands.Uncertain, Message: "How it ends was not seen: " + words.Message, Hint: words.Hint, Err: err}
	}
	return s, err
}

// answered tells whether AWS answered the asking of an operation: then its end alone is not known, and running anew goes on from there.
func answered(ctx context.Context, run *commands.Run, step string) bool {
	entry, err := run.Journal.Load(ctx, step)
	return err == nil && entry.Finished
}

// look is one look. That a look fails is no failure of the operation: the next one follows.
func (f *follower) look(ctx context.Context, now aws.Stack) {
	events, err := f.room.Cloud.StackEvents(ctx, f.target, f.stack, f.token)
	if err == nil && len(events) == 0 {
		events, err = f.unnamed(ctx)
	}
	if f.unread = err; err == nil {
		f.events = events
		f.tell(now)
	}
	if !now.Moving() || now.Status == "DELETE_IN_PROGRESS" || strings.HasPrefix(now.Status, "ROLLBACK") {
		return
	}
	was := f.untold
	if f.untold = blocked(f.signal(ctx)); f.untold != nil && was == nil {
		f.run.Say(f.obstacle())
	}
}

// blocked answers an error where AWS refused a call, or did not answer it. That a machine moves no more when it is told of is neither.
func blocked(err error) error {
	switch kind := commands.Words(err).Kind; {
	case err == nil, kind != commands.Denied && kind != commands.Unavailable:
		return nil
	}
	return err
}

// obstacle says what kept CloudFormation from being told which machines answer; "" where nothing did. Without that it gives up, whether they
// answer or not.
func (f *follower) obstacle() string {
	if f.untold == nil {
		return ""
	}
	words := commands.Words(f.untold)
	return strings.TrimSpace("deckhand could not tell CloudFormation which machines answer, and it gives up without that: " + words.Message + " " + words.Hint)
}

// why says why the operation failed, and what deckhand saw of the new machines.
func (f *follower) why(s aws.Stack) string {
	out := []string{}
	if _, found := cause(f.events); found || f.unread == nil || s.Reason != "" {
		out = append(out, causeWords(s, f.events))
	}
	if f.unread != nil {
		words := commands.Words(f.unread)
		out = append(out, strings.TrimSpace("What CloudFormation did could not be read: "+words.Message+" "+words.Hint))
	}
	if blind := f.obstacle(); blind != "" {
		out = append(out, blind)
	}
	return strings.Join(out, " ")
}

// unnamed are the events of the operation under way where an endpoint tells of no operation's token: those since its beginning.
func (f *follower) unnamed(ctx context.Context) ([]aws.StackEvent, error) {
	all, err := f.room.Cloud.StackEvents(ctx, f.target, f.stack, "")
	if err != nil || tokened(all) {
		return nil, err
	}
	for n, e := range slices.Backward(all) {
		if e.Type == stackType && slices.Contains([]string{"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}, e.Status) {
			return all[n:], nil
		}
	}
	return all, nil
}

// tokened tells whether events tell the tokens of their operations, as CloudFormation's do.
func tokened(events []aws.StackEvent) bool {
	return slices.ContainsFunc(events, func(e aws.StackEvent) bool { return e.Token != "" })
}

// tell says the newest event of a part, and how many parts are done.
func (f *follower) tell(now aws.Stack) {
	if len(f.events) == f.seen {
		return
	}
	f.seen = len(f.events)
	state := map[string]string{}
	line := ""
	for _, e := range f.events {
		if e.Type == stackType {
			continue
		}
		state[e.Part] = e.Status
		line = fmt.Sprintf("%s: %s", partName(e.Part), strings.ToLower(strings.ReplaceAll(e.Status, "_", " ")))
	}
	done := 0
	for _, s := range state {
		if strings.HasSuffix(s, "_COMPLETE") {
			done++
		}
	}
	if line == "" {
		f.run.Say(says(now))
		return
	}
	f.run.Say(fmt.Sprintf("%s, %d of %s done; %s", says(now), done, commands.Count(len(state), "part"), line))
}

// signal tells CloudFormation of each machine that is new and healthy. The error is of the first call that failed.
func (f *follower) signal(ctx context.Context) error {
	if f.group == "" {
		parts, err := f.room.Cloud.StackParts(ctx, f.target, f.stack)
		if err != nil {
			return err
		}
		f.group = realOf(parts, "TargetGroup")
	}
	if f.group == "" || !f.machinesMove() {
		return nil
	}
	health, err := f.room.Cloud.TargetHealth(ctx, f.target, f.group)
	if err != nil {
		return err
	}
	for _, h := range health {
		if slices.Contains(f.before, h.ID) || h.State == aws.TargetDraining || f.signaled[h.ID] {
			continue
		}
		if f.ill[h.ID] = lb.Why(h); h.State != aws.TargetHealthy {
			continue
		}
		delete(f.ill, h.ID)
		if refused := f.room.Cloud.SignalPart(ctx, f.target, f.stack, machinePart, h.ID); refused == nil {
			f.signaled[h.ID] = true
		} else if err == nil {
			err = refused
		}
	}
	return err
}

// machinesMove tells whether the machines are being made or replaced right now: only then is a signal taken. Where the events cannot be read
// they may be.
func (f *follower) machinesMove() bool {
	if f.unread != nil {
		return true
	}
	for _, e := range slices.Backward(f.events) {
		if e.Part == machinePart {
			return strings.HasSuffix(e.Status, "_IN_PROGRESS")
		}
	}
	return false
}

// unhealthy says why the machines do not answer, as far as was seen; "" where all do.
func (f *follower) unhealthy() string {
	var words []string
	for _, id := range slices.Sorted(maps.Keys(f.ill)) {
		if why := f.ill[id]; why != "" {
			words = append(words, commands.Mono(id)+": "+why)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "Seen last of the new machines: " + strings.Join(words, "; ") + "."
}

func realOf(parts []aws.StackPart, name string) string {
	for _, p := range parts {
		if p.Name == name {
			return p.Real
		}
	}
	return ""
}

const healthPatience = 3 * time.Minute

// settle waits until the machines that are there answer their health checks. A change of their number alone is over for CloudFormation
// before that. That some are not healthy is told by whoever looks next.
func settle(ctx context.Context, room Room, run *commands.Run, t aws.Target, s aws.Stack) error {
	limited, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	machines, err := room.Cloud.Instances(limited, t, aws.InstanceQuery{
		Tags: map[string]string{commands.AppTag: s.Name}, States: []aws.InstanceState{aws.Pending, aws.Running},
	})
	if err != nil || len(machines) == 0 || s.Outputs["TargetGroup"] == "" {
		return ctx.Err()
	}
	ids := make([]string, len(machines))
	for n, i := range machines {
		ids[n] = i.ID
	}
	_, _ = room.Cloud.WaitForTargets(limited, t, s.Outputs["TargetGroup"], ids, func(now []aws.TargetHealth) {
		run.Say(fmt.Sprintf("%d of %s healthy", lb.Healthy(now), commands.Count(len(ids), "machine")))
	})
	return ctx.Err()
}
