package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Test is api test.
type Test struct {
	Named
	Path    string        `arg:"path" alias:"path" default:"/" value:"PATH" help:"Path to get, such as /count."`
	Timeout time.Duration `flag:"timeout" default:"10s" value:"TIME" help:"How long to wait, at most 30s."`

	cloud  Cloud
	prober check.Prober
}

// Validate refuses what is no path.
func (c *Test) Validate() error {
	c.Path = strings.TrimPrefix(strings.TrimPrefix(c.Path, "GET "), "get ")
	const longest = 30 * time.Second
	switch {
	case !strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, " #"):
		return commands.Misuse(commands.Mono(c.Path)+" is no path.", "It looks like "+commands.Mono("/count")+"; a test gets, and does nothing else.")
	case c.Timeout <= 0 || c.Timeout > longest:
		return commands.Misuse("--timeout is out of range.", "It may be up to 30s.")
	}
	return nil
}

// Run gets the path once, without any credentials.
func (c *Test) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	in, err := lookInside(ctx, c.cloud, p)
	if err != nil {
		return commands.Report{}, err
	}
	address := strings.TrimSuffix(p.API.Endpoint, "/") + c.Path
	every := make([]int, 0, 500)
	for code := 100; code < 600; code++ {
		every = append(every, code) // each answer is one
	}
	result := c.prober.Probe(ctx, check.Check{Name: p.API.Name, URL: address, Timeout: c.Timeout, Status: every, Owner: run.Asker})
	report := commands.Report{
		Where: where.Words(p.Place), Next: []commands.Next{{Label: "Again", Line: p.line("api test") + " " + commands.Quote(c.Path)}, {Label: "Show", Line: p.line("api show")}},
		Body: commands.Blocks{commands.Text{Text: commands.Mono(address)}},
	}
	if result.Code == 0 {
		report.Tone, report.Title = commands.Bad, fmt.Sprintf("%s gave no answer: %s", p.API.Name, result.Detail)
		return report, nil
	}
	report.Title = fmt.Sprintf("%s answered %d in %d ms", p.API.Name, result.Code, result.Latency.Milliseconds())
	switch {
	case result.Code < 400:
		report.Tone = commands.Good
	case result.Code == 401 || result.Code == 403:
		report.Tone = commands.Warning
	default:
		report.Tone = commands.Bad
	}
	if why := c.meaning(in, result.Code); why != "" {
		report.Body = append(report.Body, commands.Text{Text: why})
	}
	for _, s := range in.stages {
		if _, group, ok := strings.Cut(s.LogGroup, ":log-group:"); ok {
			report.Body = append(report.Body, commands.Text{Text: "Access log: " + commands.Link(logLink(p.Place.Region, group), group)})
		}
	}
	return report, nil
}

// meaning says what a status most likely comes from.
func (c *Test) meaning(in inside, code int) string {
	path, _, _ := strings.Cut(c.Path, "?")
	known := slices.Contains(keysOf(in), "GET "+path) || slices.Contains(keysOf(in), "ANY "+path) || slices.Contains(keysOf(in), "$default")
	switch {
	case code == 401 || code == 403:
		return "The test carries no credentials, and the API asks for some: authorisation works."
	case code == 404 && !known:
		return "No route of the API is " + commands.Mono("GET "+path) + "; it has " + or(strings.Join(keysOf(in), ", "), "none") + "."
	case code == 429:
		return "The throttle of the API refused the call."
	case code == 500 || code == 502 || code == 503 || code == 504:
		return "The API answers, and what stands behind it does not answer well."
	}
	return ""
}

func keysOf(in inside) []string {
	var keys []string
	for _, r := range in.routes {
		keys = append(keys, r.Key)
	}
	return keys
}

// logLink leads to a log group in AWS's console, which writes "/" as "$252F".
func logLink(region, group string) string {
	return "https://console.aws.amazon.com/cloudwatch/home?region=" + region + "#logsV2:log-groups/log-group/" + strings.ReplaceAll(group, "/", "$252F")
}
