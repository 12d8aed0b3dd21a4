package lambda

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// The stream of a DynamoDB table is read as a queue is: by an event source mapping and the right in the function's role (see queueTrigger).

// viewTypes are what a record of a stream can show.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html
func viewTypes() []string {
	return []string{"NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"}
}

func isTable(text string) bool {
	const characters = spelling.Alphanumeric + "_.-"
	return len(text) >= 3 && spelling.Fits(text, 255, characters, characters)
}

// table answers the ARN of the table that the flags mean, for a function with this ARN: one of the same account and region.
func (s Source) table(functionARN string) (string, error) {
	word := s.detail()
	own := strings.SplitN(functionARN, ":", 6)
	if len(own) < 6 {
		return "", fmt.Errorf("the function's ARN is %q", functionARN)
	}
	account, region := own[4], own[3]
	if parts := strings.SplitN(word, ":", 6); parts[0] == "arn" && len(parts) == 6 && parts[2] == "dynamodb" {
		region, account = parts[3], parts[4]
		word, _, _ = strings.Cut(strings.TrimPrefix(parts[5], "table/"), "/") // the ARN of a table, or of its stream
	}
	if !isTable(word) {
		return "", commands.Misuse(commands.Mono(cmp.Or(word, "dynamodb:"))+" is no name of a table.", "It looks like "+commands.Mono("--on dynamodb:orders")+".")
	}
	if s.View != "" && !slices.Contains(viewTypes(), s.View) {
		return "", commands.Misuse(commands.Mono(s.View)+" is nothing that a stream shows.", "It can show "+strings.Join(viewTypes(), ", ")+".")
	}
	return strings.Join([]string{own[0], own[1], "dynamodb", region, account, "table/" + word}, ":"), nil
}

// besides tells whether a table is where the function is, which reads no other.
func (r reading) besides() bool {
	table, function := strings.SplitN(r.Table, ":", 6), strings.SplitN(r.Function.ARN, ":", 6)
	return len(table) == 6 && len(function) == 6 && slices.Equal(table[3:5], function[3:5])
}

// withStream adds the stream of the table, or how it is to be turned on.
func (r reading) withStream(ctx context.Context, cloud Cloud, s Source, environment map[string]string) (reading, error) {
	name := lastOf(r.Table)
	switch {
	case !r.besides():
		return r, commands.Conflicting("The table "+commands.Mono(r.Table)+" is not in the function's account and region; nothing was done.", "Take a function that is there.")
	case environment[countTable] == name:
		return r, &commands.Error{
			Kind: commands.Failed, Message: r.Function.Name + " writes into the table " + commands.Mono(name) + " itself, so each of its runs would start the next, without end; nothing was done.",
			Hint: "Take another table, or another function.",
		}
	}
	there, err := cloud.TableStream(ctx, r.Target, name)
	switch {
	case err != nil:
		return r, err
	case there.ARN != "" && s.View != "" && s.View != there.View:
		return r, &commands.Error{
			Kind: commands.Failed, Message: "The stream of " + commands.Mono(name) + " shows " + there.View + ", and another view needs it off first, which ends those who read it; nothing was done.",
			Hint: "Leave --stream-view-type out to read it as it is.",
		}
	case there.ARN != "":
		r.Queue = there.ARN
	case s.View == "":
		return r, &commands.Error{
			Kind: commands.Failed, Message: "The table " + commands.Mono(name) + " has no stream, which is what a function reads; nothing was done.",
			Hint: commands.Mono(r.line("lambda trigger add")+" --on "+r.word()+" --stream-view-type NEW_AND_OLD_IMAGES") + " turns it on.",
		}
	default:
		r.View = s.View
	}
	return r, nil
}

// word is the source's spelling in a line.
func (r reading) word() string {
	if r.Table != "" {
		return commands.Quote("dynamodb:" + lastOf(r.Table))
	}
	return commands.Quote("sqs:" + r.Queue)
}

// noun is what the function reads.
func (r reading) noun() string {
	if r.Table != "" {
		return "stream"
	}
	return "queue"
}

func (r reading) events() string { return sourceWords(cmp.Or(r.Table, r.Queue)) }

// is tells whether a mapping is of this queue, or of a stream of this table: turned off and on again, it is another one.
func (r reading) is(q aws.QueueSource) bool {
	if r.Table != "" && r.Queue == "" {
		return strings.HasPrefix(q.SourceARN, r.Table+"/stream/")
	}
	return q.SourceARN == r.Queue
}

// sourceWords says what a queue or a stream, by its ARN, invokes a function by.
func sourceWords(arn string) string {
	if _, table, ok := strings.Cut(arn, ":table/"); ok {
		name, _, _ := strings.Cut(table, "/")
		return "changes of the table " + name
	}
	return "messages in " + lastOf(arn)
}

// fields tell what is read.
func (r reading) fields() []commands.Field {
	if r.Table == "" {
		return []commands.Field{{Name: "Queue", Value: commands.Mono(r.Queue)}}
	}
	stream := commands.Mono(r.Queue)
	switch {
	case r.Queue == "":
		stream = "is turned on, shows " + r.View + ", and stays on"
	case r.View != "":
		stream += ", turned on for this; it stays on"
	}
	return []commands.Field{{Name: "Table", Value: commands.Mono(r.Table)}, {Name: "Stream", Value: stream}}
}

// stays is what is not touched where the function reads no longer.
func (r reading) stays() string {
	if r.Table != "" {
		return "the table and its stream stay; what changes meanwhile is not read later"
	}
	return "the queue and its messages stay"
}

func (r reading) atOnce() string {
	if r.Table != "" {
		return "up to 100 changes, of those from now on"
	}
	return "up to 10 messages"
}

// after says what a removal does not bring back.
func (r reading) after() string {
	if r.Table != "" {
		return "the stream stays on."
	}
	return "messages that were read are gone from the queue."
}

// turnedOn says what was changed before a step that failed.
func (r reading) turnedOn() string {
	if r.View == "" || r.Queue == "" {
		return ""
	}
	return " The table's stream is on now, and stays so."
}

// mayNotRead tells AWS's words for a role that may not read a queue or a stream.
func mayNotRead(message string) bool {
	return strings.Contains(message, "does not have permissions") || strings.Contains(message, "ensure the role can perform")
}

// onlyOn says that the stream was turned on, and no more; it is empty where it was not.
func (r reading) onlyOn() commands.Report {
	if r.turnedOn() == "" {
		return commands.Report{}
	}
	return commands.Report{
		Title: "Not triggered: " + r.Function.Name, Where: where.Words(r.Place),
		Body: commands.Blocks{commands.Text{Text: strings.TrimSpace(r.turnedOn()) + " Nothing reads it yet, and the same line again finishes it."}},
	}
}
