package app

import (
	"deckhand/aws/sdk"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/schedule"
	"deckhand/config"
)

// configOwner is with whose rights lines of the configuration run: who writes the file writes the policy.
const configOwner = "config"

func checksOf(c config.Config) []check.Check {
	var out []check.Check
	for _, k := range c.Checks {
		out = append(out, check.Check{
			Name: k.Name, URL: k.URL, Schedule: k.Schedule, Timeout: k.Timeout,
			Status: k.Expect.Status, Body: k.Expect.Body, FailAfter: k.FailAfter, PassAfter: k.PassAfter,
			Channel: k.Channel, Owner: commands.Asker{User: configOwner}, FromConfig: true,
		})
	}
	return out
}

func schedulesOf(c config.Config) []schedule.Schedule {
	var out []schedule.Schedule
	for _, k := range c.Schedules {
		out = append(out, schedule.Schedule{
			Name: k.Name, Cron: k.Cron, TimeZone: k.TimeZone, Channel: k.Channel, Line: k.Run,
			Owner: commands.Asker{User: configOwner}, FromConfig: true,
		})
	}
	return out
}

func accountsOf(c config.Config) []sdk.Account {
	var out []sdk.Account
	for _, a := range c.AWS.Accounts {
		out = append(out, sdk.Account{Name: a.Name, RoleARN: a.RoleARN, Regions: a.Regions})
	}
	return out
}
