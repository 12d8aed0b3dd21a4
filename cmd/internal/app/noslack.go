package app

import (
	"context"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// noSlack stands where Slack would: it knows no groups and delivers nothing, and says so.
type noSlack struct{}

var (
	_ bot.Groups    = noSlack{}
	_ bot.Messenger = noSlack{}
)

// noSlackError is permanent: without a configuration Slack never answers.
type noSlackError struct{}

func (noSlackError) Error() string     { return "Slack is not configured" }
func (noSlackError) Message() string   { return "Slack is not configured here." }
func (noSlackError) Hint() string      { return "Add a slack section to the configuration." }
func (noSlackError) ErrorKind() string { return string(commands.Unavailable) }
func (noSlackError) Permanent() bool   { return true }

func (noSlack) Members(context.Context, string) ([]string, error) { return nil, noSlackError{} }

func (noSlack) Post(context.Context, string, string, string, commands.Report) (bot.Ref, error) {
	return bot.Ref{}, noSlackError{}
}

func (noSlack) Find(context.Context, string, string, string, time.Time) (bot.Ref, bool, error) {
	return bot.Ref{}, false, noSlackError{}
}

func (noSlack) Update(context.Context, bot.Ref, string, commands.Report) error {
	return noSlackError{}
}

func (noSlack) Whisper(context.Context, bot.Message, commands.Report) error { return noSlackError{} }
