package lease

import (
	"context"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

const (
	balancers = "lb delete "
	functions = "lambda delete "
	apis      = "api delete "
)

// named is what the line that removes the lease names.
func (l Lease) named() string {
	words, err := commands.SplitWords(l.Undo)
	if err != nil || len(words) < 3 { //nolint:mnd // noun, verb and name
		return ""
	}
	return words[2].Text
}

// own tells whether tags say that the lease's request made what carries them, or went on with what an earlier one had made. What a later one
// made has only the name.
func (l Lease) own(tags map[string]string) bool {
	number, found := strings.CutPrefix(tags[commands.RequestTag], "R-")
	by, err := strconv.ParseInt(number, 10, 64)
	if owner := tags[commands.OwnerTag]; by == l.Request && owner != "" && owner != l.Owner.User {
		return false // another deckhand's request of this number
	}
	return found && err == nil && by <= l.Request
}

func (l Lease) gone(what string) error {
	return &commands.Error{Kind: commands.NotFound, Message: "no " + what + " " + commands.Mono(l.named()) + " of " + l.ID() + " is there."}
}

// tagBalancer writes the tag on a load balancer, and on the target groups and listeners that the request made.
func (c *extend) tagBalancer(ctx context.Context, run *commands.Run, l Lease, t aws.Target) error {
	arns, err := commands.Repeat(ctx, run, "find the load balancer's parts", func(ctx context.Context) ([]string, error) { return c.balancing(ctx, l, t) })
	if err != nil {
		return err
	}
	if len(arns) == 0 {
		return l.gone("load balancer")
	}
	_, err = commands.Repeat(ctx, run, "AddTags", func(ctx context.Context) (bool, error) {
		return true, c.cloud.TagBalancing(ctx, t, arns, l.tags())
	})
	return err
}

func (c *extend) balancing(ctx context.Context, l Lease, t aws.Target) ([]string, error) {
	some, err := c.cloud.LoadBalancers(ctx, t, aws.LoadBalancerQuery{Names: []string{l.named()}})
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, b := range some {
		if !l.own(b.Tags) {
			continue
		}
		arns = append(arns, b.ARN)
		groups, err := c.cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{LoadBalancer: b.ARN})
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if l.own(g.Tags) {
				arns = append(arns, g.ARN)
			}
		}
		listeners, err := c.cloud.Listeners(ctx, t, b.ARN)
		if err != nil {
			return nil, err
		}
		for _, one := range listeners {
			if l.own(one.Tags) {
				arns = append(arns, one.ARN)
			}
		}
	}
	return arns, nil
}

func (c *extend) tagFunction(ctx context.Context, run *commands.Run, l Lease, t aws.Target) error {
	f, err := commands.Repeat(ctx, run, "GetFunction", func(ctx context.Context) (aws.Function, error) {
		f, err := c.cloud.Function(ctx, t, l.named(), "")
		// The journal keeps no values but the name of the example's table.
		f.Environment = map[string]string{countTable: f.Environment[countTable]}
		return f, err
	})
	if err != nil {
		return err
	}
	if !l.own(f.Tags) {
		return l.gone("function")
	}
	_, err = commands.Repeat(ctx, run, "TagResource", func(ctx context.Context) (bool, error) {
		return true, c.cloud.TagFunction(ctx, t, f.ARN, l.tags())
	})
	if err == nil {
		_, err = commands.Repeat(ctx, run, "TagRole", func(ctx context.Context) (bool, error) { return true, c.tagAround(ctx, l, t, f) })
	}
	if err != nil {
		return &commands.Error{Kind: commands.Words(err).Kind, Message: "on some of what was made with the function: " + commands.Words(err).Message, Err: err}
	}
	return nil
}

// countTable is the variable that tells the counting example its table.
const countTable = "COUNT_TABLE"

// tagAround writes the tag on the role and the table that were made for a function. One that is gone, or was made otherwise, is left as it is.
func (c *extend) tagAround(ctx context.Context, l Lease, t aws.Target, f aws.Function) error {
	mine := func(tags map[string]string) bool { return l.own(tags) && tags[commands.FunctionTag] == f.Name }
	role, err := c.cloud.Role(ctx, t, f.Role[strings.LastIndex(f.Role, "/")+1:])
	if err == nil && mine(role.Tags) {
		err = c.cloud.TagRole(ctx, t, role.Name, l.tags())
	}
	if err != nil && commands.Words(err).Kind != commands.NotFound {
		return err
	}
	if f.Environment[countTable] == "" {
		return nil
	}
	table, err := c.cloud.Table(ctx, t, f.Environment[countTable])
	if err == nil && mine(table.Tags) {
		err = c.cloud.TagTable(ctx, t, table.ARN, l.tags())
	}
	if err != nil && commands.Words(err).Kind == commands.NotFound {
		return nil
	}
	return err
}

func (c *extend) tagAPI(ctx context.Context, run *commands.Run, l Lease, t aws.Target) error {
	all, err := commands.Repeat(ctx, run, "GetApis", func(ctx context.Context) ([]aws.API, error) { return c.cloud.APIs(ctx, t) })
	if err != nil {
		return err
	}
	for _, a := range all {
		if (a.Name == l.named() || a.ID == l.named()) && l.own(a.Tags) {
			_, err := commands.Repeat(ctx, run, "TagResource", func(ctx context.Context) (bool, error) {
				return true, c.tagNamed(ctx, t, l, "apis/"+a.ID)
			})
			return err
		}
	}
	return l.gone("API")
}

// tagNamed writes the tag on an API, and on the domain names that were made with it.
func (c *extend) tagNamed(ctx context.Context, t aws.Target, l Lease, path string) error {
	if err := c.cloud.TagAPI(ctx, t, path, l.tags()); err != nil {
		return err
	}
	names, err := c.cloud.APIDomains(ctx, t)
	for _, d := range names {
		if err == nil && l.own(d.Tags) {
			err = c.cloud.TagAPI(ctx, t, "domainnames/"+d.Name, l.tags())
		}
	}
	return err
}
