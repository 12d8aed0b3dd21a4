package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Catalog is every command there is. It is built once and never changes, so it may be shared.
type Catalog struct {
	entries []*entry
	byName  map[string]*entry // names and aliases
	nouns   map[string]bool
	known   []string // every name and alias, for the nearest one
	words   int      // the longest name, in words
}

type entry struct {
	Command
	spec Spec
}

// NewCatalog checks and collects commands. An error is a mistake in a command's declaration.
func NewCatalog(groups ...[]Command) (*Catalog, error) {
	c := &Catalog{byName: map[string]*entry{}, nouns: map[string]bool{}}
	for _, group := range groups {
		for _, command := range group {
			if err := c.add(command); err != nil {
				return nil, fmt.Errorf("command %q: %w", command.Name, err)
			}
		}
	}
	Order(c.entries, func(a, b *entry) int { return strings.Compare(a.Name, b.Name) })
	return c, nil
}

func (c *Catalog) add(command Command) error {
	runner := command.New()
	spec, err := NewSpec(runner)
	if err != nil {
		return err
	}
	e := &entry{command, spec}
	if _, ok := runner.(Scoped); !ok && command.Risk > Read && len(command.Rights) > 0 && !command.Own {
		return errors.New("it changes AWS and has no Scope")
	}
	if err := revealsNothing(command); err != nil {
		return err
	}
	for _, name := range append([]string{command.Name}, command.Aliases...) {
		if c.byName[name] != nil {
			return fmt.Errorf("the name %q is taken", name)
		}
		c.byName[name] = e
		c.known = append(c.known, name)
		c.words = max(c.words, strings.Count(name, " ")+1)
	}
	if noun, _, several := strings.Cut(command.Name, " "); several {
		c.nouns[noun] = true
	}
	c.entries = append(c.entries, e)
	return nil
}

// All answers every command, by name.
func (c *Catalog) All() []*Command {
	out := make([]*Command, len(c.entries))
	for i, e := range c.entries {
		out[i] = &e.Command
	}
	return out
}

// Spec answers the arguments of a command.
func (c *Catalog) Spec(command *Command) Spec { return c.byName[command.Name].spec }

// IsNoun tells whether a word begins the name of commands: "vm".
func (c *Catalog) IsNoun(word string) bool { return c.nouns[word] }

// Find answers a command by its name or alias, nil where there is none.
func (c *Catalog) Find(name string) *Command {
	if e := c.byName[name]; e != nil {
		return &e.Command
	}
	return nil
}

// Parse reads a line. Noun is what the slash command supplied ("vm" for "/vm list"), or empty. A line
// that asks for help, and an empty one, is an invocation of "help". Errors are of kind Usage, or Denied where the line would show a credential.
func (c *Catalog) Parse(noun, line string) (Invocation, *Command, error) {
	reading, command, err := c.Read(noun, line)
	if err != nil {
		return reading.Invocation, command, err
	}
	invocation, err := reading.Complete()
	return invocation, command, err
}

// Read is Parse without the arguments: what policy refuses needs none.
func (c *Catalog) Read(noun, line string) (Reading, *Command, error) {
	if holdsPrivateKey(line) {
		return Reading{}, nil, errPrivateKey()
	}
	words, err := SplitWords(line)
	if err != nil {
		return Reading{}, nil, err
	}
	e, rest := c.lookup(noun, words)
	if e == nil {
		if words = flagsLast(words); len(words) > 0 {
			e, rest = c.lookup(noun, words)
		}
	}
	if e == nil {
		e, rest = c.spoken(noun, words)
	}
	if e == nil {
		if err := refuseRevealing(words); err != nil {
			return Reading{}, nil, err // what follows the operation may be a secret, and is not repeated
		}
		return whole(c.notACommand(noun, words))
	}
	if noun != "" && e.Name == "help" && c.nouns[noun] && len(rest) == 0 {
		return whole(c.help(noun)) // "/vm help"
	}
	e = c.listOf(e, rest)
	rest = e.spec.spelledOut(rest)
	runner := e.New()
	f := e.fill(runner, rest)
	if f.help {
		return whole(c.help(e.Name))
	}
	canonical := canonicalLine(e.Name, e.spec.masked(rest)) + f.preset
	if plan := f.plan && e.Risk > Read; f.private && (f.public || e.Risk > Read && !plan) {
		f.problem("%s is for questions alone: what changes something is told in its channel, to everybody.", Mono("--private"))
	}
	if len(f.problems) > 0 {
		hint := "Example: " + Mono(e.Example)
		if line := c.withoutFillers(e, rest); line != "" {
			hint = "Did you mean " + Mono(line) + "?"
		}
		return Reading{Invocation: Invocation{Line: canonical}}, &e.Command, &Error{Kind: Usage, Message: strings.Join(f.problems, " "), Hint: hint}
	}
	if v, ok := runner.(Validator); ok {
		if err := v.Validate(); err != nil {
			return Reading{Invocation: Invocation{Line: canonical}}, &e.Command, withExample(err, e.Command)
		}
	}
	return Reading{Invocation{Command: e.Name, Plan: f.plan && e.Risk > Read, Public: f.public, Line: canonical}, runner}, &e.Command, nil
}

// withExample adds the command's example to a mistake, unless the words about it have a line of the command already.
func withExample(err error, command Command) error {
	words := Words(err)
	if words.Kind != Usage || strings.Contains(words.Error(), string(markOpen)+"m"+command.Name) {
		return err
	}
	return &Error{Kind: Usage, Message: words.Message, Hint: strings.TrimSpace(words.Hint + " Example: " + Mono(command.Example)), Err: err}
}

// lookup finds the command that the words begin with, the longest name first.
func (c *Catalog) lookup(noun string, words []Word) (*entry, []Word) {
	if noun != "" {
		if e, rest := c.longest(noun, words); e != nil {
			return e, rest
		}
	}
	return c.longest("", words)
}

// spoken finds the command that a line means by its noun and by what it says, without a verb.
func (c *Catalog) spoken(noun string, words []Word) (*entry, []Word) {
	for len(words) > 0 && (noun == "" || isPasted(noun)) {
		noun, words = words[0].Text, words[1:]
	}
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = word.Text
	}
	for _, e := range c.entries {
		if e.Spoken != nil && strings.HasPrefix(e.Name, strings.ToLower(noun)+" ") && e.Spoken(texts) {
			return e, words
		}
	}
	return nil, nil
}

// listOf answers the list beside a command that shows one thing, where a flag is the list's alone: "audit --since 7d" is "audit list --since 7d".
func (c *Catalog) listOf(e *entry, words []Word) *entry {
	list := c.byName[e.Name+" list"]
	if list == nil || e.Risk > Read {
		return e
	}
	for _, word := range words {
		text, _ := flagName(word)
		flag, _, _ := strings.Cut(strings.ToLower(text), "=")
		_, lists := list.spec.byName[flag]
		if _, own := e.spec.byName[flag]; lists && !own {
			return list
		}
	}
	return e
}

// flagsLast puts flags that the AWS CLI also takes before and inside of a command's name behind it: aws --region eu-west-1 ec2
// describe-vpcs. It stops at a flag of which it cannot tell whether a value follows.
func flagsLast(words []Word) []Word {
	var name, flags []Word
	for i := 0; i < len(words); i++ {
		text, isFlag := flagName(words[i])
		flag, _, hasValue := strings.Cut(text, "=")
		switch {
		case !isFlag:
			name = append(name, words[i])
		case hasValue || globalFlags[flag] == ignoredFlag:
			flags = append(flags, words[i])
		case slices.Contains([]string{"region", "account", "profile", "query", "output", "color", "endpoint-url", "cli-binary-format"}, flag) && i+1 < len(words):
			flags = append(flags, words[i], words[i+1])
			i++
		default:
			return append(append(name, flags...), words[i:]...)
		}
	}
	return append(name, flags...)
}

// isPasted tells whether a word stands before the command of a line that was copied from elsewhere.
func isPasted(word string) bool {
	return strings.EqualFold(word, "aws") || strings.EqualFold(strings.TrimLeft(word, "/@"), "deckhand")
}

// longest finds the command with the longest name that noun and words begin with, and answers the words behind it.
func (c *Catalog) longest(noun string, words []Word) (*entry, []Word) {
	if noun == "" && len(words) > 0 {
		noun, words = words[0].Text, words[1:]
	}
	for len(words) > 0 && isPasted(noun) {
		noun, words = words[0].Text, words[1:]
	}
	name := append(make([]byte, 0, 64), strings.ToLower(noun)...)
	found, rest := c.byName[string(name)], words
	for i, word := range words[:min(c.words-1, len(words))] {
		name = append(append(name, ' '), strings.ToLower(word.Text)...)
		if e := c.byName[string(name)]; e != nil {
			found, rest = e, words[i+1:]
		}
	}
	return found, rest
}

// notACommand answers help where help was meant, and otherwise the nearest command.
func (c *Catalog) notACommand(noun string, words []Word) (Invocation, *Command, error) {
	if noun != "" {
		words = append([]Word{{Text: noun}}, words...)
	}
	for len(words) > 1 && isPasted(words[0].Text) {
		words = words[1:]
	}
	var typed []string
	asksHelp, stray := false, ""
	for _, word := range words {
		if text := strings.ToLower(word.Text); text == "help" || text == "?" || text == "--help" || text == "-h" {
			asksHelp = true
		} else if flag, is := flagName(word); is || len(typed) == c.words {
			stray, _, _ = strings.Cut(flag, "=")
			break
		} else {
			typed = append(typed, text)
		}
	}
	if stray != "" && !asksHelp && (len(typed) == 0 || len(typed) == 1 && c.nouns[typed[0]]) {
		return Invocation{Line: canonicalLine("", words)}, nil, c.noVerb(typed, stray)
	}
	if len(typed) == 0 || len(typed) == 1 && c.nouns[typed[0]] || asksHelp && c.nouns[typed[0]] {
		return c.help(typed...)
	}
	line := canonicalLine("", words)
	if err := c.substituted(typed); err != nil {
		return Invocation{Line: line}, nil, err
	}
	return Invocation{Line: line}, nil, c.unknown(typed, words)
}

func (c *Catalog) help(about ...string) (Invocation, *Command, error) {
	e := c.byName["help"]
	if e == nil {
		return Invocation{}, nil, &Error{Kind: Usage, Message: "There is no help here."}
	}
	words := strings.Fields(strings.Join(about, " "))
	args, err := json.Marshal(map[string][]string{"About": words})
	if err != nil {
		return Invocation{}, nil, fmt.Errorf("encode arguments: %w", err)
	}
	return Invocation{Command: e.Name, Args: args, Line: strings.TrimSpace("help " + strings.Join(words, " "))}, &e.Command, nil
}

// canonicalLine writes the line as it was understood.
func canonicalLine(name string, words []Word) string {
	size := len(name)
	for _, word := range words {
		size += len(word.Text) + 3
	}
	var out strings.Builder
	out.Grow(size)
	out.WriteString(name)
	for _, word := range words {
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		if text, ok := flagName(word); ok {
			flag, value, hasValue := strings.Cut(text, "=")
			out.WriteString("--")
			out.WriteString(flag)
			if hasValue {
				out.WriteString("=" + Quote(value))
			}
			continue
		}
		if word.Text == "--" && !word.Quoted {
			out.WriteString("--")
			continue
		}
		out.WriteString(Quote(word.Text))
	}
	return out.String()
}

// Runner makes the runner of a stored invocation. Fields that the command does not have are an error: the
// request was made by another version.
func (c *Catalog) Runner(invocation Invocation) (Runner, *Command, error) {
	e := c.byName[invocation.Command]
	if e == nil || e.Name != invocation.Command {
		return nil, nil, stale(invocation)
	}
	runner := e.New()
	decoder := json.NewDecoder(bytes.NewReader(invocation.Args))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(runner); err != nil {
		return nil, nil, stale(invocation)
	}
	return runner, &e.Command, nil
}

// Settle fixes the account and the region of an invocation whose line leaves them open, so that what is approved and run is what
// is shown. One that acts nowhere is answered as it was.
func (c *Catalog) Settle(invocation Invocation, account, region string) (Invocation, error) {
	runner, _, err := c.Runner(invocation)
	if err != nil {
		return invocation, err
	}
	placed, ok := runner.(Placed)
	if !ok {
		return invocation, nil
	}
	flags := placed.Settle(account, region)
	if flags == "" {
		return invocation, nil
	}
	invocation.Line += flags
	invocation.Args, err = json.Marshal(runner)
	return invocation, err
}

func stale(invocation Invocation) error {
	return &Error{
		Kind:    Failed,
		Message: Mono(invocation.Line) + " was written down by another version of deckhand, and this one reads it differently.",
		Hint:    "Nothing was done; type the line again.",
	}
}
