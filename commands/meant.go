package commands

import (
	"slices"
	"strings"
)

// nouns that people say, with the one that the commands have.
var otherNouns = map[string]string{ //nolint:gochecknoglobals // a constant table
	"instance": "vm", "server": "vm", "machine": "vm", "ec2": "vm",
	"network": "net", "balancer": "lb", "loadbalancer": "lb", "elb": "lb", "elbv2": "lb", "alb": "lb", "nlb": "lb",
	"function": "lambda", "fn": "lambda", "apigateway": "api", "apigatewayv2": "api", "application": "app", "costs": "cost",
}

// unknown is the error for words that no command's name begins, with what was most likely meant.
func (c *Catalog) unknown(typed []string, words []Word) error {
	said := Mono(strings.Join(typed[:min(2, len(typed))], " "))
	var meant []*Command
	if c.isPlain(typed) {
		var line string
		if meant, line = c.plainly(words); line != "" {
			return &Error{Kind: Usage, Message: "There is no command " + said + ": did you mean " + Mono(line) + "?", Hint: Mono("help "+meant[0].Name) + " has more."}
		}
	}
	if len(meant) == 0 {
		meant = c.turnedRound(typed)
	}
	if len(meant) == 0 {
		meant = c.sameVerb(typed)
	}
	if len(meant) == 0 {
		meant = c.nearest(typed)
	}
	if len(meant) == 0 {
		meant = c.otherwiseNamed(typed)
	}
	if len(meant) == 0 {
		help := "help"
		if len(typed) > 1 && c.nouns[typed[0]] {
			help += " " + typed[0]
		}
		return &Error{Kind: Usage, Message: "There is no command " + said + ".", Hint: "Type " + Mono(help) + " to see what there is."}
	}
	var names []string
	for _, command := range meant[:min(3, len(meant))] { //nolint:mnd // as many as Nearest answers
		names = append(names, Mono(command.Name))
	}
	hint := "Example: " + Mono(meant[0].Example)
	if more := len(meant) - len(names); more > 0 {
		hint += ". " + Count(more, "more command") + endsSo(more) + Mono("help") + " has them."
	}
	return &Error{Kind: Usage, Message: "There is no command " + said + ": did you mean " + or(names) + "?", Hint: hint}
}

// noVerb answers the error for a line in which a flag comes where the verb is looked for: "vm --foo list", "vm --list".
func (c *Catalog) noVerb(noun []string, flag string) error {
	if len(noun) == 0 {
		return &Error{Kind: Usage, Message: Mono("--"+flag) + " is a flag, and no command comes before it.", Hint: "Type " + Mono("help") + " to see what there is."}
	}
	if e := c.byName[noun[0]+" "+strings.ToLower(flag)]; e != nil {
		return &Error{Kind: Usage, Message: "There is no flag " + Mono("--"+flag) + " here: did you mean " + Mono(e.Name) + "?", Hint: "Example: " + Mono(e.Example)}
	}
	return &Error{
		Kind: Usage, Message: Mono("--"+flag) + " comes before the verb, and flags come after it.",
		Hint: "Example: " + Mono(c.firstOf(noun[0]).Example) + ". " + Mono("help "+noun[0]) + " has the verbs.",
	}
}

func endsSo(n int) string {
	if n == 1 {
		return " ends so; "
	}
	return " end so; "
}

func or(words []string) string {
	if len(words) < 2 { //nolint:mnd // one needs no "or"
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// sameVerb finds the command of a line that says its noun in other words and its verb as it is: "ec2 list", "instances stop".
func (c *Catalog) sameVerb(typed []string) []*Command {
	if noun := c.noun(typed[0]); len(typed) > 1 && noun != typed[0] {
		if e := c.byName[noun+" "+typed[1]]; e != nil {
			return []*Command{&e.Command}
		}
	}
	return nil
}

// otherwiseNamed finds the command of a line that says its noun in other words: "instances", "server stop".
func (c *Catalog) otherwiseNamed(typed []string) []*Command {
	noun := c.noun(typed[0])
	if noun == "" || len(typed) > 1 && c.begins(typed[0]) && strings.Contains(typed[1], "-") { // an operation of AWS is no verb of ours
		return nil
	}
	if e := c.byName[noun+" list"]; e != nil && len(typed) == 1 {
		return []*Command{&e.Command}
	}
	return c.nearest(append([]string{noun}, typed[1:]...))
}

// turnedRound finds the commands of a line that begins with its verb: "stop web", "list vms".
func (c *Catalog) turnedRound(typed []string) []*Command {
	if c.nouns[typed[0]] {
		return nil
	}
	if len(typed) > 1 {
		if e := c.byName[c.noun(typed[1])+" "+typed[0]]; e != nil {
			return []*Command{&e.Command}
		}
	}
	var meant []*Command
	for _, e := range c.entries {
		if _, verb, several := strings.Cut(e.Name, " "); several && verb == typed[0] {
			meant = append(meant, &e.Command)
		}
	}
	// Machines are what most lines are about.
	Order(meant, func(a, b *Command) int {
		return rank(a) - rank(b)
	})
	return meant
}

func rank(command *Command) int {
	if strings.HasPrefix(command.Name, "vm ") {
		return 0
	}
	return 1
}

// noun answers the noun that a word stands for, in the singular, empty where it stands for none.
func (c *Catalog) noun(word string) string {
	for _, w := range []string{word, strings.TrimSuffix(word, "s")} {
		if c.nouns[w] {
			return w
		}
		if noun := otherNouns[w]; c.nouns[noun] {
			return noun
		}
	}
	return ""
}

// mistyped is how many letters of an operation of the AWS CLI may be wrong: those of one service resemble each other.
const mistyped = 2

// nearest looks for the command whose name resembles the first words most: of two or three words, then of one. A noun of which nothing is
// left is no resemblance.
func (c *Catalog) nearest(typed []string) []*Command {
	for n := min(len(typed), c.words); n > 0; n-- {
		if n == 1 && len(typed) > 1 && (c.begins(typed[0]) || isOperation(typed[1])) {
			break // the word is right, what follows it is not near to anything: "ec2 describe-network-acls", "acm list-certificates"
		}
		for _, near := range Nearest(strings.Join(typed[:n], " "), c.known) {
			meant := &c.byName[near].Command
			if n > 1 && strings.Contains(typed[1], "-") && distance(strings.Join(typed[:n], " "), near) > mistyped {
				continue // another operation of AWS: "lambda delete-function-concurrency" is not about "lambda delete"
			}
			if meant.Risk == Destroy && strings.Count(near, " ") != n-1 {
				continue // a word is left out: "vm key delete" is not about machines
			}
			if noun, _, _ := strings.Cut(near, " "); n == 1 || distance(typed[0], noun) < len(noun) {
				return []*Command{meant}
			}
		}
	}
	// The noun is right and the verb is not near to any: "vm frobnicate".
	if c.nouns[typed[0]] && !(len(typed) > 1 && strings.Contains(typed[1], "-")) {
		return []*Command{c.firstOf(typed[0])}
	}
	return nil
}

// isOperation tells whether a word is an operation of the AWS CLI, such as "list-certificates": a word before it is a service then.
func isOperation(word string) bool {
	verb, _, more := strings.Cut(word, "-")
	return more && slices.Contains([]string{
		"add", "create", "delete", "describe", "export", "get", "import", "list", "modify", "put", "remove", "request", "resend", "revoke", "update",
	}, verb)
}

// begins tells whether some name or alias has this first word.
func (c *Catalog) begins(word string) bool {
	return slices.ContainsFunc(c.known, func(name string) bool { return strings.HasPrefix(name, word+" ") })
}

// firstOf answers a noun's list, or the first of its commands where it has none.
func (c *Catalog) firstOf(noun string) *Command {
	if e := c.byName[noun+" list"]; e != nil {
		return &e.Command
	}
	i := slices.IndexFunc(c.entries, func(e *entry) bool { return strings.HasPrefix(e.Name, noun+" ") })
	return &c.entries[i].Command
}
