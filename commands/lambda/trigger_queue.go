package lambda

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// queueTrigger makes a function read a queue: an event source mapping, and the right to read in the function's role.
type queueTrigger struct{ *TriggerAdd }

// isQueue tells whether a text can be the name of a queue; that of a FIFO queue ends with .fifo.
func isQueue(text string) bool { return isName(strings.TrimSuffix(text, ".fifo"), 75) }

// queue answers the ARN of the queue that the flags mean, for a function with this ARN. A name is one of the same account and region.
func (s Source) queue(functionARN string) (string, error) {
	word := s.detail()
	if strings.HasPrefix(word, "https://") { // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
		word = word[strings.LastIndex(word, "/")+1:]
	}
	if strings.HasPrefix(word, "arn:") {
		if parts := strings.Split(word, ":"); len(parts) == 6 && parts[2] == "sqs" && isQueue(parts[5]) {
			return word, nil
		}
		return "", commands.Misuse(commands.Mono(word)+" is not the ARN of a queue.", "It looks like "+commands.Mono("arn:aws:sqs:us-east-1:123456789012:jobs")+".")
	}
	if !isQueue(word) {
		return "", commands.Misuse(commands.Mono(cmp.Or(word, "sqs:"))+" is no name of a queue.", "It looks like "+commands.Mono("--on sqs:jobs")+".")
	}
	parts := strings.SplitN(functionARN, ":", 6)
	if len(parts) < 6 {
		return "", fmt.Errorf("the function's ARN is %q", functionARN)
	}
	return strings.Join([]string{parts[0], parts[1], "sqs", parts[3], parts[4], word}, ":"), nil
}

func lastOf(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

// reading is what a line about a queue means.
type reading struct {
	picked
	Queue  string // ARN of the queue or the stream; "" of a stream that is not on yet, or was not looked for
	Table  string // ARN of the table whose stream it is; "" for a queue
	View   string // what the stream is turned on to show first; "" where it stays as it is
	Role   string // the function's role, by name
	Ours   bool   // deckhand made the role for the function
	Policy string // inside the role
	Stood  bool   // the function read it before the line, and its role may
}

func readingOf(ctx context.Context, cloud Cloud, p picked, s Source) (reading, error) {
	r := reading{picked: p}
	var err error
	if s.way() == byStream {
		r.Table, err = s.table(p.Function.ARN)
	} else {
		r.Queue, err = s.queue(p.Function.ARN)
	}
	if err != nil {
		return r, err
	}
	r.Role, r.Policy = lastOf(p.Function.Role), r.policyName()
	role, err := cloud.Role(ctx, p.Target, r.Role)
	if err != nil {
		if kind := commands.Words(err).Kind; kind == commands.NotFound || kind == commands.Denied {
			return r, nil // it is somebody else's; AWS says whether it may read
		}
		return r, err
	}
	r.Ours = role.Tags[functionTag] == p.Function.Name
	return r, nil
}

// policyName is of one queue or table alone: of two queues with one name, in two accounts, neither takes the other's right.
func (r reading) policyName() string {
	arn := cmp.Or(r.Table, r.Queue)
	name := lastOf(arn)
	if source, function := strings.Split(arn, ":"), strings.Split(r.Function.ARN, ":"); len(source) > 5 && len(function) > 5 && source[4] != function[4] {
		name = source[4] + "-" + name
	}
	return cut("deckhand-"+r.noun()+"-"+name, 128)
}

// rights is what a role needs to read the queue, or the streams of the table.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.Tutorial.html
func (r reading) rights() string {
	if r.Table != "" {
		return Document(map[string]any{"Effect": "Allow", "Action": []string{"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"}, "Resource": r.Table + "/stream/*"})
	}
	return Document(map[string]any{"Effect": "Allow", "Action": []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}, "Resource": r.Queue})
}

func (q *queueTrigger) prepare(ctx context.Context, run *commands.Run) (reading, error) {
	return commands.Repeat(ctx, run, "look at function and role", func(ctx context.Context) (reading, error) {
		p, err := q.find(ctx, q.cloud)
		environment := p.Function.Environment
		p.Function.Environment = nil
		if err != nil {
			return reading{picked: p}, err
		}
		r, err := readingOf(ctx, q.cloud, p, q.Source)
		if err == nil && r.Table != "" {
			r, err = r.withStream(ctx, q.cloud, q.Source, environment)
		}
		if err == nil && r.Queue != "" {
			r.Stood, err = q.stood(ctx, r)
		}
		return r, err
	})
}

// stood tells whether the function reads already, and its role has the right to where deckhand gives it. Where the role may not be looked at, the right is
// written again.
func (q *queueTrigger) stood(ctx context.Context, r reading) (bool, error) {
	reads, err := q.reads(ctx, r)
	if err != nil || !reads || !r.Ours {
		return reads, err
	}
	policy, err := q.cloud.PolicyInRole(ctx, r.Target, r.Role, r.Policy)
	if err != nil && commands.Words(err).Kind == commands.Denied {
		err = nil
	}
	return policy != "", err
}

// reads tells whether the function reads the queue or the stream.
func (q *queueTrigger) reads(ctx context.Context, r reading) (bool, error) {
	all, err := q.cloud.QueueSources(ctx, r.Target, r.Function.Name)
	return slices.ContainsFunc(all, func(one aws.QueueSource) bool { return r.is(one) && one.State != "Deleting" && one.State != "Disabled" }), err
}

func (r reading) removeLine() string {
	return r.line("lambda trigger remove") + " --on " + r.word()
}

// Plan tells what would be made.
func (q *queueTrigger) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if r.Stood {
		return stands(r.report()), nil
	}
	report := commands.Report{
		Title: "Would let " + r.events() + " invoke " + r.Function.Name, Where: where.Words(r.Place),
		Body: commands.Blocks{commands.Fields{Fields: append(r.fields(),
			commands.Field{Name: "At once", Value: r.atOnce()}, commands.Field{Name: "Role", Value: r.roleWords()})}, commands.Code{Text: indented([]byte(r.rights()))}},
	}
	report.Body = append(report.Body, commands.Text{Text: commands.Mono(r.removeLine()) + " takes it away again; " + r.after()})
	return report, nil
}

func (r reading) roleWords() string {
	if r.Ours {
		return commands.Mono(r.Role) + ", which gets the right to read the " + r.noun()
	}
	return commands.Mono(r.Role) + ", which deckhand did not make and leaves alone: it must have this right already"
}

// Run gives the role its right first, and then makes the function read.
func (q *queueTrigger) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if r.Stood {
		return r.report(), nil
	}
	if r.View != "" {
		run.Say("Turning on the stream of " + lastOf(r.Table) + ".")
		stream, err := commands.Repeat(ctx, run, "UpdateTable", func(ctx context.Context) (aws.TableStream, error) {
			limited, cancel := context.WithTimeout(ctx, queuePatience)
			defer cancel()
			return q.cloud.TurnOnStream(limited, r.Target, lastOf(r.Table), r.View)
		})
		if err != nil {
			return commands.Report{}, err
		}
		r.Queue = stream.ARN
	}
	if r.Ours {
		run.Say("Letting the role " + r.Role + " read the " + r.noun() + ".")
		_, err := commands.Repeat(ctx, run, "PutRolePolicy", func(ctx context.Context) (bool, error) {
			return true, q.cloud.AllowRole(ctx, r.Target, r.Role, r.Policy, r.rights())
		})
		if err != nil {
			return r.onlyOn(), err
		}
	}
	run.Say("Making the function read the " + r.noun() + ".")
	_, err = commands.Repeat(ctx, run, "CreateEventSourceMapping", func(ctx context.Context) (aws.QueueSource, error) {
		return q.cloud.ReadQueue(ctx, r.Target, r.Function.Name, r.Queue)
	})
	if err != nil {
		return r.halfway(err)
	}
	limited, cancel := context.WithTimeout(ctx, queuePatience)
	defer cancel()
	if err := q.cloud.WaitForQueue(limited, r.Target, r.Function.Name, r.Queue, true); err != nil {
		return commands.Report{Title: "Not reading yet: " + r.Function.Name, Where: where.Words(r.Place), Next: r.next(), Undo: r.removeLine()}, err
	}
	return r.report(), nil
}

const queuePatience = 3 * time.Minute

// halfway says what stands where the mapping could not be made, and gives the statement that a role of somebody else's lacks.
func (r reading) halfway(err error) (commands.Report, error) {
	report := commands.Report{Title: "Not triggered: " + r.Function.Name, Where: where.Words(r.Place)}
	switch {
	case commands.IsUncertain(err):
	case r.Ours:
		report.Body = commands.Blocks{commands.Text{Text: "The role " + commands.Mono(r.Role) + " may read the " + r.noun() + ", and nothing reads it." + r.turnedOn() + " The same line again finishes it; " +
			commands.Mono(r.removeLine()) + " takes the right away."}}
		report.Next = []commands.Next{{Label: "Take it away", Line: r.removeLine()}}
		if strings.Contains(strings.ToLower(commands.Words(err).Message), "visibility timeout") {
			report.Body = append(report.Body, commands.Text{Text: "A queue must hide a message for as long as the function may run, at least. Before the line is sent again, shorten the one with " +
				commands.Mono(r.line("lambda update")+" --timeout SECONDS") + ", or lengthen the other in AWS."})
		}
	case mayNotRead(commands.Words(err).Message):
		report.Body = commands.Blocks{commands.Text{Text: "Nothing was made." + r.turnedOn() + " Somebody who may change the role " + commands.Mono(r.Role) + " adds this policy to it; the same line again then works:"}, commands.Code{Text: indented([]byte(r.rights()))}}
	}
	return report, err
}

func (r reading) next() []commands.Next {
	return []commands.Next{
		{Label: "Logs", Line: r.line("lambda logs")}, {Label: "Triggers", Line: r.line("lambda trigger list")},
		{Label: "Remove", Line: r.removeLine(), Confirm: "Remove this trigger?"},
	}
}

func (r reading) report() commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: r.Function.Name + " is invoked by " + r.events() + " now", Where: where.Words(r.Place),
		Body: commands.Blocks{commands.Fields{Fields: append(r.fields(), commands.Field{Name: "Role", Value: commands.Mono(r.Role)})}},
		Next: r.next(), Undo: r.removeLine(),
	}
	if r.Stood {
		report = stood(report)
	}
	return report
}

// Check looks whether the function reads the queue.
func (q *queueTrigger) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	r, err := q.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	reads, err := q.reads(ctx, r)
	if err != nil {
		return commands.Report{}, err
	}
	if reads {
		return r.report(), nil
	}
	report := commands.Report{Title: "Not triggered: " + r.Function.Name, Where: where.Words(r.Place)}
	if r.Ours {
		report.Body = commands.Blocks{commands.Text{Text: "The role " + commands.Mono(r.Role) + " may have the right to read the " + r.noun() + " already; " + commands.Mono(r.removeLine()) + " takes it away."}}
		report.Next = []commands.Next{{Label: "Take it away", Line: r.removeLine()}}
	}
	return report, &commands.Error{Kind: commands.Failed, Message: "AWS shows that the function does not read the " + r.noun() + ".", Hint: "The same line again finishes it."}
}
