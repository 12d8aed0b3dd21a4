package lambda

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Source is the flags that say what triggers a function.
type Source struct {
	On     string   `flag:"on" value:"EVENT" help:"ec2-state-change, schedule:\"rate(5 minutes)\", sqs:QUEUE, sns:TOPIC, dynamodb:TABLE, s3:BUCKET/prefix, or api:\"GET /count\"."`
	States []string `flag:"state" value:"STATE" help:"Only when an instance gets into this state: running, stopped, ..."`
	IDs    []string `flag:"instance-ids" alias:"instance-id" value:"ID" help:"Only these instances."`
	Events []string `flag:"events" alias:"event" value:"EVENT" help:"Which events of a bucket; s3:ObjectCreated:* where none is named."`
	Suffix string   `flag:"suffix" value:"END" help:"Only objects of a bucket whose keys end so, such as .jpg."`
	Filter string   `flag:"filter-policy" value:"JSON" help:"Only messages of a topic with such attributes."`
	View   string   `flag:"stream-view-type" value:"WHAT" help:"Turn the stream of a table on, to show this: NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY."`
	API    string   `flag:"api" alias:"api-id" value:"NAME" help:"Which API has the route."`
}

// way is what kind of trigger the flags mean.
type way int

const (
	byRule way = iota
	byQueue
	byBucket
	byTopic
	byStream
	byRoute
)

func (s Source) way() way {
	kind, _, _ := strings.Cut(s.On, ":")
	switch strings.ToLower(kind) {
	case "sqs", "queue":
		return byQueue
	case "s3", "bucket":
		return byBucket
	case "dynamodb":
		return byStream
	case "sns", "topic":
		return byTopic
	case "api":
		return byRoute
	case "arn":
		if strings.Contains(s.On, ":dynamodb:") {
			return byStream
		}
		if strings.Contains(s.On, ":sns:") {
			return byTopic
		}
		if strings.Contains(s.On, ":sqs:") {
			return byQueue
		}
		if strings.Contains(s.On, ":s3:") {
			return byBucket
		}
	}
	return byRule
}

// stood is the report of a trigger that was whole before the line: nothing was made, so nothing takes it back.
func stood(r commands.Report) commands.Report {
	r.Title, r.Undo = strings.TrimSuffix(r.Title, " now")+" already", ""
	r.Next = slices.DeleteFunc(r.Next, func(n commands.Next) bool { return n.Label == "Undo" })
	return r
}

// stands is the plan for such a trigger.
func stands(r commands.Report) commands.Report {
	r = stood(r)
	r.Tone, r.Title, r.Next = "", "Would change nothing: "+r.Title, nil
	return r
}

// detail is what stands behind the kind; an ARN is its own detail.
func (s Source) detail() string {
	if strings.HasPrefix(s.On, "arn:") {
		return s.On
	}
	_, detail, _ := strings.Cut(s.On, ":")
	return strings.TrimSpace(detail)
}

// check tells what can be known of the flags without AWS. Errors are of kind Usage.
func (s Source) check(function string) error {
	if s.way() != byBucket && len(s.Events)+len(s.Suffix) > 0 {
		return commands.Misuse("--events and --suffix belong to s3:BUCKET.", "Leave them out.")
	}
	if s.way() != byTopic && s.Filter != "" {
		return commands.Misuse("--filter-policy belongs to sns:TOPIC.", "Leave it out.")
	}
	if s.way() != byStream && s.View != "" {
		return commands.Misuse("--stream-view-type belongs to dynamodb:TABLE.", "Leave it out.")
	}
	if s.way() != byRoute && s.API != "" {
		return commands.Misuse("--api belongs to "+commands.Mono(`api:"GET /count"`)+".", "Leave it out.")
	}
	if s.way() != byRule && len(s.States)+len(s.IDs) > 0 {
		return commands.Misuse("--state and --instance-ids belong to ec2-state-change.", "Leave them out.")
	}
	var err error
	switch s.way() {
	case byQueue:
		_, err = s.queue(someFunction + function)
	case byStream:
		_, err = s.table(someFunction + function)
	case byTopic:
		_, err = s.topic(aws.Function{Name: function, ARN: someFunction + function})
	case byBucket:
		_, err = s.bucket(function, "")
	case byRoute:
		if s.API == "" {
			err = commands.Misuse("The line does not say which API has the route.", "Name it with "+commands.Mono("--api NAME")+"; "+commands.Mono("api list")+" shows what there is, and "+commands.Mono("api create")+" makes one.")
		}
	default:
		_, err = s.rule(function)
	}
	return err
}

// someFunction begins the ARN of a function whose account is not known yet.
const someFunction = "arn:aws:lambda:us-east-1:123456789012:function:"

var (
	rate       = regexp.MustCompile(`^rate\(\s*([1-9]\d*)\s+(minutes?|hours?|days?)\s*\)$`)
	cron       = regexp.MustCompile(`^cron\(\s*(\S+\s+){5}\S+\s*\)$`)
	instanceID = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)
)

// The service that invokes a function for a rule, and the name of the function among the rule's targets.
const (
	eventBridge = "events.amazonaws.com"
	targetID    = "deckhand"
)

// rule answers the rule that the flags mean; its name tells the same flags again. Errors are of kind Usage.
func (s Source) rule(function string) (aws.EventRule, error) {
	kind, detail, _ := strings.Cut(s.On, ":")
	var rule aws.EventRule
	switch strings.ToLower(kind) {
	case "ec2-state-change":
		if detail != "" {
			s.States = append(slices.Clone(s.States), strings.Split(detail, ",")...)
		}
		pattern, err := s.pattern()
		if err != nil {
			return rule, err
		}
		kind, rule.Pattern = "ec2", pattern
		rule.Description = "Changes of EC2 instances invoke " + function
	case "schedule":
		expression, err := schedule(detail)
		if err != nil {
			return rule, err
		}
		if len(s.States)+len(s.IDs) > 0 {
			return rule, commands.Misuse("--state and --instance-ids belong to ec2-state-change.", "Leave them out.")
		}
		kind, rule.Schedule = "time", expression
		rule.Description = "A schedule invokes " + function
	case "":
		return rule, commands.Misuse("The line does not say what triggers the function.", "Give --on ec2-state-change, schedule:\"rate(5 minutes)\", sqs:QUEUE, sns:TOPIC, dynamodb:TABLE, s3:BUCKET or api:\"GET /count\".")
	default:
		return rule, commands.Misuse("deckhand sets up no triggers of the kind "+commands.Mono(kind)+".", "It does ec2-state-change, schedule, sqs, sns, dynamodb, s3 and api.")
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(function + rule.Pattern + rule.Schedule))
	rule.Name = fmt.Sprintf("%s-%s-%08x", cut("deckhand-"+function, 48), kind, sum.Sum32())
	return rule, nil
}

// pattern selects changes of EC2 instances.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
func (s Source) pattern() (string, error) {
	detail := map[string][]string{}
	states := []string{"pending", "running", "stopping", "stopped", "shutting-down", "terminated"}
	for _, state := range s.States {
		if !slices.Contains(states, state) {
			return "", commands.Misuse(commands.Mono(state)+" is no state of an instance.", "The states are "+strings.Join(states, ", ")+".")
		}
		detail["state"] = append(detail["state"], state)
	}
	for _, id := range s.IDs {
		if !instanceID.MatchString(id) {
			return "", commands.Misuse(commands.Mono(id)+" is no id of an instance.", commands.Mono("vm list")+" shows the ids.")
		}
		detail["instance-id"] = append(detail["instance-id"], id)
	}
	pattern := map[string]any{"source": []string{"aws.ec2"}, "detail-type": []string{"EC2 Instance State-change Notification"}}
	if len(detail) > 0 {
		slices.Sort(detail["state"])
		slices.Sort(detail["instance-id"])
		pattern["detail"] = detail
	}
	raw, err := json.Marshal(pattern)
	return string(raw), err
}

// schedule reads rate(5 minutes) and cron(0 9 * * ? *), and mends the number of a unit.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func schedule(text string) (string, error) {
	text = strings.TrimSpace(text)
	if parts := rate.FindStringSubmatch(text); parts != nil {
		unit := strings.TrimSuffix(parts[2], "s")
		if parts[1] != "1" {
			unit += "s"
		}
		return "rate(" + parts[1] + " " + unit + ")", nil
	}
	if cron.MatchString(text) {
		const day, weekday = 2, 4
		fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(text, "cron("), ")"))
		if (fields[day] == "?") == (fields[weekday] == "?") {
			return "", commands.Misuse(commands.Mono(text)+" says both the day of the month and that of the week, or neither.",
				"EventBridge wants "+commands.Mono("?")+" for one of them: "+commands.Mono(`schedule:"cron(0 9 * * ? *)"`)+" is every day, "+commands.Mono(`schedule:"cron(0 9 ? * MON-FRI *)"`)+" on weekdays.")
		}
		return text, nil
	}
	return "", commands.Misuse(commands.Mono(cmp.Or(text, "schedule:"))+" is no schedule of EventBridge.",
		"It looks like "+commands.Mono(`schedule:"rate(5 minutes)"`)+" or "+commands.Mono(`schedule:"cron(0 9 ? * MON-FRI *)"`)+", in UTC.")
}

// words says what a rule does.
func ruleWords(r aws.EventRule) string {
	if r.Schedule != "" {
		return r.Schedule + ", in UTC"
	}
	var pattern struct {
		Source []string
		Detail map[string][]string
	}
	if json.Unmarshal([]byte(r.Pattern), &pattern) != nil || !slices.Contains(pattern.Source, "aws.ec2") {
		return cmp.Or(r.Pattern, "-")
	}
	text := "an EC2 instance changes its state"
	if states := pattern.Detail["state"]; len(states) > 0 {
		text = "an EC2 instance gets " + strings.Join(states, " or ")
	}
	if ids := pattern.Detail["instance-id"]; len(ids) > 0 {
		text += " (" + strings.Join(ids, ", ") + ")"
	}
	return text
}
