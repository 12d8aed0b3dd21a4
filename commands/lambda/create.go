package lambda

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Create is lambda create.
type Create struct {
	Named
	commands.Term
	Code
	Settings
	Tag         map[string]string `flag:"tags" alias:"tag" value:"KEY=VALUE" help:"Tag for the function."`
	PackageType string            `flag:"package-type" enum:"Zip,Image" value:"TYPE" unlisted:"" help:"Taken and not used: where the code is tells it."`

	cloud Cloud
}

// Validate tells everything that can be known without AWS, all at once.
func (c *Create) Validate() error {
	var wrong commands.Problems
	if _, qualifier, _, err := c.aim(); err != nil {
		wrong.Add(commands.Words(err))
	} else if qualifier != "" {
		wrong.Add(commands.Misuse("A function is made without a version or alias.", "Leave :"+qualifier+" out."))
	}
	code, given, some := c.source()
	wrong = append(append(wrong, some...), c.check()...)
	switch {
	case !given:
		wrong.Add(commands.Misuse("The line does not say where the code is.", "Give --zip s3://bucket/key.zip, --image URI, or --example counter."))
	case c.Example != "" && c.Runtime != "" && !strings.HasPrefix(c.Runtime, "python3."):
		wrong.Add(commands.Misuse("The example is written in Python, and "+commands.Mono(c.Runtime)+" is not.", "Leave --runtime out."))
	case code.ImageURI != "" && (c.Runtime != "" || c.Handler != ""):
		wrong.Add(commands.Misuse("An image has its own runtime and handler.", "Leave --runtime and --handler out."))
	case code.S3Bucket != "" && (c.Runtime == "" || c.Handler == ""):
		wrong.Add(commands.Misuse("A package in S3 needs --runtime and --handler.", ""))
	}
	for key := range c.Tag {
		if strings.HasPrefix(key, "deckhand:") || strings.HasPrefix(strings.ToLower(key), "aws:") {
			wrong.Add(commands.Misuse("The tag "+commands.Mono(key)+" is one that is written by itself.", "Call it something else."))
		}
	}
	return wrong.Err()
}

// Scope is the function that would be: its tags are the ones asked for.
func (c *Create) Scope(ctx context.Context) (commands.Scope, error) {
	name, _, t, err := c.aim()
	return commands.Scope{
		Account: c.Account, Region: c.cloud.Place(ctx, t).Region,
		Resources: []commands.Resource{{ID: "function/" + name, Name: name, Tags: c.Tag}},
	}, err
}

// making is everything that is to be made.
type making struct {
	picked
	function aws.NewFunction
	role     *aws.NewRole    // nil where one is named
	table    *aws.CountTable // nil but for the example
	warnings []string
	publish  bool
}

// prepare answers what is to be made. Only the role's ARN is not known yet.
func (c *Create) prepare(ctx context.Context, run *commands.Run) (making, error) {
	name, _, target, err := c.aim()
	if err != nil {
		return making{}, err
	}
	code, _, wrong := c.source()
	env, err := readEnvironment(c.Environment)
	if err != nil {
		wrong.Add(commands.Words(err))
	}
	m := making{picked: picked{Target: target, Place: c.cloud.Place(ctx, target)}}
	if err := c.elsewhere(m.picked); err != nil {
		return m, err
	}
	m.Function.Name, m.publish = name, c.Publish
	if c.Example != "" {
		if code.Zip, err = Archive(counterSource); err != nil {
			return m, err
		}
		c.Handler, c.Runtime = cmp.Or(c.Handler, counterHandler), cmp.Or(c.Runtime, counterRuntime)
		if env == nil {
			env = map[string]string{}
		}
		m.table = &aws.CountTable{Name: tableName(name), Tags: madeFor(name, run), Mark: functionTag}
		env[countTable] = m.table.Name
	}
	warning, refusal := judgeRuntime(c.Runtime, run.Now)
	wrong.Add(refusal)
	if warning != "" {
		m.warnings = append(m.warnings, warning)
	}
	m.function = aws.NewFunction{
		Name: name, Code: code, Architectures: c.Architectures, Tags: map[string]string{commands.TokenTag: run.Token}, Mark: askedTag,
		FunctionSettings: aws.FunctionSettings{
			Runtime: c.Runtime, Handler: c.Handler, Description: c.Description, Timeout: c.Timeout, MemoryMB: c.MemorySize, Environment: env,
		},
	}
	if err := c.around(&m.function.FunctionSettings); err != nil {
		return m, err
	}
	m.function.Tags[askedTag] = asked(m.function, c.Role)
	for key, value := range c.Tag {
		m.function.Tags[key] = value
	}
	for key, value := range madeFor(name, run) {
		if key != functionTag {
			m.function.Tags[key] = value
		}
	}
	m.advise(c, env)
	if c.Role == "" {
		m.role = m.leastRole(run)
	}
	return m, wrong.Err()
}

// advise adds what the asker should know beforehand.
func (m *making) advise(c *Create, env map[string]string) {
	if c.Role != "" && m.table != nil {
		m.warnings = append(m.warnings, "The role "+commands.Mono(c.Role)+" must allow dynamodb:UpdateItem on the table "+commands.Mono(m.table.Name)+", or the example fails when it runs.")
	}
	if slices.ContainsFunc(envKeys(env), telling.MatchString) {
		m.warnings = append(m.warnings, "Values given in a line are kept in this request and seen by everybody in the channel. Keep a secret in Secrets Manager or Parameter Store, and give its name here.")
	}
	if code := c.Image; code != "" && !strings.Contains(code, "@sha256:") {
		m.warnings = append(m.warnings, "The image is named by a tag, which can come to mean another image; Lambda keeps the one that the tag means now.")
	}
}

func envKeys(env map[string]string) []string {
	var keys []string
	for key := range env {
		keys = append(keys, key)
	}
	return keys
}

// madeFor are the tags of what is made for a function.
func madeFor(name string, run *commands.Run) map[string]string {
	return run.Tags("", map[string]string{functionTag: name})
}

// Plan tells what would be made.
func (c *Create) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := c.there(ctx, m)
	if err != nil {
		return commands.Report{}, err
	}
	if c.Role != "" {
		if _, err := namedRole(ctx, c.cloud, m.picked, c.Role, run.Now); err != nil {
			return commands.Report{}, err
		}
	}
	report := commands.Report{Title: "Would create the function " + m.function.Name, Where: where.Words(m.Place), Body: commands.Blocks{m.fields(c.Role), commands.Fields{Fields: []commands.Field{{Name: "Price", Value: c.price(ctx, m)}}}}}
	if len(m.warnings) > 0 {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: strings.Join(m.warnings, "\n")})
	}
	back := commands.Mono(m.undo()) + " takes all of it away again."
	if there.Name != "" {
		report.Title = "Would finish the function " + there.Name
		back = "It stands" + madeBy(there) + ", and is left as it is; what is missing around it is made, which cannot be undone alone."
	}
	if m.role != nil {
		report.Body = append(report.Body, commands.Text{Text: "The role's rights:"}, commands.Code{Text: indented([]byte(m.role.Policy))})
	}
	report.Body = append(report.Body, commands.Text{Text: "AWS has no rehearsal for this: what it would refuse shows when it is asked. " + back})
	return report, nil
}

// stood tells whether another line made the function, whose end is that line's (decision 84).
func (m making) stood(run *commands.Run) bool {
	by := m.Function.Tags[commands.TokenTag]
	return by != "" && by != run.Token
}

func (m making) undo() string {
	p := m.picked
	p.Function.Name = m.function.Name
	return p.line("lambda delete") + " --all"
}

func (c *Create) price(ctx context.Context, m making) string {
	on := ""
	if slices.Contains(m.function.Architectures, "arm64") {
		on = " arm64"
	}
	rates := []commands.UseRate{{Of: "request" + on, Unit: "a million requests", Per: 1e6}, {Of: "GB-second" + on, Unit: "a GB-second", Per: 1}}
	if m.table != nil {
		rates = append(rates, commands.UseRate{Of: "write", Unit: "a million writes of its table", Per: 1e6}, commands.UseRate{Of: "read", Unit: "a million reads", Per: 1e6})
	}
	return commands.UseWords(ctx, func(ctx context.Context, of string) (float64, error) { return c.cloud.UsePrice(ctx, c.At(), of) }, rates...)
}

func (m making) fields(role string) commands.Fields {
	f := m.function
	code := "the example, " + size(int64(len(f.Code.Zip)))
	switch {
	case f.Code.ImageURI != "":
		code = f.Code.ImageURI
	case f.Code.S3Bucket != "":
		code = "s3://" + f.Code.S3Bucket + "/" + f.Code.S3Key
	}
	number := func(n, standard int, unit string) string {
		if n == 0 {
			return fmt.Sprintf("%d %s, AWS's own default", standard, unit)
		}
		return fmt.Sprintf("%d %s", n, unit)
	}
	fields := []commands.Field{
		{Name: "Code", Value: commands.Mono(code)}, {Name: "Runtime", Value: cmp.Or(f.Runtime, "the image's own")}, {Name: "Handler", Value: cmp.Or(f.Handler, "the image's own")},
		{Name: "Timeout", Value: number(f.Timeout, 3, "s")}, {Name: "Memory", Value: number(f.MemoryMB, 128, "MB")},
		{Name: "Architecture", Value: cmp.Or(strings.Join(f.Architectures, ", "), "x86_64")},
		{Name: "Environment", Value: cmp.Or(envNames(f.Environment), "none")},
	}
	if m.role != nil {
		role = m.role.Name + ", made for it"
	}
	fields = append(append(fields, commands.Field{Name: "Role", Value: role}), aroundFields(f.FunctionSettings)...)
	if m.publish {
		fields = append(fields, commands.Field{Name: "Published", Value: "as version 1"})
	}
	if m.table != nil {
		fields = append(fields, commands.Field{Name: "Table", Value: m.table.Name + " in DynamoDB, made for it, billed by request"})
	}
	return commands.Fields{Fields: fields}
}

// Run makes the table, the role and the function, and waits until it is active.
func (c *Create) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := commands.Repeat(ctx, run, "look for a function of this name", func(ctx context.Context) (aws.Function, error) {
		f, err := c.there(ctx, m)
		f.Environment = nil
		return f, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	var stands []string
	if m.table != nil {
		run.Say("Making the table " + m.table.Name + ".")
		table, err := commands.Repeat(ctx, run, "CreateTable", func(ctx context.Context) (aws.CountTable, error) { return c.cloud.EnsureTable(ctx, m.Target, *m.table) })
		if err == nil || table.Status != "" {
			stands = append(stands, "the table "+commands.Mono(m.table.Name))
		}
		if err != nil {
			return m.halfway(stands, err)
		}
	}
	run.Say("Looking for the role.")
	role, err := c.takeRole(ctx, run, m)
	m.function.Role, m.function.Granted = role.ARN, role.Fresh
	if err != nil {
		if m.role != nil && m.function.Role != "" {
			stands = append(stands, "the role "+commands.Mono(m.role.Name)+", without its rights,")
		}
		return m.halfway(stands, err)
	}
	if m.role != nil {
		stands = append(stands, "the role "+commands.Mono(m.role.Name))
	}
	run.Say("Making the function " + m.function.Name + ".")
	made, err := commands.Repeat(ctx, run, "CreateFunction", func(ctx context.Context) (aws.Function, error) {
		if there.Name != "" {
			return there, nil
		}
		f, err := c.cloud.CreateFunction(ctx, m.Target, m.function)
		f.Environment = nil
		return f, err
	})
	if err != nil {
		return m.halfway(stands, err)
	}
	m.Function = made
	return c.finish(ctx, run, m)
}

// takeRole makes the role, or looks up the one that is named.
func (c *Create) takeRole(ctx context.Context, run *commands.Run, m making) (aRole, error) {
	if m.role == nil {
		return commands.Repeat(ctx, run, "look at role", func(ctx context.Context) (aRole, error) {
			return namedRole(ctx, c.cloud, m.picked, c.Role, run.Now)
		})
	}
	arn, err := commands.Repeat(ctx, run, "CreateRole", func(ctx context.Context) (string, error) {
		role, err := c.cloud.EnsureRole(ctx, m.Target, *m.role)
		return role.ARN, err
	})
	return aRole{arn, true}, err
}

// halfway says what stands after a step that failed.
func (m making) halfway(stands []string, err error) (commands.Report, error) {
	if len(stands) == 0 {
		return commands.Report{}, err
	}
	if commands.IsUncertain(err) {
		return commands.Report{Where: where.Words(m.Place), Body: commands.Blocks{commands.Text{
			Text: "What stands for certain: " + commands.And(stands) + ". The same line again goes on with it; " + commands.Mono(m.undo()) + " takes away what stands.",
		}}}, err
	}
	is := " stands"
	if len(stands) > 1 {
		is = " stand"
	}
	return commands.Report{
		Title: "Not created: " + m.function.Name, Where: where.Words(m.Place),
		Body: commands.Blocks{commands.Text{Text: "There is no function yet, but " + strings.Join(stands, " and ") + is + " and will be used when the same line is sent again. " +
			commands.Mono(m.undo()) + " takes away what stands."}},
		Next: []commands.Next{{Label: "Take it away", Line: m.undo(), Style: "danger", Confirm: "Remove what stands?"}},
	}, err
}

// made says what stands where the function was made.
func (m making) made() commands.Blocks {
	stands := []string{"the function " + commands.Mono(m.function.Name)}
	if m.role != nil {
		stands = append(stands, "its role "+commands.Mono(m.role.Name))
	}
	if m.table != nil {
		stands = append(stands, "its table "+commands.Mono(m.table.Name))
	}
	return commands.Blocks{commands.Text{Text: "What stands: " + commands.And(stands) + ". " + commands.Mono(m.line("lambda show")) + " looks again."}}
}

func (c *Create) finish(ctx context.Context, run *commands.Run, m making) (commands.Report, error) {
	f, err := m.settle(ctx, run, c.cloud)
	if err != nil {
		report := commands.Report{Title: "Created, but not ready: " + m.function.Name, Where: where.Words(m.Place), Body: m.made(), Next: []commands.Next{{Label: "Show", Line: m.line("lambda show")}}}
		if m.stood(run) {
			report.Title = "Not ready: " + m.function.Name
		} else {
			report.Undo = m.undo()
			report.Next = append(report.Next, commands.Next{Label: "Remove", Line: m.undo(), Style: "danger", Confirm: "Remove it?"})
		}
		return report, err
	}
	m.Function = f
	report := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("Created the function %s: it is active", f.Name), Where: where.Words(m.Place),
		Body: commands.Blocks{functionFields(f)},
		Next: []commands.Next{
			{Label: "Invoke", Line: m.line("lambda invoke"), Style: "primary"},
			{Label: "Count VM changes", Line: m.line("lambda trigger add") + " --on ec2-state-change"},
			{Label: "Publish", Line: m.line("lambda publish")},
		},
	}
	if m.stood(run) {
		report.Title = fmt.Sprintf("Finished the function %s: it is active", f.Name)
		report.Body = append(report.Body, commands.Text{Text: "It stood already" + madeBy(f) + ", and is as it was; only what was missing around it was made, which cannot be undone alone."})
	} else {
		report.Undo = m.undo()
		report.Next = append(report.Next, commands.Next{Label: "Remove", Line: m.undo(), Style: "danger", Confirm: "Remove " + f.Name + " with its role and table?"})
	}
	if len(m.warnings) > 0 {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: strings.Join(m.warnings, "\n")})
	}
	return c.published(ctx, run, c.cloud, m.picked, f, report)
}
