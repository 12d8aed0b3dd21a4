package check

import (
	"fmt"
	"strconv"
	"strings"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// Vantage is from where a check looks.
type Vantage struct {
	From  []string `flag:"from" value:"PLACE" help:"From where to look: regions that have a probe, such as eu-west-1, and here; here alone where none is said."`
	Agree int      `flag:"agree" value:"N" help:"How many of the places must see a failure; more than half where none is said."`
}

// valid answers an Error of kind Usage for places that cannot be looked from.
func (v *Vantage) valid(scheme string) error {
	if len(v.From) > 0 && !probe.FromProbes(scheme) {
		return usage("A check of "+commands.Mono(scheme+"://")+" looks from here alone.", "Probes look at http, https, tcp and tls.")
	}
	_, _, err := probe.Places(v.From, v.Agree)
	return wrong(err)
}

func (v *Vantage) apply(c *Check) error {
	places, agree, err := probe.Places(v.From, v.Agree)
	if err != nil {
		return wrong(err)
	}
	for _, p := range places {
		c.From = append(c.From, p.String())
	}
	c.Agree = agree
	return nil
}

// vantage says from where a check looks: "eu-west-1, us-east-1 and here; down where 2 of 3 see it down".
func (c Check) vantage() string {
	if len(c.From) == 0 {
		return ""
	}
	return fmt.Sprintf("%s; down where %d of %d see it down", commands.And(commands.Monos(c.From)), c.Agree, len(c.From))
}

func (c Check) vantageFlags() string {
	if len(c.From) == 0 {
		return ""
	}
	return " --from " + commands.Quote(strings.Join(c.From, ",")) + " --agree " + strconv.Itoa(c.Agree)
}

// viewed is a table of what each place saw.
func viewed(views []View) commands.Table {
	table := commands.Table{Columns: []string{"From", "Result", "Latency"}}
	for _, v := range views {
		row := []string{v.From, sentence(v.Detail), Span(v.Latency)}
		if v.Unseen {
			row[1], row[2] = "Not measured: "+v.Detail, commands.None
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}
