package vm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// List is vm list.
type List struct {
	where.Target
	query.Flags
	Names     []string          `arg:"name" alias:"instance-ids,instance-id,name" value:"NAME" help:"Name tags (* and ? match), instance ids, private IPs or ARNs."`
	Tag       map[string]string `flag:"tag" value:"KEY=VALUE" help:"Only instances that carry the tag; the value * is any."`
	Env       string            `flag:"env" value:"ENV" help:"Short for --tag env=ENV."`
	State     []string          `flag:"state" alias:"states" value:"STATE" help:"Only in this state: pending, running, stopping, stopped, shutting-down, terminated."`
	Type      []string          `flag:"type" alias:"instance-type" value:"TYPE" help:"Only of this instance type; t3.* matches."`
	Filters   []string          `flag:"filters" alias:"filter" raw:"" value:"FILTER" help:"AWS's own filters, Name=tag:env,Values=dev."`
	Sort      string            `flag:"sort" default:"name" enum:"name,state,type,launched,age,-name,-state,-type,-launched,-age" help:"Order; --sort=-launched is newest first, as is age."`
	Page      int               `flag:"page" default:"1" value:"N" help:"Page to show."`
	PageSize  int               `flag:"page-size" default:"20" value:"N" help:"Rows on a page, at most 100."`
	All       bool              `flag:"all" help:"All rows on one page."`
	AllStates bool              `flag:"all-states" help:"Terminated instances too, as in AWS's own answer (--query)."`
	CSV       bool              `flag:"csv" help:"A CSV file with all rows."`

	cloud Cloud
}

const (
	mostPerPage = 100
	stateFilter = "instance-state-name"
	typeFilter  = "instance-type"
)

func states() []aws.InstanceState { return append(alive(), aws.ShuttingDown, aws.Terminated) }

// Validate refuses what AWS would not understand.
func (c *List) Validate() error {
	var wrong commands.Problems
	add := func(err error) {
		if err != nil {
			wrong = append(wrong, *commands.Words(err))
		}
	}
	words, err := readWords(c.Names)
	add(err)
	_, err = aim(c.Target, words)
	add(err)
	_, err = withEnv(c.Tag, c.Env)
	add(err)
	for _, state := range c.State {
		if !slices.Contains(states(), aws.InstanceState(state)) {
			add(unknownState(state))
		}
	}
	_, err = c.filters()
	add(err)
	add(c.Err())
	if c.Page < 1 {
		add(commands.Misuse(fmt.Sprintf("--page %d does not exist.", c.Page), "Pages begin at 1."))
	}
	if c.PageSize < 1 || c.PageSize > mostPerPage {
		add(commands.Misuse(fmt.Sprintf("--page-size %d is out of range.", c.PageSize), fmt.Sprintf("It may be 1 to %d; --all shows all rows.", mostPerPage)))
	}
	return wrong.Err()
}

func unknownState(state string) error {
	var names []string
	for _, s := range states() {
		names = append(names, string(s))
	}
	message := commands.Mono(state) + " is not a state of an instance."
	if near := commands.Nearest(state, names); len(near) > 0 {
		message += " The nearest is " + commands.Mono(near[0]) + "."
	}
	return commands.Misuse(message, "The states are "+strings.Join(names, ", ")+".")
}

// filters reads --filters and --type into AWS's filters. Errors are of kind Usage.
func (c *List) filters() (map[string][]string, error) {
	out, err := commands.ParseFilters(c.Filters)
	switch {
	case err != nil:
		return nil, err
	case len(c.Type) > 0 && out[typeFilter] != nil:
		return nil, commands.Misuse("The instance type is given with --type and in --filters.", "Say it once.")
	case len(c.State) > 0 && out[stateFilter] != nil:
		return nil, commands.Misuse("The state is given with --state and in --filters.", "Say it once.")
	case len(c.Type) > 0:
		out[typeFilter] = c.Type
	}
	return out, nil
}

// asAWS is what --query is asked of.
func asAWS() query.Subject { return query.Subject{Operation: "DescribeInstances", ID: "InstanceId"} }

// Run lists.
func (c *List) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if !c.Asked() {
		p, err := c.find(ctx, c.ahead(run))
		if err != nil {
			return commands.Report{}, err
		}
		return c.report(ctx, p, run.Now)
	}
	return c.Flags.Report(ctx, asAWS(), func(ctx context.Context) (commands.Report, []string, error) {
		p, err := c.find(ctx, nil)
		return commands.Report{Title: c.title(p), Where: where.Words(p.Place)}, ids(p.Instances), err
	})
}

func (c *List) title(p picked) string {
	if len(p.Instances) == 0 {
		return c.empty(p).Title
	}
	return stateCounts(p.Instances)
}

func (c *List) report(ctx context.Context, p picked, now time.Time) (commands.Report, error) {
	sortBy(p.Instances, c.Sort)
	switch {
	case len(p.Instances) == 0:
		return c.empty(p), nil
	case c.CSV:
		seen := lookCloser(ctx, c.cloud, p.Target, p.Instances)
		content, err := csvOf(p.Instances, seen)
		return commands.Report{
			Title: stateCounts(p.Instances), Where: where.Words(p.Place),
			Body: commands.Blocks{commands.File{Name: "instances-" + p.Place.Region + ".csv", Content: content}},
		}, err
	default:
		return c.paged(ctx, p, now)
	}
}

// ahead shows the first rows of a long list while AWS is still answering; nil where the answer is no list, or a later page of it.
func (c *List) ahead(run *commands.Run) func(picked) {
	if run.Ahead == nil || c.CSV || c.Page != 1 {
		return nil
	}
	return func(p picked) {
		sortBy(p.Instances, c.Sort)
		shown := min(c.PageSize, len(p.Instances))
		run.Ahead(commands.Report{
			Tone: commands.Working, Title: fmt.Sprintf("The first %s; AWS is still answering", count(len(p.Instances))), Where: where.Words(p.Place),
			Body: commands.Blocks{listTable(p.Instances[:shown], run.Now, fmt.Sprintf("%d of those that have come; the whole list follows.", shown))},
		})
	}
}

func (c *List) find(ctx context.Context, ahead func(picked)) (picked, error) {
	filters, err := c.filters()
	if err != nil {
		return picked{}, err
	}
	tags, err := withEnv(c.Tag, c.Env)
	if err != nil {
		return picked{}, err
	}
	look := search{
		target: c.Target, names: c.Names, tags: tags, reading: true, ahead: ahead,
		dead: c.AllStates || c.Asked() || // AWS's own answer has those that are gone
			len(c.State) > 0 || filters[stateFilter] != nil,
		narrow: aws.InstanceQuery{Filters: filters},
	}
	switch {
	case len(c.State) > 0:
		for _, state := range c.State {
			look.narrow.States = append(look.narrow.States, aws.InstanceState(state))
		}
	case !look.dead && len(c.Names) == 0:
		look.narrow.States = append(alive(), aws.ShuttingDown)
	}
	return look.find(ctx, c.cloud)
}

// empty says that nothing was found, and what to do next.
func (c *List) empty(p picked) commands.Report {
	report := commands.Report{Title: "No instances in " + p.Place.Region, Where: where.Words(p.Place)}
	if c.selective() {
		report.Title = "No instances match in " + p.Place.Region
		report.Next = []commands.Next{{Label: "List all", Line: lineFor("vm list", nil, p.Target)}}
		return report
	}
	report.Body = commands.Blocks{commands.Text{Text: "Terminated instances are hidden. To launch the first: " + commands.Mono("vm create --image-id AMI --name NAME") + "."}}
	report.Next = []commands.Next{{Label: "Terminated ones too", Line: lineFor("vm list", nil, p.Target) + " --all-states"}}
	return report
}

func (c *List) selective() bool {
	return len(c.Names)+len(c.Tag)+len(c.State)+len(c.Type)+len(c.Filters) > 0 || c.Env != "" || c.AllStates
}

func (c *List) paged(ctx context.Context, p picked, now time.Time) (commands.Report, error) {
	total, size := len(p.Instances), c.PageSize
	if c.All {
		size = total
	}
	pages := (total + size - 1) / size
	if c.Page > pages {
		return commands.Report{}, commands.Misuse(fmt.Sprintf("There is no page %d, only %d.", c.Page, pages),
			commands.Mono(c.line(p.Target, pages))+" shows the last.")
	}
	from := (c.Page - 1) * size
	to := min(from+size, total)
	note := ""
	if pages > 1 {
		note = fmt.Sprintf("%d-%d of %d", from+1, to, total)
	}
	seen := lookCloser(ctx, c.cloud, p.Target, p.Instances[from:to])
	if to-from > closest {
		seen.notes = append(seen.notes, fmt.Sprintf("Health is left out of more than %d; with it: %s.", closest, commands.Mono(c.line(p.Target, 1))))
	}
	report := commands.Report{
		Title: stateCounts(p.Instances), Where: where.Words(p.Place), Body: seen.body(p.Instances[from:to], now, note),
	}
	if c.Page > 1 {
		report.Next = append(report.Next, commands.Next{Label: "Page before", Line: c.line(p.Target, c.Page-1)})
	}
	if c.Page < pages {
		report.Next = append(report.Next, commands.Next{Label: "Next page", Line: c.line(p.Target, c.Page+1)})
	}
	return report, nil
}

// line is this list's line for another page.
func (c *List) line(t aws.Target, page int) string {
	line := "vm list"
	for _, name := range c.Names {
		line += " " + commands.Quote(name)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Tag)) {
		line += commands.Flag("tag", key+"="+c.Tag[key])
	}
	line += commands.Flag("env", c.Env) + commands.Flag("state", strings.Join(c.State, ",")) + commands.Flag("type", strings.Join(c.Type, ","))
	for _, filter := range c.Filters {
		line += commands.Flag("filters", filter)
	}
	if c.AllStates {
		line += " --all-states"
	}
	if c.Sort != "" && c.Sort != "name" {
		line += " --sort=" + c.Sort
	}
	if c.PageSize != 20 {
		line += commands.Flag("page-size", strconv.Itoa(c.PageSize))
	}
	return line + commands.Flag("page", strconv.Itoa(page)) + commands.Flag("region", t.Region) + commands.Flag("account", t.Account)
}

func listTable(some []aws.Instance, now time.Time, note string) commands.Table {
	table := commands.Table{Columns: []string{"Name", "ID", "State", "Type", "Zone", "Private IP", "Public IP", "Age", "Owner"}, Note: note}
	for _, i := range some {
		table.Rows = append(table.Rows, []string{
			commands.OrNone(i.Name), i.ID, string(i.State), i.Type, commands.OrNone(i.Zone), commands.OrNone(i.PrivateIP), commands.OrNone(i.PublicIP), age(i.LaunchedAt, now), owner(i),
		})
	}
	return table
}

// stateCounts is the title: "143 instances: 120 running, 23 stopped".
func stateCounts(some []aws.Instance) string {
	by := map[aws.InstanceState]int{}
	for _, i := range some {
		by[i.State]++
	}
	var parts []string
	for _, state := range []aws.InstanceState{aws.Running, aws.Pending, aws.Stopping, aws.Stopped, aws.ShuttingDown, aws.Terminated} {
		if n := by[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	switch {
	case len(some) == 1:
		return fmt.Sprintf("1 instance, %s", some[0].State)
	case len(parts) == 1:
		return fmt.Sprintf("%s, all %s", count(len(some)), some[0].State)
	}
	return count(len(some)) + ": " + strings.Join(parts, ", ")
}

// sortBy orders by a column, name and id deciding between equals; a leading dash turns the column around.
func sortBy(some []aws.Instance, column string) {
	column, descending := strings.CutPrefix(column, "-")
	slices.SortFunc(some, func(a, b aws.Instance) int {
		var by int
		switch column {
		case "state":
			by = strings.Compare(string(a.State), string(b.State))
		case "type":
			by = strings.Compare(a.Type, b.Type)
		case "launched":
			by = a.LaunchedAt.Compare(b.LaunchedAt)
		case "age":
			by = b.LaunchedAt.Compare(a.LaunchedAt)
		default:
			by = strings.Compare(a.Name, b.Name)
		}
		if descending {
			by = -by
		}
		return cmp.Or(by, strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}
