package lb

import (
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Target is the flags that say where; every lb command has them.
type Target struct {
	Region  string `flag:"region" value:"REGION" help:"AWS region; the configured one where it is left out."`
	Account string `flag:"account" value:"NAME" help:"AWS account by its name in the configuration."`
}

func (t Target) target() aws.Target { return aws.Target{Account: t.Account, Region: t.Region} }

// where writes a place for the end of a report.
func where(p aws.Place) string {
	account := strings.TrimSpace(p.AccountName + " " + p.AccountID)
	if account == "" {
		return p.Region
	}
	return account + " · " + p.Region
}

// line writes a line with the target where it is not the default.
func line(t aws.Target, words ...string) string {
	out := words[0]
	for _, w := range words[1:] {
		out += " " + commands.Quote(w)
	}
	if t.Region != "" {
		out += " --region " + commands.Quote(t.Region)
	}
	if t.Account != "" {
		out += " --account " + commands.Quote(t.Account)
	}
	return out
}

func usage(message, hint string) error {
	return &commands.Error{Kind: commands.Usage, Message: message, Hint: hint}
}

// named writes a thing as "myapp (vm-id)", or its id alone.
func named(name, id string) string {
	if name == "" {
		return commands.Mono(id)
	}
	return commands.Unmarked(name) + " (" + commands.Mono(id) + ")"
}

func label(i aws.Instance) string { return named(i.Name, i.ID) }

// and writes "a", "a and b" or "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func labels(some []aws.Instance) string {
	words := make([]string, len(some))
	for n, i := range some {
		words[n] = label(i)
	}
	return and(words)
}

func ids(some []aws.Instance) []string {
	out := make([]string, len(some))
	for n, i := range some {
		out[n] = i.ID
	}
	return out
}

// count writes "1 target" or "3 targets".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return commands.Unmarked(text)
}

// otherTags are the tags that are not deckhand's own, "env=dev, team=web".
func otherTags(tags map[string]string) string {
	var words []string
	for key, value := range tags {
		if !strings.HasPrefix(key, "deckhand:") {
			words = append(words, commands.Unmarked(key+"="+value))
		}
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// madeBy says whose a thing is: the request of deckhand that made it, or nobody's.
func madeBy(tags map[string]string) string {
	if id := tags[requestTag]; id != "" {
		return "deckhand, " + commands.Unmarked(id)
	}
	return "not deckhand"
}

// healthTable shows targets with AWS's state and reason in words.
func healthTable(some []aws.TargetHealth, names map[string]string) commands.Table {
	t := commands.Table{Columns: []string{"Target", "ID", "Port", "State", "Why", "Likely cause"}}
	for _, h := range some {
		why, cause := explain(h)
		t.Rows = append(t.Rows, []string{orNone(names[h.ID]), h.ID, fmt.Sprint(h.Port), string(h.State), orNone(why), orNone(cause)})
	}
	return t
}

// explain puts AWS's reason into words, with what is most often behind it.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
func explain(h aws.TargetHealth) (why, cause string) {
	known := map[string][2]string{
		"Elb.RegistrationInProgress":      {"it is being registered", ""},
		"Elb.InitialHealthChecking":       {"the first health checks are running", ""},
		"Elb.InternalError":               {"the load balancer has a fault of its own", "look again in some minutes"},
		"Target.ResponseCodeMismatch":     {"it answers health checks with an HTTP status that is not expected", "the health check's path answers with an error or a redirect"},
		"Target.Timeout":                  {"it does not answer health checks in time", "the application is slow, or a security group drops what the load balancer sends"},
		"Target.FailedHealthChecks":       {"health checks get no connection", "nothing listens at the port, or the instance's security group does not let the load balancer in"},
		"Target.NotRegistered":            {"it is not registered", ""},
		"Target.NotInUse":                 {"the load balancer sends nothing to it", "no listener leads to the target group, or the load balancer is not in the target's zone"},
		"Target.InvalidState":             {"the instance does not run", "it was stopped or terminated; vm start starts it"},
		"Target.IpUnusable":               {"the address cannot be used as a target", "the load balancer has it already"},
		"Target.DeregistrationInProgress": {"it is leaving: connections are let to end", ""},
		"Target.HealthCheckDisabled":      {"health checks are switched off", ""},
	}
	if h.Reason == "" {
		return h.Description, ""
	}
	words, ok := known[h.Reason]
	if !ok {
		return strings.TrimSpace(h.Reason + " " + h.Description), ""
	}
	why, cause = words[0], words[1]
	if h.Reason == "Target.ResponseCodeMismatch" && h.Description != "" {
		why += ": " + strings.TrimSuffix(h.Description, ".")
	}
	return why, cause
}

// healthy counts the healthy ones.
func healthy(some []aws.TargetHealth) int {
	n := 0
	for _, h := range some {
		if h.State == aws.TargetHealthy {
			n++
		}
	}
	return n
}
