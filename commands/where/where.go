// Package where is the account and region that a line is about: the flags that say it, and how lines and reports write it.
package where

import (
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Target is the flags that say where. Every command on AWS embeds it.
type Target struct {
	Region  string `flag:"region" value:"REGION" help:"AWS region; the configured one where it is left out."`
	Account string `flag:"account" value:"NAME" help:"AWS account by its name in the configuration; default is the bot's own."`
}

// Settle fills in the account and the region that a line leaves open, and answers the flags that would have said them. The region is
// the account's: a line that names another account takes neither.
func (t *Target) Settle(account, region string) string {
	if t.Account != "" && t.Account != account {
		return ""
	}
	var settled Target
	if t.Account == "" {
		settled.Account, t.Account = account, account
	}
	if t.Region == "" {
		settled.Region, t.Region = region, region
	}
	return Flags(settled.At())
}

// At answers the target in AWS's words.
func (t Target) At() aws.Target { return aws.Target{Account: t.Account, Region: t.Region} }

// Words writes a place for the end of a report: "prod 123456789012 · us-east-1".
func Words(p aws.Place) string {
	account := strings.TrimSpace(p.AccountName + " " + p.AccountID)
	if account == "" {
		return p.Region
	}
	return account + " · " + p.Region
}

// Line writes a line that can be sent as it stands, with the target where it is not the default. The first word is the
// command; of the others, those that begin with dashes are flags.
func Line(t aws.Target, words ...string) string {
	out := words[0]
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "--") {
			out += " " + w
		} else {
			out += " " + commands.Quote(w)
		}
	}
	return out + Flags(t)
}

// Flags writes the target's own flags, " --region eu-west-1", or nothing where it is the default.
func Flags(t aws.Target) string {
	return commands.Flag("region", t.Region) + commands.Flag("account", t.Account)
}
