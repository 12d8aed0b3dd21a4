package export

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var (
	function   = kind{"aws_lambda_function", "AWS::Lambda::Function", "FunctionName", asList}               //nolint:gochecknoglobals // a constant
	alias      = kind{"aws_lambda_alias", "AWS::Lambda::Alias", "AliasArn", untagged}                       //nolint:gochecknoglobals // a constant
	permission = kind{"aws_lambda_permission", "AWS::Lambda::Permission", "Id", untagged}                   //nolint:gochecknoglobals // a constant
	reading    = kind{"aws_lambda_event_source_mapping", "AWS::Lambda::EventSourceMapping", "Id", untagged} //nolint:gochecknoglobals // a constant
	rule       = kind{"aws_cloudwatch_event_rule", "AWS::Events::Rule", "Arn", asList}                      //nolint:gochecknoglobals // a constant
	ruleTarget = kind{"aws_cloudwatch_event_target", "", "", untagged /* a template has it in the rule */}  //nolint:gochecknoglobals // a constant
)

// targetID is what lambda trigger add calls the function among a rule's targets.
const targetID = "deckhand"

// plainStorage is the size of /tmp that a function has by itself, in megabytes.
const plainStorage = 512

// called is a function with what invokes it.
type called struct {
	function aws.Function
	own      bool // the function is the request's own; otherwise only what invokes it is
	aliases  []aws.FunctionAlias
	rules    []aws.EventRule
	grants   []aws.Grant
	queues   []aws.QueueSource
	buckets  []noticed
	topics   []aws.Subscription
	owned
	code   aws.FunctionCode // from where the line took it
	source string
	words  []string // what is there and cannot be written
}

func (f called) empty() bool { return !f.own && len(f.rules)+len(f.grants)+len(f.queues) == 0 }

// called looks at the function that a line names: all of it where the request made it, or the trigger that the request added to it.
func (c *Export) called(ctx context.Context, by maker, past Past) (called, error) {
	out, t, name := called{code: past.Code, source: past.Source}, past.Target, past.Function
	if name == "" {
		return out, nil
	}
	f, err := c.cloud.Function(ctx, t, name, "")
	if err != nil {
		if commands.Words(err).Kind == commands.NotFound {
			err = nil
		}
		return out, err
	}
	out.function = f
	out.own = by.keeps(f.Tags)
	names, err := c.cloud.RulesFor(ctx, t, f.ARN)
	if err != nil {
		return out, err
	}
	for _, name := range names {
		r, err := c.cloud.EventRule(ctx, t, name)
		if err != nil {
			return out, err
		}
		if by.made(r.Tags) || out.own && r.Tags[commands.RequestTag] != "" {
			out.rules = append(out.rules, r)
		} else if out.own {
			out.words = append(out.words, "The rule "+name+" invokes "+f.Name+" and is not written: it was not made here.")
		}
	}
	if out.empty() && past.Notice == "" {
		return out, nil
	}
	return out, c.around(ctx, by, past, &out)
}

// around adds a function's aliases and queues, and who may invoke it.
func (c *Export) around(ctx context.Context, by maker, past Past, out *called) error {
	t := past.Target
	grants, err := c.cloud.FunctionGrants(ctx, t, out.function.Name)
	if err != nil {
		return err
	}
	for _, g := range grants {
		fires := slices.ContainsFunc(out.rules, func(r aws.EventRule) bool { return r.ARN == g.SourceARN })
		switch {
		case fires, past.names(g), out.own && plainGrant(g):
			out.grants = append(out.grants, g)
		case out.own:
			out.words = append(out.words, "The permission "+g.ID+" of "+out.function.Name+" for "+g.Principal+" is not written: more belongs to it than was read.")
		}
	}
	c.noticing(ctx, t, out)
	c.subscribing(ctx, t, out)
	if !out.own {
		if strings.HasPrefix(past.Notice, "arn:") {
			out.queues, err = c.cloud.QueueSources(ctx, t, out.function.Name)
			out.queues = slices.DeleteFunc(out.queues, func(q aws.QueueSource) bool { return !past.reads(q) })
		}
		return cmp.Or(err, ctx.Err())
	}
	if err := c.belonging(ctx, t, by, out); err != nil {
		return err
	}
	if out.aliases, err = c.cloud.FunctionAliases(ctx, t, out.function.Name); err != nil {
		return err
	}
	queues, err := c.cloud.QueueSources(ctx, t, out.function.Name)
	for _, q := range queues {
		if strings.Contains(q.SourceARN, ":sqs:") || strings.Contains(q.SourceARN, ":dynamodb:") {
			out.queues = append(out.queues, q)
		} else {
			out.words = append(out.words, "That "+out.function.Name+" reads "+q.SourceARN+" is not written: only queues and the streams of tables are.")
		}
	}
	return err
}

// reads tells whether the line of a request makes its function read a queue or a stream. It knows no account where it names none.
func (p Past) reads(q aws.QueueSource) bool {
	asked, found := strings.Split(p.Notice, ":"), strings.Split(q.SourceARN, ":")
	return len(asked) > 2 && len(found) > 2 && asked[2] == found[2] && sourceName(p.Notice) == sourceName(q.SourceARN)
}

// plainGrant tells whether a statement is one of a service, a source and an account alone. Of those for buckets and topics, that is known of what was made here.
func plainGrant(g aws.Grant) bool {
	return g.SourceARN != "" && (g.Principal == "events.amazonaws.com" || g.Principal == "apigateway.amazonaws.com" || ofBucket(g) || ofTopic(g))
}

// notes tell what is written in part, or not at all.
func (f called) notes() []string {
	if !f.own {
		return f.words
	}
	var notes []string
	if words := f.codeNote(); words != "" {
		notes = append(notes, words)
	}
	if f.role.Name == "" {
		notes = append(notes, "The role of "+f.function.Name+" is referred to: it was not made for it.")
	}
	notes = append(notes, "The file systems, snapshots and own log settings of "+f.function.Name+" are not written.")
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(f.function.Environment)), f.counts)
	if len(keys) > 0 {
		notes = append(notes, "The values of "+strings.Join(keys, ", ")+" are not shown: Terraform leaves the variables as they are until they are written there, and a template wants the values, since another changes the function.")
	}
	return append(append(notes, f.owned.notes()...), f.words...)
}

// counts tells whether a variable names the table that is written.
func (f called) counts(variable string) bool {
	return variable == countTable && f.table.Name != "" && f.table.Name == f.function.Environment[variable]
}

// things adds the function, and what invokes it.
func (f called) things(add adding) {
	if f.empty() {
		return
	}
	fn := f.function
	arn := part{ref(fn.ARN), "arn", "Arn", fn.ARN}
	name := part{ref(fn.ARN), "function_name", "", fn.Name}
	f.owned.things(add)
	if f.own {
		add(function, fn.ARN, fn.Name, fn.Tags, f.attrs()...).identified(fn.Name, map[string]string{"FunctionName": fn.Name})
	}
	for _, a := range f.aliases {
		add(alias, a.ARN, fn.Name+"-"+a.Name, nil, attr{"name", "Name", a.Name}, attr{"function_name", "FunctionName", name}, attr{"function_version", "FunctionVersion", a.Version},
			attr{"description", "Description", a.Description}, attr{"routing_config", "RoutingConfig", routing(a)}).identified(fn.Name+"/"+a.Name, nil)
	}
	for _, r := range f.rules {
		state := map[bool]string{true: "ENABLED", false: "DISABLED"}[r.Enabled]
		add(rule, r.ARN, r.Name, r.Tags, attr{"name", "Name", r.Name}, attr{"description", "Description", r.Description}, attr{"event_pattern", "EventPattern", document(r.Pattern)},
			attr{"schedule_expression", "ScheduleExpression", r.Schedule}, attr{"state", "State", state},
			attr{"", "Targets", listed{{{"", "Id", targetID}, {"", "Arn", arn}}}}).identified(r.Name, nil)
		add(ruleTarget, r.Name+"/"+targetID, r.Name, nil, attr{"rule", "", part{ref(r.ARN), "name", "", r.Name}}, attr{"target_id", "", targetID}, attr{"arn", "", arn})
	}
	for _, g := range f.grants {
		permit(add, fn.Name, name, g)
	}
	for _, b := range f.buckets {
		b.things(add, arn)
	}
	for _, s := range f.topics {
		subscribed(add, fn.Name, arn, s)
	}
	for _, q := range f.queues {
		add(reading, q.ID, fn.Name+"-"+sourceName(q.SourceARN), nil, attr{"event_source_arn", "EventSourceArn", q.SourceARN}, attr{"starting_position", "StartingPosition", q.From}, attr{"function_name", "", arn}, attr{"", "FunctionName", name})
	}
}

// permit adds a statement of a function's resource policy.
func permit(add adding, function string, name part, g aws.Grant) {
	source := part{ref(g.SourceARN), "arn", "Arn", g.SourceARN}
	add(permission, function+"/"+g.ID, g.ID, nil, attr{"statement_id", "", g.ID}, attr{"action", "Action", "lambda:InvokeFunction"}, attr{"function_name", "FunctionName", name},
		attr{"principal", "Principal", g.Principal}, attr{"source_arn", "SourceArn", source},
		attr{"source_account", "SourceAccount", g.SourceAccount}).identified(function+"/"+g.ID, map[string]string{"FunctionName": function, "Id": g.ID})
}

func (f called) attrs() []attr {
	fn := f.function
	variables, known := entries{}, entries{} // those of a template, and those of Terraform, which leaves the others as they are
	taken := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(fn.Environment)) {
		if f.counts(key) {
			variables[key] = part{ref(f.table.ARN), "name", "", f.table.Name}
			known[key] = variables[key]
			continue
		}
		name := plain(fn.Name) + "_" + plain(key)
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s_%s_%d", plain(fn.Name), plain(key), n)
		}
		taken[name] = true
		variables[key] = given{name, "the value of the environment variable " + key + " of " + fn.Name, true}
	}
	all := []attr{
		{"function_name", "FunctionName", fn.Name}, {"description", "Description", fn.Description}, {"role", "Role", part{ref(fn.Role), "arn", "Arn", fn.Role}},
		{"runtime", "Runtime", fn.Runtime}, {"handler", "Handler", fn.Handler}, {"architectures", "Architectures", texts(fn.Architectures)},
		{"timeout", "Timeout", fn.Timeout}, {"memory_size", "MemorySize", fn.MemoryMB},
	}
	written, ignored := f.codeAttrs()
	all = append(all, written...)
	if fn.StorageMB != plainStorage {
		all = append(all, attr{"ephemeral_storage", "EphemeralStorage", nested{{"size", "Size", fn.StorageMB}}})
	}
	if fn.Traced {
		all = append(all, attr{"tracing_config", "TracingConfig", nested{{"mode", "Mode", "Active"}}})
	}
	all = append(all, attr{"layers", "Layers", texts(fn.Layers)}, attr{"kms_key_arn", "KmsKeyArn", fn.Key},
		attr{"dead_letter_config", "DeadLetterConfig", nested{{"target_arn", "TargetArn", fn.DeadLetters}}})
	all = append(all, attr{"vpc_config", "VpcConfig", nested{{"subnet_ids", "SubnetIds", refs(fn.Subnets)}, {"security_group_ids", "SecurityGroupIds", refs(fn.Groups)}}},
		attr{"environment", "", nested{{"variables", "", known}}}, attr{"", "Environment", nested{{"", "Variables", variables}}})
	if len(known) < len(variables) {
		ignored = append(ignored, "environment")
	}
	if len(ignored) > 0 {
		all = append(all, attr{"lifecycle", "", nested{{"ignore_changes", "", bare("[" + strings.Join(ignored, ", ") + "] # until that comes from here")}}})
	}
	return all
}

// sourceName is that of a queue, or of the table that a stream is of.
func sourceName(arn string) string {
	if _, table, ok := strings.Cut(arn, ":table/"); ok {
		name, _, _ := strings.Cut(table, "/")
		return name
	}
	return lastOf(arn)
}

func lastOf(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// routing is the second version of an alias, which each language writes in its own way.
func routing(a aws.FunctionAlias) nested {
	if a.Other == "" {
		return nil
	}
	return nested{
		{"additional_version_weights", "", entries{a.Other: a.Share}},
		{"", "AdditionalVersionWeights", listed{{{"", "FunctionVersion", a.Other}, {"", "FunctionWeight", a.Share}}}},
	}
}
