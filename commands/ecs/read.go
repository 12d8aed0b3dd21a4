package ecs

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// List is ecs list.
type List struct {
	Target

	cloud Cloud
}

// Run lists.
func (c *List) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	t := c.At()
	all, err := c.cloud.Services(ctx, t, c.Cluster)
	if err != nil {
		return commands.Report{}, err
	}
	place := c.cloud.Place(ctx, t)
	report := commands.Report{Title: fmt.Sprintf("%d services in %s", len(all), place.Region), Where: where.Words(place)}
	switch len(all) {
	case 0:
		report.Title = "No services of ECS in " + place.Region
		return report, nil
	case 1:
		report.Title = "1 service in " + place.Region
	}
	table := commands.Table{Columns: []string{"Cluster", "Service", "State", "Running", "Wanted", "Task definition", "Launch"}}
	unsteady := 0
	for _, s := range sorted(all) {
		if !s.Steady() {
			unsteady++
			const few = 4
			if len(report.Next) < few {
				report.Next = append(report.Next, commands.Next{Label: clip("Show " + s.Name), Line: line("ecs show", picked{Target: t, Service: s})})
			}
		}
		table.Rows = append(table.Rows, []string{
			s.Cluster, s.Name, health(s), fmt.Sprint(s.Running), fmt.Sprint(s.Desired), commands.OrNone(s.TaskDefinition), commands.OrNone(s.Launch),
		})
	}
	if unsteady > 0 {
		report.Tone, report.Title = commands.Warning, fmt.Sprintf("%s: %d not steady", report.Title, unsteady)
	}
	report.Body = commands.Blocks{table}
	return report, nil
}

// clip cuts a button's text to what fits on it.
func clip(text string) string {
	const most = 30
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Show is ecs show.
type Show struct {
	Service
	query.Flags

	cloud Cloud
}

// Validate refuses a --query that is none.
func (c *Show) Validate() error { return c.Err() }

// Run shows the service.
func (c *Show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return c.Report(ctx, query.Subject{Operation: "DescribeServices", ID: "serviceArn"}, func(ctx context.Context) (commands.Report, []string, error) {
		p, err := c.find(ctx, c.cloud, "ecs show")
		if err != nil {
			return commands.Report{}, nil, err
		}
		return shown(p, p.Service), []string{p.Service.ARN}, nil
	})
}

// shown is the report on a service.
func shown(p picked, s aws.Service) commands.Report {
	made := "-"
	if !s.CreatedAt.IsZero() {
		made = commands.At(s.CreatedAt)
	}
	report := commands.Report{
		Title: s.Name + ": " + health(s), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
			{Name: "Service", Value: commands.Mono(s.Cluster + "/" + s.Name)},
			{Name: "Tasks", Value: fmt.Sprintf("%d running, %d starting, %d wanted", s.Running, s.Pending, s.Desired)},
			{Name: "Task definition", Value: commands.OrNone(s.TaskDefinition)},
			{Name: "Launch", Value: commands.OrNone(s.Launch)},
			{Name: "Made", Value: made},
		}}},
	}
	if s.Controller == "" || s.Controller == "ECS" {
		report.Next = []commands.Next{{Label: "Redeploy", Line: line("ecs redeploy", p), Confirm: "Replace all tasks of " + s.Name + "?"}}
	}
	if !s.Steady() {
		report.Tone = commands.Warning
		report.Next = append([]commands.Next{{Label: "Look again", Line: line("ecs show", p)}}, report.Next...)
	}
	if len(s.Deployments) > 0 {
		table := commands.Table{Columns: []string{"Deployment", "State", "Task definition", "Why"}}
		for _, d := range s.Deployments {
			state := map[bool]string{true: "newest", false: "being replaced"}[d.Primary]
			if d.Rollout != "" && d.Primary {
				state = d.Rollout
			}
			table.Rows = append(table.Rows, []string{d.ID, state, commands.OrNone(d.TaskDefinition), commands.OrNone(d.Reason)})
		}
		report.Body = append(report.Body, table)
	}
	if len(s.Events) > 0 {
		const few = 5
		table := commands.Table{Columns: []string{"When", "Event"}}
		for _, e := range s.Events[:min(few, len(s.Events))] {
			table.Rows = append(table.Rows, []string{commands.At(e.At), commands.Unmarked(e.Text)})
		}
		report.Body = append(report.Body, table)
	}
	return report
}
