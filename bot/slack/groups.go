package slack

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	membersFor    = 5 * time.Minute
	membersWithin = 10 * time.Second
)

// groups remembers who is in which user group.
type groups struct {
	mu   sync.Mutex
	list map[string]*lookup
}

// lookup is one question to Slack. The fields below done are read after it is closed.
type lookup struct {
	done  chan struct{}
	users []string
	err   error
	at    time.Time
}

func (l *lookup) over() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// Members answers the user ids in a user group. An answer is used for five minutes; many who ask at once cause one
// question to Slack. It fails closed: without an answer from Slack there is an error, however good an older answer was.
func (m *Messenger) Members(ctx context.Context, group string) ([]string, error) {
	l := m.lookup(ctx, group)
	select {
	case <-l.done:
		return slices.Clone(l.users), l.err
	case <-ctx.Done():
		return nil, newError("usergroups.users.list", "", ctx.Err())
	}
}

// lookup answers the question that is under way or fresh, or begins a new one.
func (m *Messenger) lookup(ctx context.Context, group string) *lookup {
	g := &m.groups
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.list == nil {
		g.list = map[string]*lookup{}
	}
	l := g.list[group]
	if l != nil && (!l.over() || l.err == nil && m.settings.Now().Sub(l.at) < membersFor) {
		return l
	}
	l = &lookup{done: make(chan struct{})}
	g.list[group] = l
	// Others wait for this answer too: it must not end with the one who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), membersWithin)
	go func() {
		defer cancel()
		l.users, l.err = m.members(ctx, group)
		l.at = m.settings.Now()
		close(l.done)
	}()
	return l
}

func (m *Messenger) members(ctx context.Context, group string) ([]string, error) {
	users, err := m.api.GetUserGroupMembersContext(ctx, group)
	if err := m.told("usergroups.users.list", "", err); err != nil {
		return nil, err
	}
	return users, nil
}
