package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

// CertificateBook keeps what is known of certificates over restarts.
type CertificateBook interface {
	Certificates(ctx context.Context) (map[string]check.Certificate, error)
	// SeeCertificate keeps a certificate by its end. One that is kept already stays as it is.
	SeeCertificate(ctx context.Context, name string, expires time.Time) error
	SaveCertificate(ctx context.Context, name string, certificate check.Certificate) error
	// Exclusively runs do while no other process runs one of this name, and answers whether it did.
	Exclusively(ctx context.Context, name string, do func(context.Context) error) (held bool, err error)
}

// reminders are the days before a certificate's end on which its channel is told, once each.
var reminders = [...]int{1, 7, 21} //nolint:gochecknoglobals // a constant list

// dueReminder answers the days of the reminder that is to be said now; false where none is.
func dueReminder(c check.Certificate, now time.Time) (days int, due bool) {
	left := c.Expires.Sub(now)
	if left <= 0 {
		return 0, false // the check itself is down
	}
	for _, days := range reminders {
		if left <= time.Duration(days)*day {
			return days, c.Reminded == 0 || days < c.Reminded
		}
	}
	return 0, false
}

// reminder remembers the certificates that looks bring, and tells channels of their end.
//
// Before it posts, it writes down what it is about to post, and after the chat took it, that it was said. A post whose fate is not
// known is looked for by its key before it is said again. Another process may have looked at the check before, or be about to: what was
// said is read again before anything is, and one process at a time says it.
type reminder struct {
	book      CertificateBook
	messenger bot.Messenger
	log       *slog.Logger

	mu   sync.Mutex
	ends map[string]int64    // by check, in Unix seconds: so that what is far away and known costs nothing
	seen map[string]sighting // of checks whose certificates were seen since the last turn
	// Of run alone.
	known map[string]check.Certificate
	last  map[string]sighting
}

// sighting is a certificate as a look brought it.
type sighting struct {
	check   check.Check
	expires time.Time
	names   string
}

const remindEvery = time.Minute

func newReminder(s Settings) *reminder {
	return &reminder{book: s.Certificates, messenger: s.Messenger, log: s.Log, ends: map[string]int64{}, seen: map[string]sighting{}, last: map[string]sighting{}}
}

// note takes what a look brought.
func (r *reminder) note(c check.Check, result check.Result) {
	if r.book == nil || result.Expires.IsZero() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	ends := result.Expires.Unix()
	if r.ends[c.Name] == ends && result.Names == "" {
		return
	}
	r.ends[c.Name] = ends
	r.seen[c.Name] = sighting{c, result.Expires.UTC().Truncate(time.Second), result.Names}
}

// run works until the context ends.
func (r *reminder) run(ctx context.Context) {
	if r.book == nil {
		return
	}
	ticker := time.NewTicker(remindEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := r.turn(ctx, time.Now()); err != nil && ctx.Err() == nil {
			r.log.Error("reminders of certificates are tried again", "err", err)
		}
	}
}

// turn writes down the certificates that changed and says what is due. What fails is tried again in the next turn.
func (r *reminder) turn(ctx context.Context, now time.Time) error {
	if r.known == nil {
		known, err := r.book.Certificates(ctx)
		if err != nil {
			return err
		}
		r.known = known
	}
	r.mu.Lock()
	for name, s := range r.seen {
		r.last[name] = s
	}
	clear(r.seen)
	r.mu.Unlock()
	var failed error
	for name, s := range r.last {
		if err := r.one(ctx, s, now); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		delete(r.last, name) // until the next look brings it again
	}
	return failed
}

// one brings one certificate on.
func (r *reminder) one(ctx context.Context, s sighting, now time.Time) error {
	name := s.check.Name
	known := r.known[name]
	if !known.Expires.Equal(s.expires) { // another one; what was said of it, if anything, is in the book
		if err := r.book.SeeCertificate(ctx, name, s.expires); err != nil {
			return err
		}
		known = check.Certificate{Expires: s.expires}
		r.known[name] = known
	}
	if _, due := dueReminder(known, now); !due || s.check.Channel == "" {
		return nil
	}
	held, err := r.book.Exclusively(ctx, "certificate of "+name, func(ctx context.Context) error { return r.due(ctx, s, now) })
	if err == nil && !held {
		err = errors.New("another process tells of the certificate of " + name)
	}
	return err
}

// due says what is due of a certificate, by what the book has of it now.
func (r *reminder) due(ctx context.Context, s sighting, now time.Time) error {
	name := s.check.Name
	all, err := r.book.Certificates(ctx)
	if err != nil {
		return err
	}
	known := all[name]
	r.known[name] = known
	days, due := dueReminder(known, now)
	if !due || !known.Expires.Equal(s.expires) {
		return nil
	}
	again := known.Trying == days
	if !again {
		known.Trying, known.TriedAt = days, now
		if err := r.save(ctx, name, known); err != nil {
			return err
		}
	}
	if err := r.say(ctx, s, days, known.TriedAt, again); err != nil {
		return err
	}
	known.Reminded, known.Trying, known.TriedAt = days, 0, time.Time{}
	return r.save(ctx, name, known)
}

func (r *reminder) save(ctx context.Context, name string, c check.Certificate) error {
	err := r.book.SaveCertificate(ctx, name, c)
	if err == nil {
		r.known[name] = c
	}
	return err
}

// say posts a reminder, unless an earlier try did.
func (r *reminder) say(ctx context.Context, s sighting, days int, tried time.Time, again bool) error {
	key := fmt.Sprintf("certificate:%s:%d:%d", s.check.Name, s.expires.Unix(), days)
	if again {
		if _, found, err := r.messenger.Find(ctx, s.check.Channel, "", key, tried.Add(-skew)); found || err != nil {
			return err
		}
	}
	_, err := r.messenger.Post(ctx, s.check.Channel, "", key, remind(s, time.Now()))
	if permanent(err) {
		r.log.Error("the reminder of a certificate is given up: the chat will never take it", "check", s.check.Name, "channel", s.check.Channel, "err", err)
		return nil
	}
	return err
}

func remind(s sighting, now time.Time) commands.Report {
	left := s.expires.Sub(now)
	tone := commands.Warning
	if left <= day {
		tone = commands.Bad
	}
	if name, ok := strings.CutPrefix(s.check.URL, "domain://"); ok {
		return remindOfDomain(s, name, left, tone)
	}
	fields := []commands.Field{{Name: "URL", Value: commands.Mono(s.check.URL)}, {Name: "Ends", Value: commands.At(s.expires)}}
	if s.names != "" {
		fields = append(fields, commands.Field{Name: "For", Value: commands.Mono(s.names)})
	}
	return commands.Report{
		Tone: tone, Title: "Certificate of " + s.check.Name + " ends in " + inDays(left),
		Body: commands.Blocks{commands.Fields{Fields: fields}, commands.Text{Text: "After that the check is down, and browsers refuse the endpoint."}},
		Next: []commands.Next{{Label: "Check now", Line: "check run " + s.check.Name}, {Label: "Show", Line: "check show " + s.check.Name}},
	}
}

// remindOfDomain says that a registration ends.
func remindOfDomain(s sighting, name string, left time.Duration, tone commands.Tone) commands.Report {
	fields := []commands.Field{{Name: "Ends", Value: commands.At(s.expires)}}
	if s.names != "" {
		fields = append(fields, commands.Field{Name: "Registrar", Value: commands.Unmarked(s.names)})
	}
	return commands.Report{
		Tone: tone, Title: "The registration of " + name + " ends in " + inDays(left),
		Body: commands.Blocks{commands.Fields{Fields: fields}, commands.Text{Text: "Renew it with the registrar. After that the name stops working, and later anybody may register it."}},
		Next: []commands.Next{{Label: "Check now", Line: "check run " + s.check.Name}, {Label: "Show", Line: "check show " + s.check.Name}},
	}
}

func inDays(left time.Duration) string { return days(left.Round(time.Hour)) }
