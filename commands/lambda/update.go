package lambda

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Update is lambda update.
type Update struct {
	Named
	Code
	Settings
	SetEnv   []string `flag:"set-env" raw:"" value:"KEY=VALUE" help:"Set a variable and leave the others; --environment replaces all."`
	UnsetEnv []string `flag:"unset-env" value:"KEY" help:"Remove a variable and leave the others."`

	cloud Cloud
}

// Validate tells everything that can be known without AWS, all at once.
func (c *Update) Validate() error {
	var wrong commands.Problems
	if err := c.Named.Validate(); err != nil {
		wrong.Add(commands.Words(err))
	}
	code, given, some := c.source()
	wrong = append(append(wrong, some...), c.check()...)
	if _, err := readEnvironment(c.SetEnv); err != nil {
		wrong.Add(commands.Words(err))
	}
	merges := len(c.SetEnv)+len(c.UnsetEnv) > 0
	switch {
	case merges && len(c.Environment) > 0:
		wrong.Add(commands.Misuse("--environment replaces all variables, and --set-env and --unset-env change some.", "Give one or the other."))
	case !given && !c.configures() && len(wrong) == 0:
		wrong.Add(commands.Misuse("The line does not say what to change.", ""))
	case len(c.Architectures) > 0 && !given:
		wrong.Add(commands.Misuse("The architecture changes together with the code.", "Give --zip or --image too."))
	case code.ImageURI != "" && (c.Runtime != "" || c.Handler != ""):
		wrong.Add(commands.Misuse("An image has its own runtime and handler.", "Leave --runtime and --handler out."))
	case c.Publish && !given:
		wrong.Add(commands.Misuse("--publish comes with new code.", commands.Mono("lambda publish "+c.Name)+" publishes what the function is."))
	}
	return wrong.Err()
}

// configures tells whether the configuration is to change, besides the code.
func (c *Update) configures() bool {
	return c.Role != "" || c.Handler != "" || c.Runtime != "" || c.Description != "" || c.Timeout > 0 || c.MemorySize > 0 ||
		len(c.Environment)+len(c.SetEnv)+len(c.UnsetEnv)+len(c.Layers) > 0 || c.VPC+c.Tracing+c.Storage != ""
}

// Scope is the function.
func (c *Update) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// changes is a table of what would change. Values of variables are left out.
func (c *Update) changes(f aws.Function) commands.Table {
	table := commands.Table{Columns: []string{"What", "Now", "Then"}}
	add := func(name, now, then string) {
		if then != "" && then != now {
			table.Rows = append(table.Rows, []string{name, cmp.Or(commands.Unmarked(now), "-"), commands.Unmarked(then)})
		}
	}
	number := func(n int, unit string) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%d %s", n, unit)
	}
	code, given, _ := c.source()
	switch {
	case c.Example != "":
		add("Code", size(f.CodeSize), "the example")
	case code.ImageURI != "":
		add("Code", f.ImageURI, code.ImageURI)
	case given:
		add("Code", size(f.CodeSize), "s3://"+code.S3Bucket+"/"+code.S3Key)
	}
	add("Role", shortRole(f.Role), shortRole(c.Role))
	add("Runtime", f.Runtime, c.Runtime)
	add("Handler", f.Handler, c.Handler)
	add("Timeout", number(f.Timeout, "s"), number(c.Timeout, "s"))
	add("Memory", number(f.MemoryMB, "MB"), number(c.MemorySize, "MB"))
	add("Architecture", strings.Join(f.Architectures, ", "), strings.Join(c.Architectures, ", "))
	add("Description", f.Description, c.Description)
	var then aws.FunctionSettings
	_ = c.around(&then) // Validate told
	now := settings(f)
	add("Layers", strings.Join(now.Layers, ", "), strings.Join(then.Layers, ", "))
	if then.Subnets != nil {
		add("VPC", cmp.Or(vpcWords(now.Subnets, now.Groups), "none"), cmp.Or(vpcWords(then.Subnets, then.Groups), "none"))
	}
	add("Tracing", now.Tracing, then.Tracing)
	add("Storage", number(now.StorageMB, "MB"), number(then.StorageMB, "MB"))
	if env, _ := c.environment(f.Environment); env != nil {
		add("Environment", envNames(f.Environment), cmp.Or(envNames(env), "none")+" (values may differ)")
	}
	return table
}

// environment answers all variables as they shall be; nil where they stay.
func (c *Update) environment(now map[string]string) (map[string]string, error) {
	if len(c.Environment) > 0 {
		return readEnvironment(c.Environment)
	}
	if len(c.SetEnv)+len(c.UnsetEnv) == 0 {
		return nil, nil
	}
	env, err := readEnvironment(c.SetEnv)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	maps.Copy(all, now)
	maps.Copy(all, env)
	for _, name := range c.UnsetEnv {
		delete(all, name)
	}
	return all, nil
}

// Plan tells what would change.
func (c *Update) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if _, err := namedRole(ctx, c.cloud, p, c.Role, run.Now); err != nil {
		return commands.Report{}, err
	}
	warning, refusal := judgeRuntime(c.Runtime, run.Now)
	if refusal != nil {
		return commands.Report{}, refusal
	}
	changes := c.changes(p.Function)
	if len(changes.Rows) == 0 {
		return commands.Report{Title: "Would change nothing: " + p.Function.Name + " is so already", Where: where.Words(p.Place)}, nil
	}
	report := commands.Report{Title: "Would update " + p.Function.Name, Where: where.Words(p.Place), Body: commands.Blocks{changes}}
	if warning != "" {
		report.Tone, report.Body = commands.Warning, append(report.Body, commands.Text{Text: warning})
	}
	if c.Publish {
		report.Body = append(report.Body, commands.Text{Text: "What it is then is published as a new version."})
	}
	report.Body = append(report.Body, commands.Text{Text: c.wayBack(p.Function)})
	return report, nil
}

// wayBack says how the update could be undone.
func (c *Update) wayBack(f aws.Function) string {
	_, given, _ := c.source()
	if given {
		return "The code that is there now is kept only if it was published: " + commands.Mono("lambda publish "+f.Name) + " keeps it. Aliases and published versions do not change."
	}
	if len(c.Environment)+len(c.SetEnv)+len(c.UnsetEnv) > 0 {
		return "Values of variables are not kept, so what they are now cannot be brought back from here. Aliases and published versions do not change."
	}
	return strings.TrimSpace("The message that reports the update has the line that takes it back. Aliases and published versions do not change. " + c.stays(f))
}

// stays tells what no line takes away again.
func (c *Update) stays(f aws.Function) string {
	if c.Description != "" && f.Description == "" || len(c.Layers) > 0 && len(f.Layers) == 0 {
		return "A description or layers where there were none stay: no line takes them away."
	}
	return ""
}

// Run changes the configuration, then the code, and waits for each.
func (c *Update) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if _, refusal := judgeRuntime(c.Runtime, run.Now); refusal != nil {
		return commands.Report{}, refusal
	}
	code, given, _ := c.source()
	if c.Example != "" {
		if code.Zip, err = Archive(counterSource); err != nil {
			return commands.Report{}, err
		}
	}
	done := ""
	if c.configures() {
		run.Say("Changing the configuration of " + p.Function.Name + ".")
		if err := c.step(ctx, run, p, "UpdateFunctionConfiguration", func(ctx context.Context, p picked) error { return c.configure(ctx, p, run.Now) }); err != nil {
			return commands.Report{}, err
		}
		done = "The configuration is changed, and the code is not."
	}
	if given {
		run.Say("Changing the code of " + p.Function.Name + ".")
		err := c.step(ctx, run, p, "UpdateFunctionCode", func(ctx context.Context, p picked) error {
			return c.cloud.UpdateFunctionCode(ctx, p.Target, p.Function.Name, code, c.Architectures)
		})
		if err != nil {
			return c.partly(p, done), err
		}
	}
	return c.report(ctx, run, p)
}

// step makes one change and waits until it is through: Lambda refuses the next one before.
func (c *Update) step(ctx context.Context, run *commands.Run, p picked, name string, do func(context.Context, picked) error) error {
	if _, err := p.settle(ctx, run, c.cloud); err != nil && name == "UpdateFunctionConfiguration" && commands.Words(err).Kind == commands.Unavailable {
		return err
	}
	_, err := commands.Repeat(ctx, run, name, func(ctx context.Context) (bool, error) { return true, do(ctx, p) })
	if err != nil {
		return err
	}
	_, err = p.settle(ctx, run, c.cloud)
	return err
}

// tries is how often a change of some variables begins anew where somebody else changed the function meanwhile.
const tries = 3

// configure changes the settings. Variables that are set beside others are written together with those that AWS showed, so that the change is for
// that revision of the function alone.
func (c *Update) configure(ctx context.Context, p picked, now time.Time) error {
	for n := 1; ; n++ {
		then, err := c.configureOnce(ctx, p, now)
		if err == nil || then == "" || n == tries {
			return err
		}
		if f, lookErr := c.cloud.Function(ctx, p.Target, p.Function.Name, ""); lookErr != nil || f.Revision == then {
			return err
		}
	}
}

// configureOnce answers the revision that the change was for; "" where it was for any.
func (c *Update) configureOnce(ctx context.Context, p picked, at time.Time) (revision string, err error) {
	now, err := c.cloud.Function(ctx, p.Target, p.Function.Name, "")
	if err != nil {
		return "", err
	}
	env, err := c.environment(now.Environment)
	if err != nil {
		return "", err
	}
	role, err := namedRole(ctx, c.cloud, p, c.Role, at)
	if err != nil {
		return "", err
	}
	if len(c.Environment) == 0 && env != nil {
		revision = now.Revision
	}
	set := aws.FunctionSettings{
		Revision: revision, Role: role.ARN, Runtime: c.Runtime, Handler: c.Handler, Description: c.Description, Timeout: c.Timeout, MemoryMB: c.MemorySize, Environment: env,
	}
	if err := c.around(&set); err != nil {
		return "", err
	}
	granted, err := c.grant(ctx, p, set, cmp.Or(role.ARN, now.Role))
	if err != nil {
		return "", err
	}
	set.Granted = granted || role.Fresh
	return revision, c.cloud.UpdateFunctionSettings(ctx, p.Target, p.Function.Name, set)
}

// grant gives a role that deckhand made for the function what the settings need of it: AWS refuses them otherwise. Another role stays as it is.
func (c *Update) grant(ctx context.Context, p picked, s aws.FunctionSettings, roleARN string) (bool, error) {
	statements := needs(s, p.Place, p.Function.Name)
	if len(statements) == 0 {
		return false, nil
	}
	role, err := c.cloud.Role(ctx, p.Target, shortRole(roleARN))
	if err != nil || role.Tags[functionTag] != p.Function.Name {
		if failed(err) && commands.Words(err).Kind != commands.Denied {
			return false, err
		}
		return false, nil
	}
	return true, c.cloud.AllowRole(ctx, p.Target, role.Name, "deckhand-settings", Document(statements...))
}

// partly is the report where the code could not be changed after the configuration was.
func (c *Update) partly(p picked, done string) commands.Report {
	if done == "" {
		return commands.Report{}
	}
	return commands.Report{
		Title: "Updated in part: " + p.Function.Name, Where: where.Words(p.Place), Next: c.back(p),
		Body: commands.Blocks{commands.Text{Text: done + " The same line again finishes it."}},
	}
}

func (c *Update) report(ctx context.Context, run *commands.Run, p picked) (commands.Report, error) {
	now, err := c.cloud.Function(ctx, p.Target, p.Function.Name, "")
	if err != nil {
		return commands.Report{}, err
	}
	body := commands.Blocks{functionFields(now)}
	if len(c.Environment)+len(c.SetEnv)+len(c.UnsetEnv) > 0 {
		body = append(body, commands.Text{Text: "Values of variables are not kept, so what they were before cannot be brought back from here."})
	}
	if words := c.stays(p.Function); words != "" {
		body = append(body, commands.Text{Text: words})
	}
	return c.published(ctx, run, c.cloud, p, now, commands.Report{
		Tone: commands.Good, Title: "Updated " + now.Name + ": the change is through", Where: where.Words(p.Place), Body: body,
		Next: append([]commands.Next{{Label: "Invoke", Line: p.line("lambda invoke")}, {Label: "Publish", Line: p.line("lambda publish")}}, c.back(p)...),
	})
}

// back is the line that takes the settings back, where it can be written: values of variables are not kept.
func (c *Update) back(p picked) []commands.Next {
	f, line := p.Function, p.line("lambda update")
	bare := line
	for _, set := range []struct{ given, flag, before string }{
		{c.Role, "role", f.Role}, {c.Runtime, "runtime", f.Runtime}, {c.Handler, "handler", f.Handler}, {c.Description, "description", f.Description},
	} {
		if set.given != "" && set.given != set.before {
			line += commands.Flag(set.flag, set.before)
		}
	}
	if c.Timeout > 0 {
		line += commands.Flag("timeout", fmt.Sprint(f.Timeout))
	}
	if c.MemorySize > 0 {
		line += commands.Flag("memory-size", fmt.Sprint(f.MemoryMB))
	}
	if c.Storage != "" {
		line += commands.Flag("ephemeral-storage", fmt.Sprintf("Size=%d", f.StorageMB))
	}
	if c.Tracing != "" {
		line += commands.Flag("tracing-config", "Mode="+settings(f).Tracing)
	}
	if c.VPC != "" {
		line += commands.Flag("vpc-config", "SubnetIds=["+strings.Join(f.Subnets, ",")+"],SecurityGroupIds=["+strings.Join(f.Groups, ",")+"]")
	}
	if len(c.Layers) > 0 && len(f.Layers) > 0 {
		line += commands.Flag("layers", strings.Join(f.Layers, ","))
	}
	if line == bare {
		return nil
	}
	return []commands.Next{{Label: "Undo", Line: line, Confirm: "Set them as they were before?"}}
}

// Check compares the function with what was asked for.
func (c *Update) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	now, err := p.settle(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	code, given, _ := c.source()
	if c.Example != "" {
		if code.Zip, err = Archive(counterSource); err != nil {
			return commands.Report{}, err
		}
		given = hashed(code.Zip) != now.CodeSHA256
	}
	switch {
	case !given && c.configured(now):
		return c.report(ctx, run, p)
	case unchanged(p.Function, now):
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: now.Name + " is unchanged: the update did not happen.", Hint: commands.SendAgain}
	}
	return commands.Report{}, &commands.Error{
		Kind: commands.Uncertain, Message: now.Name + " has changed, and AWS does not tell whether all of the update is in it.",
		Hint: "The same line again is safe: it changes nothing that is as it should be.",
	}
}

// configured tells whether a function has all settings, and all variables with their values, that were asked for.
func (c *Update) configured(now aws.Function) bool {
	env, err := c.environment(now.Environment)
	if err != nil || env != nil && !maps.Equal(env, now.Environment) {
		return false
	}
	for _, row := range c.changes(now).Rows {
		if row[0] != "Environment" && row[0] != "Code" {
			return false
		}
	}
	return true
}

// unchanged tells whether a function is as it was. Its revision alone does not tell: a service that is compatible with AWS's may keep it.
func unchanged(before, now aws.Function) bool {
	all := func(f aws.Function) [9]any {
		return [9]any{f.Revision, f.CodeSHA256, f.ImageURI, f.Role, f.Runtime, f.Handler, f.Description, f.Timeout, f.MemoryMB}
	}
	return all(before) == all(now) && before.ModifiedAt.Equal(now.ModifiedAt)
}

// hashed is the hash of a program as Lambda tells it.
func hashed(archive []byte) string {
	sum := sha256.Sum256(archive)
	return base64.StdEncoding.EncodeToString(sum[:])
}
