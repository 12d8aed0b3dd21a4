package net

import (
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Target is the flags that say where; every net command has them.
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

// line writes a line with the target where it is not the default. Words that begin with dashes are flags and stand as they are.
func line(t aws.Target, words ...string) string {
	out := words[0]
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "--") {
			out += " " + w
		} else {
			out += " " + commands.Quote(w)
		}
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

// and writes "a", "a and b" or "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

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

func tagWords(tags map[string]string) string {
	var words []string
	for key, value := range tags {
		words = append(words, commands.Unmarked(key+"="+value))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// tagged are the tags of what a request makes.
func tagged(run *commands.Run, name string, more map[string]string) map[string]string {
	tags := map[string]string{}
	for key, value := range more {
		tags[key] = value
	}
	if name != "" {
		tags["Name"] = name
	}
	if run.ID != "" {
		tags[requestTag] = run.ID
	}
	if run.Asker.User != "" {
		tags[ownerTag] = run.Asker.User
	}
	return tags
}

// missing is the error for a part that a look after an uncertain run does not find.
func missing(what string) error {
	return &commands.Error{Kind: commands.Failed, Message: "AWS shows no " + what + ", so it was not made.", Hint: "Send the line again if it is still wanted."}
}
