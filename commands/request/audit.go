package request

import (
	"context"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Since is a moment on a line: a time ago (30m, 24h, 7d), or a day (2026-11-24) or a minute (2026-11-24T09:00) in UTC.
type Since struct {
	Ago time.Duration
	At  time.Time
}

// UnmarshalText reads what people type.
func (s *Since) UnmarshalText(raw []byte) error {
	text := strings.TrimSpace(string(raw))
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			s.At = at.UTC()
			return nil
		}
	}
	ago, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		ago = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || ago <= 0 || ago > 100*365*24*time.Hour {
		return &commands.Error{Kind: commands.Usage, Message: "must be a time ago such as " + commands.Mono("24h") + " or " + commands.Mono("7d") +
			", or a day such as " + commands.Mono("2026-11-24") + ", and " + commands.Mono(text) + " is neither."}
	}
	s.Ago = ago
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s Since) MarshalText() ([]byte, error) {
	switch {
	case !s.At.IsZero():
		return s.At.AppendFormat(nil, time.RFC3339), nil
	case s.Ago > 0:
		return []byte(s.Ago.String()), nil
	}
	return nil, nil
}

// from is the moment, zero where none was given.
func (s Since) from(now time.Time) time.Time {
	if s.Ago > 0 {
		return now.Add(-s.Ago)
	}
	return s.At
}

type history struct {
	User   string `flag:"user" value:"USER" help:"Only what this person did or asked for."`
	Verb   string `flag:"verb" value:"PATTERN" help:"Only these commands, for example \"vm *\"."`
	Since  Since  `flag:"since" value:"WHEN" help:"24h, 7d or 2026-11-24."`
	CSV    bool   `flag:"csv" help:"Everything as a file."`
	record Record
}

// Run lists.
func (h *history) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return h.record.History(ctx, h.User, h.Verb, h.Since.from(run.Now), h.CSV)
}

type verify struct {
	Receipt string `flag:"receipt" value:"RECEIPT" help:"A receipt that you kept: is it still in the record?"`
	record  Record
}

// Validate reads the receipt.
func (v *verify) Validate() error {
	v.Receipt = strings.ToLower(v.Receipt)
	if v.Receipt != "" && (len(v.Receipt) < 8 || len(v.Receipt) > 64 || strings.Trim(v.Receipt, "0123456789abcdef") != "") {
		return &commands.Error{Kind: commands.Usage, Message: commands.Mono("--receipt") + " must be 8 to 64 hexadecimal digits, as " + commands.Mono("audit R-42") + " shows them."}
	}
	return nil
}

// Run verifies.
func (v *verify) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return v.record.Verify(ctx, v.Receipt)
}
