package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/bot/store"
	"deckhand/commands"
	"deckhand/commands/ops"
	"deckhand/config"
)

// configured is the set of checks and schedules of this process's configuration, and whether it is in force. Of processes that share a store
// the one that came with the newest set has it in force; the others look at what that one brought, and say so.
type configured struct {
	house *House
	bring func(ctx context.Context) error
	mu    sync.Mutex
	said  store.Configuration // what was last logged
	known bool
}

const (
	agreeEvery = 5 * time.Second
	// orphaned is how long nobody may have had the set in force before an older one comes into force: a process that is only started anew
	// is back sooner.
	orphaned = 15 * time.Second
)

func newConfigured(h *House) *configured {
	c := h.settings.Config
	checks, schedules := checksOf(c, time.Now()), schedulesOf(c)
	serves := h.settings.Serving
	return &configured{house: h, bring: func(ctx context.Context) error {
		if err := h.store.SyncConfig(ctx, checks, schedules, serves); err != nil {
			return fmt.Errorf("bring the configuration's checks and schedules into the store: %w", err)
		}
		return nil
	}}
}

// begin brings the set. Where no other process can ever bring one it is forgotten then: the store has it.
func (c *configured) begin(ctx context.Context) error {
	err := c.bring(ctx)
	if !c.house.store.Shared() {
		c.bring = nil
	}
	if err == nil {
		_, err = c.look(ctx)
	}
	return err
}

// run watches whether the set is in force until the context ends, and brings it again where nobody has the one that is.
func (c *configured) run(ctx context.Context) error {
	ticker := time.NewTicker(agreeEvery)
	defer ticker.Stop()
	var alone time.Time // since when nobody has what is in force
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now, err := c.look(ctx)
		switch {
		case err != nil || now.Agrees() || now.Have > 0:
			alone = time.Time{}
			continue
		case alone.IsZero():
			alone = time.Now()
		}
		if time.Since(alone) < orphaned {
			continue
		}
		if err := c.bring(ctx); err != nil && ctx.Err() == nil {
			c.house.log.Warn("the configuration's checks and schedules could not be brought; it is tried again", "err", err)
		}
	}
}

// look reads what is in force, and logs where that changed for this process.
func (c *configured) look(ctx context.Context) (store.Configuration, error) {
	now, err := c.house.store.Configuration(ctx)
	if err != nil {
		return now, err
	}
	c.mu.Lock()
	before, known := c.said, c.known
	c.said, c.known = now, true
	c.mu.Unlock()
	switch {
	case !now.Agrees() && (!known || before.InForce != now.InForce):
		c.house.log.Warn("another configuration's checks and schedules are in force than this process came with",
			"ours", now.Ours, "in_force", now.InForce, "since", now.Since)
	case now.Agrees() && known && !before.Agrees():
		c.house.log.Info("the checks and schedules that this process came with are in force", "configuration", now.Ours)
	}
	c.policies(before, now)
	return now, nil
}

// policies logs where processes that decide by another policy came or went.
func (c *configured) policies(before, now store.Configuration) {
	switch {
	case slices.Equal(before.Deciding, now.Deciding):
	case len(now.Deciding) > 0:
		c.house.log.Warn("other processes decide by another policy, so that who may do what depends on which of them is asked; start every process with the same file", "others", now.Deciding)
	default:
		c.house.log.Info("all processes decide by the same policy")
	}
}

// policyMark names what decides who may do what: twelve hexadecimal digits. In which line of the file a rule stands makes no difference.
func policyMark(c config.Config) string {
	rules := slices.Clone(c.Policy)
	for i := range rules {
		rules[i].Line = 0
	}
	people := make([][]string, len(c.People))
	for i, p := range c.People {
		people[i] = []string{p.Slack, p.Terminal, p.TOTP.Reveal(), p.AWS}
	}
	raw, _ := json.Marshal([]any{rules, people, c.Access, c.Channels, c.Alarm, c.TimeZone}) //nolint:errchkjson // texts and numbers
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

// whereabouts is how people find this process.
func whereabouts() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed machine"
	}
	return fmt.Sprintf("process %d on %s", os.Getpid(), host)
}

// standing is what /readyz says of it.
func (c *configured) standing() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return nil
	}
	return map[string]any{"ours": c.said.Ours, "in_force": c.said.InForce, "since": c.said.Since, "agrees": c.said.Agrees(), "policy_agrees": len(c.said.Deciding) == 0}
}

// examineConfiguration tells where processes came with different files.
func (d doctor) examineConfiguration(ctx context.Context) []ops.Finding {
	now, err := d.house.store.Configuration(ctx)
	if err != nil {
		return nil // the store itself is examined
	}
	if len(now.Deciding) > 0 {
		says := "another policy than this process's is what others decide by: " + commands.Unmarked(strings.Join(now.Deciding, ", "))
		return append([]ops.Finding{bad("Policy", says, "Start every process with the same file: who may do what depends on which of them is asked.")}, d.sameChecks(now)...)
	}
	return d.sameChecks(now)
}

// sameChecks tells where processes came with different checks and schedules.
func (d doctor) sameChecks(now store.Configuration) []ops.Finding {
	const part = "Configuration"
	next := "Start every process with the same file: the newest one's checks and schedules are in force for all of them."
	processes := "1 process"
	if now.Have != 1 {
		processes = fmt.Sprintf("%d processes", now.Have)
	}
	switch {
	case !now.Agrees():
		says := fmt.Sprintf("the checks and schedules of this process (%s) are not those in force (%s since %s)", commands.Mono(now.Ours), commands.Mono(now.InForce), commands.At(now.Since))
		if d.house.store.Shared() {
			says += "; serving with those: " + processes
		}
		return []ops.Finding{look(part, says, next)}
	case now.Others > 0:
		return []ops.Finding{look(part, fmt.Sprintf("%s in force since %s, which %s came with; %d came with other checks and schedules",
			commands.Mono(now.InForce), commands.At(now.Since), processes, now.Others), next)}
	case now.Have > 1:
		return []ops.Finding{good(part, fmt.Sprintf("%s serve with the same checks and schedules, %s", processes, commands.Mono(now.InForce)))}
	default:
		return nil
	}
}
