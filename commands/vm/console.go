package vm

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"deckhand/commands"
	"deckhand/commands/where"
)

// Console is vm console: the end of what an instance wrote while it booted.
type Console struct {
	Single
	Lines int `flag:"lines" default:"40" value:"N" help:"Last lines to show, at most 100; the file has all of them."`

	cloud Cloud
}

// Validate bounds what is shown.
func (c *Console) Validate() error {
	if c.Lines < 1 || c.Lines > 100 {
		return commands.Misuse(fmt.Sprintf("--lines %d is out of range.", c.Lines), "It may be 1 to 100; the file has all of them.")
	}
	return c.Single.Validate()
}

// Run shows the last lines, and offers all of them as a file.
func (c *Console) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	i := p.Instances[0]
	console, err := c.cloud.ConsoleOutput(ctx, p.Target, i.ID)
	if err != nil {
		return commands.Report{}, err
	}
	text := readable(console.Text)
	report := commands.Report{Title: "Console of " + nameOf(i), Where: where.Words(p.Place), Next: nextFor(i, p.Target)}
	if text == "" {
		report.Title = "Nothing on the console of " + nameOf(i) + " yet"
		report.Body = commands.Blocks{commands.Text{Text: "AWS shows the console some minutes after a start."}}
		return report, nil
	}
	lines := strings.Split(text, "\n")
	shown := lines[max(0, len(lines)-c.Lines):]
	note := fmt.Sprintf("The last %d of %d lines", len(shown), len(lines))
	if len(shown) == len(lines) {
		note = fmt.Sprintf("All %d lines", len(lines))
	}
	if !console.At.IsZero() {
		note += ", as of " + commands.At(console.At)
	}
	report.Body = commands.Blocks{commands.Text{Text: note + "."}, commands.Code{Text: strings.Join(shown, "\n")}}
	if len(shown) < len(lines) {
		report.Body = append(report.Body, commands.File{Name: "console-" + i.ID + ".txt", Content: text + "\n"})
	}
	return report, nil
}

// sequence is where a terminal's escape sequence stands: the character that introduced it, 0 outside of any.
// Source: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
type sequence rune

// next is where the sequence stands after a character, and whether the character belongs to one.
func (s sequence) next(r rune) (sequence, bool) {
	switch {
	case r == '\x1b':
		return sequence(r), true
	case s == 0 || r == '\n' && s != ']':
		return 0, false // outside, or in one that was never finished
	case s == '\x1b' && strings.ContainsRune("[](", r): // up to a letter; up to BEL or ESC; one character more
		return sequence(r), true
	case s == '[' && (r < '@' || r > '~'), s == ']' && r != '\a':
		return s, true
	default:
		return 0, true
	}
}

// readable removes what a terminal would act upon (escape sequences, carriage returns and other control characters), and secrets.
func readable(text string) string {
	var out strings.Builder
	var at sequence
	var in bool
	for _, r := range text {
		at, in = at.next(r)
		switch {
		case in:
		case r == '\n', r == '\t', !unicode.IsControl(r):
			out.WriteRune(r)
		}
	}
	lines := strings.Split(commands.Unmarked(commands.Scrub(out.String())), "\n")
	for n, line := range lines {
		lines[n] = strings.TrimRight(line, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
