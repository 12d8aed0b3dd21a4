package lb

import (
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// named writes a thing as "myapp (vm-id)", or its id alone.
func named(name, id string) string {
	if name == "" {
		return commands.Mono(id)
	}
	return commands.Unmarked(name) + " (" + commands.Mono(id) + ")"
}

func label(i aws.Instance) string { return named(i.Name, i.ID) }

func labels(some []aws.Instance) string {
	words := make([]string, len(some))
	for n, i := range some {
		words[n] = label(i)
	}
	return commands.And(words)
}

func ids(some []aws.Instance) []string {
	out := make([]string, len(some))
	for n, i := range some {
		out[n] = i.ID
	}
	return out
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
	if id := tags[commands.RequestTag]; id != "" {
		return "deckhand, " + commands.Unmarked(id)
	}
	return "not deckhand"
}

// healthTable shows targets with AWS's state and reason in words.
func healthTable(some []aws.TargetHealth, names map[string]string) commands.Table {
	t := commands.Table{Columns: []string{"Target", "ID", "Port", "State", "Why", "Likely cause"}}
	for _, h := range some {
		why, cause := explain(h)
		t.Rows = append(t.Rows, []string{commands.OrNone(names[h.ID]), h.ID, fmt.Sprint(h.Port), string(h.State), commands.OrNone(why), commands.OrNone(cause)})
	}
	return filled(t, "Why", "Likely cause")
}

// filled leaves out the named columns where no row has anything in them.
func filled(t commands.Table, columns ...string) commands.Table {
	for _, name := range columns {
		i := slices.Index(t.Columns, name)
		if i < 0 || slices.ContainsFunc(t.Rows, func(row []string) bool { return row[i] != commands.None }) {
			continue
		}
		t.Columns = slices.Delete(slices.Clone(t.Columns), i, i+1)
		for r, row := range t.Rows {
			t.Rows[r] = slices.Delete(slices.Clone(row), i, i+1)
		}
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
