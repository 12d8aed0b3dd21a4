package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"deckhand/config"
)

// ping tells somebody outside, again and again, that the bot is well. When the calls stop, they raise the alarm: a process that
// hangs or is gone cannot say so itself. Not well is a store that does not answer, and checks or a timetable that nobody sees to;
// whether Slack and AWS can be reached is on /readyz and does not stop the calls.
type ping struct {
	well    func(ctx context.Context) error
	url     string
	every   time.Duration
	client  *http.Client
	log     *slog.Logger
	trouble string // what was last logged
}

const pingTime = 10 * time.Second

func newPing(h *House, c config.Ping) *ping {
	return &ping{well: h.well, url: c.URL.Reveal(), every: c.Every, client: &http.Client{Timeout: pingTime}, log: h.log}
}

// run calls until the context ends.
func (p *ping) run(ctx context.Context) error {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	for {
		p.once(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// once calls where the bot is well. Trouble is logged when it begins and when it ends.
func (p *ping) once(ctx context.Context) {
	err := p.well(ctx)
	if err == nil {
		err = p.call(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	now := ""
	if err != nil {
		now = err.Error()
	}
	switch {
	case now == p.trouble:
	case now == "":
		p.log.Info("the ping goes out again")
	default:
		p.log.Warn("no ping goes out", "why", now)
	}
	p.trouble = now
}

func (p *ping) call(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return fmt.Errorf("its address cannot be called")
	}
	response, err := p.client.Do(request)
	if err != nil {
		return fmt.Errorf("its address cannot be reached") // the error would repeat the address, which is a secret
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("its address answers HTTP %d", response.StatusCode)
	}
	return nil
}

// stalled is how late checks or the timetable may be before the bot is not well.
const stalled = 2 * time.Minute

// well tells whether the bot does its work.
func (h *House) well(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	checks, schedules, err := h.lag(ctx, time.Now())
	switch {
	case err != nil:
		return fmt.Errorf("the store does not answer: %w", err)
	case checks.late > stalled:
		return fmt.Errorf("the check %s is late by %s", checks.name, checks.late.Round(time.Second))
	case schedules.late > stalled:
		return fmt.Errorf("the line %s of the timetable is late by %s", schedules.name, schedules.late.Round(time.Second))
	default:
		return nil
	}
}
