package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"

	"deckhand/aws"
	"deckhand/commands"
)

// askedTag is on a function: what the line that made it asked for, but for the values of variables, so that the same line goes on with it.
const askedTag = "deckhand:asked"

func asked(f aws.NewFunction, role string) string {
	f.Environment, f.Tags, f.Role = nil, nil, role
	raw, _ := json.Marshal(f) //nolint:errchkjson // texts and numbers
	sum := fnv.New64a()
	_, _ = sum.Write(raw)
	return fmt.Sprintf("%016x", sum.Sum64())
}

// there answers the function of this name where this request or the same line made it, the zero Function where there is none. Any other is an error.
func (c *Create) there(ctx context.Context, m making) (aws.Function, error) {
	there, err := c.cloud.Function(ctx, m.Target, m.function.Name, "")
	tags, own := there.Tags, m.function.Tags
	switch {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return aws.Function{}, nil
	case err != nil:
		return there, err
	case tags[commands.TokenTag] == own[commands.TokenTag] && own[commands.TokenTag] != "",
		tags[askedTag] == own[askedTag] && there.State != "Failed" && maps.Equal(there.Environment, m.function.Environment):
		return there, nil
	}
	m.Function = there
	hint := "Change it with " + commands.Mono(m.line("lambda update")) + ", or choose another name."
	if there.State == "Failed" {
		hint = "AWS could not make that one: " + commands.Mono(m.line("lambda show")) + " says why, and " + commands.Mono(m.line("lambda delete")) + " makes room for another try."
	}
	return there, &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("There is a function %s in %s already%s, so none was made.", commands.Mono(there.Name), m.Place.Region, madeBy(there)), Hint: hint,
	}
}

// madeBy tells which request made a function, where one did.
func madeBy(f aws.Function) string {
	if by := f.Tags[commands.RequestTag]; by != "" {
		return ", made by " + by
	}
	return ""
}

// Check looks for the function that this request made.
func (c *Create) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	var there aws.Function
	commands.Seen(ctx, func() bool {
		there, err = c.cloud.Function(ctx, m.Target, m.function.Name, "")
		return err == nil || commands.Words(err).Kind != commands.NotFound
	})
	switch {
	case err == nil && there.Tags[commands.TokenTag] == run.Token:
		m.Function = there
		return c.finish(ctx, run, m)
	case err == nil, commands.Words(err).Kind == commands.NotFound:
		stands, err := c.standing(ctx, m)
		if err != nil {
			return commands.Report{}, err
		}
		return m.halfway(stands, &commands.Error{
			Kind: commands.Failed, Message: "AWS shows no function that this request made.", Hint: "Send the same line again if it is still wanted.",
		})
	}
	return commands.Report{}, err
}

// standing looks what there is of what was to be made for the function.
func (c *Create) standing(ctx context.Context, m making) ([]string, error) {
	var stands []string
	if m.table != nil {
		switch table, err := c.cloud.Table(ctx, m.Target, m.table.Name); {
		case failed(err):
			return nil, err
		case err == nil && table.Tags[functionTag] == m.function.Name && table.Status != beingDeleted:
			stands = append(stands, "the table "+commands.Mono(m.table.Name))
		}
	}
	if m.role != nil {
		switch role, err := c.cloud.Role(ctx, m.Target, m.role.Name); {
		case failed(err):
			return nil, err
		case err == nil && role.Tags[functionTag] == m.function.Name:
			stands = append(stands, "the role "+commands.Mono(m.role.Name))
		}
	}
	return stands, nil
}
