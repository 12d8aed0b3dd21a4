package app

import (
	"context"
	"encoding/json"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"
	"deckhand/commands/why"
)

// names asks the system's name servers, after what leads elsewhere by the program's settings.
type names struct {
	hosts func(address string) string // may be nil
}

// LookupHost implements why.Resolver.
func (n names) LookupHost(ctx context.Context, host string) ([]string, error) {
	for _, port := range []string{":80", ":443"} {
		if n.hosts == nil {
			break
		}
		if led := n.hosts(host + port); led != host+port {
			return []string{led}, nil
		}
	}
	return net.DefaultResolver.LookupHost(ctx, host)
}

// changes looks for changes in the record.
type changes struct{ store *store.Store }

const (
	changesBack = 30 * 24 * time.Hour
	mostChanges = 500 // that are looked through, the newest first
)

// LastChange implements why.Changes.
func (c changes) LastChange(ctx context.Context, words []string) (why.Change, bool, error) {
	requests, err := c.store.List(ctx, bot.Filter{Since: time.Now().Add(-changesBack), Limit: mostChanges})
	if err != nil {
		return why.Change{}, false, err
	}
	named, err := anyOf(words)
	if err != nil {
		return why.Change{}, false, err
	}
	for _, r := range requests {
		if r.Risk == commands.Read || strings.HasPrefix(r.Invocation.Command, "check ") || !touched(r, named) {
			continue
		}
		return why.Change{Request: r.ID(), Line: r.Invocation.Line, By: r.Message.Asker.User, At: r.ChangedAt, State: string(r.State)}, true, nil
	}
	return why.Change{}, false, nil
}

// touched tells whether a change that may have happened names one of the words.
func touched(r bot.Request, named *regexp.Regexp) bool {
	if !slices.Contains([]bot.State{bot.Running, bot.Done, bot.Failed, bot.Unsure, bot.Settled}, r.State) {
		return false
	}
	result, err := json.Marshal(r.Result)
	return named.MatchString(r.Invocation.Line) || named.MatchString(strings.Join(r.Names, " ")) || err == nil && named.Match(result)
}

// anyOf finds whole words.
func anyOf(words []string) (*regexp.Regexp, error) {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = regexp.QuoteMeta(word)
	}
	return regexp.Compile(`(^|[^A-Za-z0-9._-])(` + strings.Join(quoted, "|") + `)($|[^A-Za-z0-9._-])`)
}
