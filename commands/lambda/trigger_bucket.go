package lambda

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// bucketTrigger lets a bucket invoke a function: a notification of the bucket, and the permission in the function's policy.
type bucketTrigger struct{ *TriggerAdd }

const (
	s3         = "s3.amazonaws.com"
	bucketMark = "deckhand-s3-" // begins the ids of what deckhand makes
	created    = "s3:ObjectCreated:*"
)

var bucketEvent = regexp.MustCompile(`^s3:[A-Z][A-Za-z]+(:[A-Za-z*]+)?$`)

// isBucket tells whether a text can be the name of a bucket.
func isBucket(text string) bool {
	return len(text) >= 3 && spelling.Fits(text, 63, "a-z0-9", "a-z0-9.-") && !strings.ContainsAny(text[len(text)-1:], ".-")
}

// bucket answers the notification that the flags mean; its id tells the same flags again. Errors are of kind Usage.
func (s Source) bucket(function, functionARN string) (aws.BucketTrigger, error) {
	word := strings.TrimPrefix(s.detail(), "//") // s3://bucket/prefix
	if strings.HasPrefix(word, "arn:") {
		word = word[strings.LastIndex(word, ":")+1:]
	}
	t := aws.BucketTrigger{FunctionARN: functionARN, Events: slices.Clone(s.Events), Suffix: s.Suffix}
	t.Bucket, t.Prefix, _ = strings.Cut(word, "/")
	if !isBucket(t.Bucket) {
		return t, commands.Misuse(commands.Mono(cmp.Or(word, "s3:"))+" is no name of a bucket.", "It looks like "+commands.Mono("--on s3:uploads/images/")+".")
	}
	if len(t.Events) == 0 {
		t.Events = []string{created}
	}
	for i, e := range t.Events {
		if !strings.HasPrefix(e, "s3:") {
			t.Events[i] = "s3:" + e
		}
		if !bucketEvent.MatchString(t.Events[i]) {
			return t, commands.Misuse(commands.Mono(e)+" is no event of a bucket.", "The usual ones are s3:ObjectCreated:* and s3:ObjectRemoved:*.")
		}
	}
	slices.Sort(t.Events)
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.Join(append([]string{function, t.Bucket, t.Prefix, t.Suffix}, t.Events...), "\n")))
	t.ID = fmt.Sprintf("%s%s-%08x", bucketMark, cut(function, 60), sum.Sum32())
	return t, nil
}

// noticing is what a line about a bucket means. It is kept in the journal.
type noticing struct {
	picked
	Trigger aws.BucketTrigger
	There   []aws.BucketTrigger // the bucket's others that invoke functions
	Stood   bool                // the notification and its permission were there before the line
}

func (b *bucketTrigger) prepare(ctx context.Context, run *commands.Run) (noticing, error) {
	return commands.Repeat(ctx, run, "look at function and bucket", func(ctx context.Context) (noticing, error) {
		n, err := notice(ctx, b.cloud, b.Named, b.Source)
		if err != nil {
			return n, err
		}
		if err := n.refuse(); err != nil || !n.told(n.There) {
			return n, err
		}
		n.Stood, err = n.granted(ctx, b.cloud)
		return n, err
	})
}

func notice(ctx context.Context, cloud Cloud, function Named, s Source) (noticing, error) {
	p, err := function.find(ctx, cloud)
	p.Function.Environment = nil
	n := noticing{picked: p}
	if err != nil {
		return n, err
	}
	if n.Trigger, err = s.bucket(p.Function.Name, p.Function.ARN); err != nil {
		return n, err
	}
	n.There, err = cloud.BucketTriggers(ctx, p.Target, n.Trigger.Bucket)
	return n, err
}

// refuse tells what S3 would refuse: two notifications for the same event of the same objects.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func (n noticing) refuse() error {
	for _, other := range n.There {
		if other.ID == n.Trigger.ID || !overlap(other, n.Trigger) {
			continue
		}
		return &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("The bucket %s tells %s of %s already, for objects that this is about too, and S3 does not tell two; nothing was done.",
				commands.Mono(n.Trigger.Bucket), commands.Mono(lastOf(other.FunctionARN)), strings.Join(other.Events, ", ")),
			Hint: "Choose another prefix or --suffix, or let one function invoke the other.",
		}
	}
	return nil
}

func overlap(a, b aws.BucketTrigger) bool {
	prefixes := strings.HasPrefix(a.Prefix, b.Prefix) || strings.HasPrefix(b.Prefix, a.Prefix)
	suffixes := strings.HasSuffix(a.Suffix, b.Suffix) || strings.HasSuffix(b.Suffix, a.Suffix)
	return prefixes && suffixes && slices.ContainsFunc(a.Events, func(x string) bool {
		return slices.ContainsFunc(b.Events, func(y string) bool { return aws.Wildcard(x, y) || aws.Wildcard(y, x) })
	})
}

// on is the trigger's spelling in a line.
func on(t aws.BucketTrigger) string {
	word := "s3:" + t.Bucket
	if t.Prefix != "" {
		word += "/" + t.Prefix
	}
	out := " --on " + commands.Quote(word) + commands.Flag("suffix", t.Suffix)
	if len(t.Events) != 1 || t.Events[0] != created {
		out += commands.Flag("events", strings.Join(t.Events, ","))
	}
	return out
}

func (n noticing) removeLine() string { return n.line("lambda trigger remove") + on(n.Trigger) }

// bucketWords says what a notification is about.
func bucketWords(t aws.BucketTrigger) string {
	words := strings.Join(t.Events, ", ") + " in " + t.Bucket
	if t.Prefix != "" {
		words += ", keys that begin with " + t.Prefix
	}
	if t.Suffix != "" {
		words += ", keys that end with " + t.Suffix
	}
	return commands.Unmarked(words)
}

// Plan tells what would be made.
func (b *bucketTrigger) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	n, err := b.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if n.Stood {
		return stands(n.report()), nil
	}
	return commands.Report{
		Title: "Would let the bucket " + n.Trigger.Bucket + " invoke " + n.Function.Name, Where: where.Words(n.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{
				{Name: "When", Value: bucketWords(n.Trigger)}, {Name: "Notification", Value: commands.Mono(n.Trigger.ID)},
				{Name: "Permission", Value: "S3 may invoke the function, for this bucket of this account alone"},
				{Name: "Others", Value: "the bucket's other notifications stay as they are"},
			}},
			commands.Text{Text: commands.Mono(n.removeLine()) + " takes it away again."},
		},
	}, nil
}

// account is the account of the function.
func (p picked) account() string {
	if parts := strings.SplitN(p.Function.ARN, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return p.Place.AccountID
}

func (n noticing) grant() aws.Grant {
	return aws.Grant{ID: n.Trigger.ID, Principal: s3, SourceARN: "arn:" + n.Place.Partition() + ":s3:::" + n.Trigger.Bucket}
}

// Run gives the permission first: S3 tries it when it is told of the function.
func (b *bucketTrigger) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	n, err := b.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if n.Stood {
		return n.report(), nil
	}
	run.Say("Letting the bucket invoke the function.")
	for i, step := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"AddPermission", func(ctx context.Context) error {
			return b.cloud.GrantInvoke(ctx, n.Target, n.Function.Name, n.grant(), n.account())
		}},
		{"PutBucketNotificationConfiguration", func(ctx context.Context) error { return b.cloud.AddBucketTrigger(ctx, n.Target, n.Trigger) }},
	} {
		_, err := commands.Repeat(ctx, run, step.name, func(ctx context.Context) (bool, error) { return true, step.do(ctx) })
		if err != nil && i > 0 {
			return n.halfway(), err
		}
		if err != nil {
			return commands.Report{}, err
		}
	}
	return n.report(), nil
}

func (n noticing) halfway() commands.Report {
	return commands.Report{
		Title: "Not triggered: " + n.Function.Name, Where: where.Words(n.Place),
		Body: commands.Blocks{commands.Text{Text: "The permission stands, and the bucket does not tell the function yet. The same line again finishes it; " + commands.Mono(n.removeLine()) + " takes the permission away."}},
		Next: []commands.Next{{Label: "Take it away", Line: n.removeLine()}},
	}
}

func (n noticing) report() commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: n.Function.Name + " is invoked by the bucket " + n.Trigger.Bucket + " now", Where: where.Words(n.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{{Name: "When", Value: bucketWords(n.Trigger)}, {Name: "Notification", Value: commands.Mono(n.Trigger.ID)}}}},
		Next: []commands.Next{
			{Label: "Logs", Line: n.line("lambda logs")}, {Label: "Triggers", Line: n.line("lambda trigger list")},
			{Label: "Remove", Line: n.removeLine(), Confirm: "Remove this trigger?"},
		},
		Undo: n.removeLine(),
	}
	if n.Stood {
		report = stood(report)
	}
	return report
}

// granted tells whether the function's policy has the permission that deckhand gives the bucket.
func (n noticing) granted(ctx context.Context, cloud Cloud) (bool, error) {
	return n.may(ctx, cloud, n.Trigger.ID)
}

// told tells whether the notification is among those.
func (n noticing) told(there []aws.BucketTrigger) bool {
	return slices.ContainsFunc(there, func(t aws.BucketTrigger) bool { return t.ID == n.Trigger.ID })
}

// Check looks whether the notification and its permission stand.
func (b *bucketTrigger) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	n, err := b.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := b.cloud.BucketTriggers(ctx, n.Target, n.Trigger.Bucket)
	if err != nil {
		return commands.Report{}, err
	}
	if n.told(there) {
		return n.report(), nil
	}
	return n.halfway(), &commands.Error{Kind: commands.Failed, Message: "The trigger is not complete.", Hint: "The same line again finishes it."}
}

// bucketRemoval lets a bucket invoke a function no longer.
type bucketRemoval struct{ *TriggerRemove }

func (b *bucketRemoval) prepare(ctx context.Context, run *commands.Run) (noticing, error) {
	return commands.Repeat(ctx, run, "look at trigger", b.look)
}

func (b *bucketRemoval) look(ctx context.Context) (noticing, error) {
	n, err := notice(ctx, b.cloud, b.Named, b.Source)
	if err != nil {
		return n, err
	}
	granted, err := n.granted(ctx, b.cloud)
	if err != nil {
		return n, err
	}
	if !n.told(n.There) && !granted {
		return n, notATrigger(n.picked, "s3:"+n.Trigger.Bucket+"/"+n.Trigger.Prefix)
	}
	return n, nil
}

func (n noticing) addLine() string { return n.line("lambda trigger add") + on(n.Trigger) }

// Plan tells what would be removed.
func (b *bucketRemoval) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	n, err := b.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would remove a trigger of " + n.Function.Name, Where: where.Words(n.Place),
		Body: commands.Blocks{commands.Text{Text: fmt.Sprintf("The notification %s (%s) and its permission go; the bucket's other notifications stay. %s makes it again.",
			commands.Mono(n.Trigger.ID), bucketWords(n.Trigger), commands.Mono(n.addLine()))}},
	}, nil
}

// Run removes the notification, and then the permission.
func (b *bucketRemoval) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	n, err := b.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "PutBucketNotificationConfiguration", func(ctx context.Context) (bool, error) {
		return true, b.cloud.RemoveBucketTrigger(ctx, n.Target, n.Trigger.Bucket, n.Trigger.ID)
	})
	if err != nil {
		return commands.Report{}, err
	}
	_, err = commands.Repeat(ctx, run, "RemovePermission", func(ctx context.Context) (bool, error) {
		return true, b.cloud.RevokeInvoke(ctx, n.Target, n.Function.Name, n.Trigger.ID)
	})
	if err != nil {
		return commands.Report{Title: "Removed in part", Where: where.Words(n.Place), Body: commands.Blocks{commands.Text{
			Text: "The bucket does not tell the function any more, and the permission stands, which invokes nothing by itself. " + commands.Mono(n.removeLine()) + " finishes it.",
		}}}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Removed a trigger of " + n.Function.Name, Where: where.Words(n.Place),
		Body: commands.Blocks{commands.Text{Text: "It is not invoked any more by this: " + bucketWords(n.Trigger) + "."}},
		Next: []commands.Next{{Label: "Undo", Line: n.addLine()}},
	}, nil
}

// Check looks whether the notification is gone.
func (b *bucketRemoval) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	_, err := b.look(ctx)
	switch {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return b.Run(ctx, run)
	case err != nil:
		return commands.Report{}, err
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The trigger is still there.", Hint: "The same line again removes it."}
}
