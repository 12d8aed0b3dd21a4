package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"deckhand/bot/health"
	"deckhand/bot/store"
	"deckhand/config"
)

// The parts of a stop. Together they stay below the fifteen seconds that a stop may take.
const (
	closeDoors  = 3 * time.Second // answers under way
	finishRuns  = 6 * time.Second // running requests; what is left is handed over
	finishReads = 2 * time.Second
	handOver    = 2 * time.Second
)

// Slow clients are cut off.
const (
	headerTime = 5 * time.Second
	bodyTime   = 10 * time.Second
	idleTime   = 2 * time.Minute
	headerSize = 16 << 10
)

// Serve answers until the context ends, then stops taking, finishes or hands over what runs, and returns.
// Slack and AWS may be away at any time.
func (h *House) Serve(ctx context.Context) error {
	doors, err := h.openDoors()
	if err != nil {
		return err
	}
	h.warnOfStrangers()
	// The doors answer while the rest starts: a request that comes now is written down and waits its turn.
	working, err := h.store.Work(ctx, store.Workers{Execute: h.engine.Execute, Deliver: h.engine.Deliver})
	if err != nil {
		doors.close(context.WithoutCancel(ctx))
		return err
	}
	if err := h.configured.begin(ctx); err != nil {
		doors.close(context.WithoutCancel(ctx))
		h.finish(context.WithoutCancel(ctx), working)
		return err
	}
	loops, stopLoops := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for name, loop := range h.loops() {
		running.Go(func() {
			if err := loop(loops); err != nil {
				h.log.Error("a part of the program ended", "part", name, "err", err)
			}
		})
	}
	time.AfterFunc(settleTime, h.releaseMemory)
	select {
	case <-ctx.Done():
	case err = <-doors.failed:
		h.log.Error("a listener failed", "err", err)
	}
	h.log.Info("stopping")
	stopLoops()
	stop := context.WithoutCancel(ctx)
	doors.close(stop)
	running.Wait()
	h.finish(stop, working)
	return err
}

// settleTime is when the start is over.
const settleTime = time.Second

const (
	manyChecks = 2000
	// frugal and easy are how much garbage there may be for each hundred bytes in use. Where there are many checks, they are 2 kB each
	// for as long as the program runs, and a probe leaves little behind. Elsewhere some megabytes are in use: half as much again of
	// garbage costs little room, and a third of the collector's work is saved, which an acknowledgement may have to wait for.
	frugal = 60
	easy   = 150
)

// releaseMemory gives back what only the start needed.
func (h *House) releaseMemory() {
	switch {
	case os.Getenv("GOGC") != "": // whoever runs it says how
	case h.checks >= manyChecks:
		debug.SetGCPercent(frugal)
	default:
		debug.SetGCPercent(easy)
	}
	debug.FreeOSMemory()
	if err := releaseStartPages(); err != nil {
		h.log.Debug("the pages of the start were not given back", "err", err)
	}
}

// finish lets what runs come to an end, and hands over what does not.
func (h *House) finish(ctx context.Context, working *store.Working) {
	reads, cancel := context.WithTimeout(ctx, finishReads)
	defer cancel()
	h.engine.Wait(reads)
	runs, cancel := context.WithTimeout(ctx, finishRuns)
	defer cancel()
	if err := working.Stop(runs); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		h.log.Warn("the workers did not stop cleanly", "err", err)
	}
	if h.endpoint != nil {
		drain, cancel := context.WithTimeout(ctx, handOver)
		defer cancel()
		if err := h.endpoint.Drain(drain); err != nil {
			h.log.Warn("private answers were given up", "err", err)
		}
	}
}

// loops are the parts that run as long as the program serves.
func (h *House) loops() map[string]func(context.Context) error {
	parts := map[string]func(context.Context) error{
		"requests":     h.engine.Run,
		"checks":       h.watching.Run,
		"incidents":    h.alone("checks", h.watching.Tell),
		"history":      h.alone("history", func(ctx context.Context) error { return health.Keep(ctx, h.store, h.log) }),
		"timetable":    h.timetable.Run,
		"dependencies": h.watch.run,
		"heartbeat":    h.beat,
	}
	if c := h.settings.Config.Admin.Ping; c != nil {
		parts["ping"] = newPing(h, *c).run
	}
	if h.store.Shared() {
		parts["deliveries"] = h.forget
		parts["configuration"] = h.configured.run
	}
	if h.socket != nil {
		parts["socket"] = h.socket.Run
	}
	return parts
}

// alone does something while no other process does: of several that share a store one tells the channels, and another
// goes on within seconds of its end.
func (h *House) alone(name string, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			held, err := h.store.Exclusively(ctx, name, do)
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the end of the context is no failure
			}
			if held || err != nil {
				h.log.Warn("what only one process does ended in this one and begins again", "what", name, "err", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(standBy):
			}
		}
	}
}

// forgetEvery is how often deliveries that cannot come again are removed from the store.
const forgetEvery = 5 * time.Minute

func (h *House) forget(ctx context.Context) error {
	ticker := time.NewTicker(forgetEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := h.store.Forget(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("old deliveries were not removed; it is tried again", "err", err)
		}
	}
}

// standBy is how often a process asks whether what one does alone is left to it.
const standBy = time.Second

// doors are the listeners.
type doors struct {
	servers []*http.Server
	failed  chan error
}

func (h *House) openDoors() (*doors, error) {
	d := &doors{failed: make(chan error, 2)}
	c := h.settings.Config
	if c.Slack != nil && c.Slack.Transport == config.HTTP && h.endpoint != nil && c.Slack.Listen != "" {
		if err := d.open(c.Slack.Listen, h.withCalls("slack", h.endpoint)); err != nil {
			return nil, err
		}
		h.log.Info("Slack may post", "listen", c.Slack.Listen)
	}
	if c.Admin.Listen != "" {
		if err := d.open(c.Admin.Listen, h.withCalls("admin", h.admin())); err != nil {
			d.close(context.Background())
			return nil, err
		}
		h.log.Info("health and metrics are served", "listen", c.Admin.Listen)
	}
	return d, nil
}

func (d *doors) open(address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerSize,
	}
	d.servers = append(d.servers, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.failed <- err
		}
	}()
	return nil
}

// close stops taking connections and waits for the answers that are under way.
func (d *doors) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeDoors)
	defer cancel()
	for _, server := range d.servers {
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // answers that took too long are cut off
		}
	}
}
