package lambda

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// topicTrigger lets a topic of SNS invoke a function: a subscription, and the permission in the function's policy.
type topicTrigger struct{ *TriggerAdd }

const (
	sns       = "sns.amazonaws.com"
	topicMark = "deckhand-sns-" // begins the ids of the permissions that deckhand gives
)

// topic answers the subscription that the flags mean. A name is a topic of the function's account and region. Errors are of kind Usage.
func (s Source) topic(f aws.Function) (aws.Subscription, error) {
	word, out := s.detail(), aws.Subscription{FunctionARN: f.ARN}
	if !strings.HasPrefix(word, "arn:") {
		parts := strings.SplitN(f.ARN, ":", 6)
		if len(parts) < 6 {
			return out, fmt.Errorf("the function's ARN is %q", f.ARN)
		}
		word = strings.Join([]string{parts[0], parts[1], "sns", parts[3], parts[4], word}, ":")
	}
	parts := strings.Split(word, ":")
	name := strings.TrimSuffix(lastOf(word), ".fifo")
	switch {
	case len(parts) != 6 || parts[2] != "sns" || !isName(name, 256):
		return out, commands.Misuse(commands.Mono(cmp.Or(s.detail(), "sns:"))+" is no topic.", "It looks like "+commands.Mono("--on sns:alerts")+", or "+commands.Mono("arn:aws:sns:us-east-1:123456789012:alerts")+".")
	case name != lastOf(word): // Source: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
		return out, commands.Misuse("A FIFO topic invokes no functions.", "Let a queue subscribe to it, and the function read that: "+commands.Mono("--on sqs:QUEUE")+".")
	}
	out.TopicARN = word
	var err error
	out.Filter, err = plainFilter(s.Filter)
	return out, err
}

// plainFilter answers a filter policy in one spelling, "" for none.
func plainFilter(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	var policy map[string]any
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return "", commands.Misuse(commands.Mono(text)+" is no filter policy.", "It is JSON, such as "+commands.Mono(`--filter-policy '{"kind": ["order"]}'`)+".")
	}
	if len(policy) == 0 {
		return "", nil // that is how SNS takes a filter away
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(policy)
	return strings.TrimSpace(out.String()), err
}

// sameFilter tells whether SNS's spelling of a filter means the same.
func sameFilter(theirs, ours string) bool {
	plain, err := plainFilter(theirs)
	return err == nil && plain == ours || theirs == ours
}

// topicNotice begins the id of the permission for a topic; the topic's whole ARN, which a name alone does not tell, ends it.
func topicNotice(topic string) string { return topicMark + cut(lastOf(topic), 70) + "-" }

func topicGrant(topicARN string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(topicARN))
	return topicNotice(topicARN) + fmt.Sprintf("%08x", sum.Sum32())
}

// subscribing is what a line about a topic means. It is kept in the journal.
type subscribing struct {
	picked
	Subscription aws.Subscription
	There        []aws.Subscription // the topic's subscriptions that invoke the function
	Stood        bool               // one of them and its permission were there before the line
}

func subscribingTo(ctx context.Context, cloud Cloud, function Named, s Source) (subscribing, error) {
	p, err := function.find(ctx, cloud)
	p.Function.Environment = nil
	t := subscribing{picked: p}
	if err != nil {
		return t, err
	}
	if t.Subscription, err = s.topic(p.Function); err != nil {
		return t, err
	}
	t.There, err = cloud.Subscriptions(ctx, atTopic(p, t.Subscription.TopicARN), t.Subscription.TopicARN, p.Function.ARN)
	return t, err
}

// atTopic is where a topic is asked for: it may be in another region than the function.
func atTopic(p picked, topicARN string) aws.Target {
	at := p.Target
	if parts := strings.Split(topicARN, ":"); len(parts) == 6 {
		at.Region = parts[3]
	}
	return at
}

func (t subscribing) at() aws.Target { return atTopic(t.picked, t.Subscription.TopicARN) }

// on is the trigger's spelling in a line.
func (t subscribing) on() string {
	topic := t.Subscription.TopicARN
	if parts := strings.SplitN(t.Function.ARN, ":", 6); len(parts) == 6 && topic == strings.Join([]string{parts[0], parts[1], "sns", parts[3], parts[4], lastOf(topic)}, ":") {
		topic = "sns:" + lastOf(topic)
	}
	return " --on " + commands.Quote(topic)
}

func (t subscribing) removeLine() string { return t.line("lambda trigger remove") + t.on() }

func (t subscribing) addLine() string {
	filter := t.Subscription.Filter
	if len(t.There) > 0 {
		filter = t.There[0].Filter
	}
	return t.line("lambda trigger add") + t.on() + commands.Flag("filter-policy", filter)
}

func topicWords(s aws.Subscription) string {
	words := "messages of the topic " + lastOf(s.TopicARN)
	if s.Filter != "" {
		words += " that fit " + s.Filter
	}
	return commands.Unmarked(words)
}

func (a *topicTrigger) prepare(ctx context.Context, run *commands.Run) (subscribing, error) {
	return commands.Repeat(ctx, run, "look at function and topic", func(ctx context.Context) (subscribing, error) {
		t, err := subscribingTo(ctx, a.cloud, a.Named, a.Source)
		if err != nil {
			return t, err
		}
		for _, s := range t.There {
			if !sameFilter(s.Filter, t.Subscription.Filter) {
				return t, &commands.Error{
					Kind: commands.Failed, Message: "The topic invokes " + t.Function.Name + " already, by another filter: " + cmp.Or(commands.Unmarked(s.Filter), "none") + ". SNS keeps one, so nothing was done.",
					Hint: commands.Mono(t.removeLine()) + " takes that away first.",
				}
			}
		}
		if len(t.There) > 0 {
			t.Stood, err = t.granted(ctx, a.cloud)
		}
		return t, err
	})
}

// Plan tells what would be made.
func (a *topicTrigger) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := a.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if t.Stood {
		return stands(t.report(true)), nil
	}
	fields := append(t.fields(), commands.Field{Name: "Permission", Value: "SNS may invoke the function, for this topic alone"})
	return commands.Report{
		Title: "Would let the topic " + lastOf(t.Subscription.TopicARN) + " invoke " + t.Function.Name, Where: where.Words(t.Place),
		Body: commands.Blocks{commands.Fields{Fields: fields}, commands.Text{Text: commands.Mono(t.removeLine()) + " takes it away again."}},
	}, nil
}

func (t subscribing) fields() []commands.Field {
	return []commands.Field{
		{Name: "When", Value: topicWords(t.Subscription)}, {Name: "Topic", Value: commands.Mono(t.Subscription.TopicARN)},
		{Name: "Statement", Value: commands.Mono(topicGrant(t.Subscription.TopicARN))},
	}
}

// Run gives the permission first, so that no message is lost for lack of it.
func (a *topicTrigger) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := a.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if t.Stood {
		return t.report(true), nil
	}
	run.Say("Letting the topic invoke the function.")
	_, err = commands.Repeat(ctx, run, "AddPermission", func(ctx context.Context) (bool, error) {
		grant := aws.Grant{ID: topicGrant(t.Subscription.TopicARN), Principal: sns, SourceARN: t.Subscription.TopicARN}
		return true, a.cloud.GrantInvoke(ctx, t.Target, t.Function.Name, grant, "")
	})
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "Subscribe", func(ctx context.Context) (aws.Subscription, error) {
		return a.cloud.Subscribe(ctx, t.at(), t.Subscription)
	})
	if err != nil {
		return t.halfway(), err
	}
	return t.report(false), nil
}

func (t subscribing) halfway() commands.Report {
	return commands.Report{
		Title: "Not triggered: " + t.Function.Name, Where: where.Words(t.Place),
		Body: commands.Blocks{commands.Text{Text: "The permission stands, and the topic is not known to tell the function yet. The same line again finishes it; " + commands.Mono(t.removeLine()) + " takes it away."}},
		Next: []commands.Next{{Label: "Take it away", Line: t.removeLine()}},
	}
}

func (t subscribing) report(before bool) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: t.Function.Name + " is invoked by messages of the topic " + lastOf(t.Subscription.TopicARN) + " now", Where: where.Words(t.Place),
		Body: commands.Blocks{commands.Fields{Fields: t.fields()}},
		Next: []commands.Next{
			{Label: "Logs", Line: t.line("lambda logs")}, {Label: "Triggers", Line: t.line("lambda trigger list")},
			{Label: "Remove", Line: t.removeLine(), Confirm: "Remove this trigger?"},
		},
		Undo: t.removeLine(),
	}
	if before {
		report = stood(report)
	}
	return report
}

// granted tells whether the function's policy has the permission that deckhand gives the topic.
func (t subscribing) granted(ctx context.Context, cloud Cloud) (bool, error) {
	return t.may(ctx, cloud, topicGrant(t.Subscription.TopicARN))
}

// Check looks whether the subscription and its permission stand.
func (a *topicTrigger) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	before, err := a.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := subscribingTo(ctx, a.cloud, a.Named, a.Source)
	if err != nil {
		return commands.Report{}, err
	}
	granted, err := now.granted(ctx, a.cloud)
	switch {
	case err != nil:
		return commands.Report{}, err
	case len(now.There) > 0 && granted:
		return now.report(before.Stood), nil
	case !granted && len(now.There) == 0:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows neither the permission nor the subscription, so nothing was made.", Hint: "Send the same line again if it is still wanted."}
	}
	return now.halfway(), &commands.Error{Kind: commands.Failed, Message: "The trigger is not complete.", Hint: "The same line again finishes it."}
}

// topicRemoval lets a topic invoke a function no longer.
type topicRemoval struct{ *TriggerRemove }

func (r *topicRemoval) prepare(ctx context.Context, run *commands.Run) (subscribing, error) {
	return commands.Repeat(ctx, run, "look at trigger", r.look)
}

func (r *topicRemoval) look(ctx context.Context) (subscribing, error) {
	t, err := subscribingTo(ctx, r.cloud, r.Named, r.Source)
	if failed(err) || err != nil && t.Subscription.TopicARN == "" { // of a topic that is gone the permission may stand
		return t, err
	}
	granted, err := t.granted(ctx, r.cloud)
	if err == nil && !granted && len(t.There) == 0 {
		return t, notATrigger(t.picked, "sns:"+lastOf(t.Subscription.TopicARN))
	}
	return t, err
}

// Plan tells what would be removed.
func (r *topicRemoval) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := r.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove a trigger of " + t.Function.Name, Where: where.Words(t.Place),
		Body: commands.Blocks{commands.Text{Text: "The subscription to " + commands.Mono(t.Subscription.TopicARN) + " and its permission go; what is sent to the topic meanwhile does not reach the function. " +
			commands.Mono(t.addLine()) + " makes it again."}},
	}, nil
}

// Run removes the subscription, and then the permission.
func (r *topicRemoval) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	t, err := r.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	for _, s := range t.There {
		_, err := commands.Repeat(ctx, run, "Unsubscribe "+s.ARN, func(ctx context.Context) (bool, error) { return true, r.cloud.Unsubscribe(ctx, t.at(), s.ARN) })
		if err != nil {
			return commands.Report{}, err
		}
	}
	_, err = commands.Repeat(ctx, run, "RemovePermission", func(ctx context.Context) (bool, error) {
		return true, r.cloud.RevokeInvoke(ctx, t.Target, t.Function.Name, topicGrant(t.Subscription.TopicARN))
	})
	if err != nil {
		return commands.Report{Title: "Removed in part", Where: where.Words(t.Place), Body: commands.Blocks{commands.Text{
			Text: "The topic does not tell the function any more, and the permission stands, which invokes nothing by itself. " + commands.Mono(t.removeLine()) + " finishes it.",
		}}}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Removed a trigger of " + t.Function.Name, Where: where.Words(t.Place),
		Body: commands.Blocks{commands.Text{Text: "It is not invoked any more by messages of the topic " + commands.Mono(t.Subscription.TopicARN) + ", which stays."}},
		Next: []commands.Next{{Label: "Put it back", Line: t.addLine()}}, Undo: t.addLine(),
	}, nil
}

// Check looks whether the subscription is gone.
func (r *topicRemoval) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	now, err := r.look(ctx)
	switch {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return r.Run(ctx, run)
	case err != nil:
		return commands.Report{}, err
	case len(now.There) == 0:
		return r.Run(ctx, run) // the permission is left
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The trigger is still there.", Hint: commands.Mono(now.removeLine()) + " removes it."}
}
