package health

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

const (
	firstReminder = 30 * time.Minute // where the check does not say
	lastReminder  = 24 * time.Hour   // the waits between reminders double up to this
	stepEscalate  = "escalation"
	stepReminder  = "reminder:"
	stepWhy       = "why"
)

// scene is all that decides what is to be said of an incident.
type scene struct {
	incident check.Incident
	check    check.Check // of a storm: its channel and who responds
	state    check.State
	hush     hush
	behind   []string         // checks that are down and silent, because this one is
	members  []check.Incident // of a storm
	unedited bool             // the message could not be edited lately
	explains bool             // somebody can find out why it is down
	why      *commands.Report // found out meanwhile
	uncalled string           // why the webhook could not be called so far
}

// saying is one thing to say: a message of a step, or the incident's message as it is to read now.
type saying struct {
	step            string // "": edit the message
	channel, thread string
	key             string // names the message for ever
	report          commands.Report
	event           check.IncidentEvent
}

// next answers what is to be said now, the most urgent first.
//
// An incident is told once, by its beginning, unless something hushes it. From then on its message is edited as it goes, and its thread has
// the rest. Its end is told where its beginning was. Where it ended before the beginning could be said, both are said in one
// message; where it was hushed all the time, nothing is.
func (s scene) next(now time.Time) (saying, bool) {
	i := s.incident
	post := i.Said[check.StepPost]
	told := !post.At.IsZero()
	switch {
	case i.Channel == "":
		return saying{}, false
	case i.Storm > 0: // which speaks for it; a message of its own that there was before goes on to be true
		edit, changed := s.edit(now)
		return edit, changed && !s.unedited
	case !told && i.Open():
		if s.hush.holds(s.state) {
			return saying{}, false
		}
		return s.post(now), true
	case !told:
		if post.TriedAt.IsZero() || !i.Said[check.StepBack].At.IsZero() {
			return saying{}, false
		}
		return s.back(s.wasDown(now)), true
	case i.Open():
		return s.goesOn(now, post)
	}
	edit, changed := s.edit(now)
	back := i.Ending == check.CameBack && i.Said[check.StepBack].At.IsZero()
	if changed && !s.unedited {
		return edit, true
	}
	return s.back(s.cameBack(now)), back
}

// goesOn is what an open incident says after its beginning was told.
func (s scene) goesOn(now time.Time, post check.Said) (saying, bool) {
	i := s.incident
	if edit, changed := s.edit(now); changed && !s.unedited {
		return edit, true
	}
	if post.TS == "" {
		return saying{}, false // the channel never took it: it has no thread
	}
	thread := saying{channel: post.Channel, thread: post.TS}
	_, explained := i.Said[stepWhy]
	quiet := s.hush.mute != nil || s.hush.parent != "" || now.Before(i.SnoozedUntil)
	switch {
	case s.why != nil && !explained:
		thread.step, thread.report = stepWhy, *s.why
		thread.event = check.IncidentEvent{What: "explained", Note: s.why.Title}
	case !quiet && s.escalates(now, post):
		thread.step, thread.report = stepEscalate, s.escalation(now)
		thread.event = check.IncidentEvent{What: "escalated", Note: s.check.EscalateTo}
		if channel, ok := strings.CutPrefix(s.check.EscalateTo, "channel:"); ok {
			thread.channel, thread.thread = channel, ""
		}
	case !quiet && s.reminds(now, post):
		thread.step, thread.report = stepReminder+strconv.Itoa(i.Reminded+1), s.reminder(now)
		thread.event = check.IncidentEvent{What: "reminded"}
	default:
		var heard bool
		if thread, heard = s.hooked(thread); !heard {
			return saying{}, false
		}
	}
	thread.key = s.key(thread.step)
	return thread, true
}

func (s scene) escalates(now time.Time, post check.Said) bool {
	i := s.incident
	return s.check.EscalateTo != "" && i.AckedBy == "" && i.OwnedBy == "" && i.Said[stepEscalate].At.IsZero() &&
		now.Sub(post.At) >= s.check.EscalateAfter
}

func (s scene) reminds(now time.Time, post check.Said) bool {
	wait := s.check.Reminders
	if wait == 0 {
		wait = firstReminder
	}
	if wait < 0 {
		return false
	}
	last := post.At
	if n := s.incident.Reminded; n > 0 {
		last = s.incident.Said[stepReminder+strconv.Itoa(n)].At
	}
	for n := 0; n < s.incident.Reminded && wait < lastReminder; n++ {
		wait *= 2
	}
	return now.Sub(last) >= min(wait, max(lastReminder, s.check.Reminders))
}

func (s scene) post(now time.Time) saying {
	return saying{
		step: check.StepPost, channel: s.incident.Channel, key: s.key(check.StepPost), report: s.view(now),
		event: check.IncidentEvent{What: "told"},
	}
}

func (s scene) back(report commands.Report) saying {
	return saying{
		step: check.StepBack, channel: s.incident.Channel, key: s.key(check.StepBack), report: report,
		event: check.IncidentEvent{What: "told", Note: report.Title},
	}
}

// edit is the incident's message as it is to read now, and whether it reads otherwise.
func (s scene) edit(now time.Time) (saying, bool) {
	post := s.incident.Said[check.StepPost]
	report := s.view(now)
	return saying{channel: post.Channel, thread: post.TS, key: s.key(check.StepPost), report: report},
		post.TS != "" && digest(report) != s.incident.Shown
}

// key names a message of an incident. Seconds are enough: an incident is longer.
func (s scene) key(step string) string {
	i := s.incident
	opened := i.Opened
	if !i.Began.IsZero() {
		opened = i.Began
	}
	began := strconv.FormatInt(opened.Unix(), 10)
	if i.IsStorm() {
		return "storm:" + i.Channel + ":" + began + ":" + i.ID() + ":" + step
	}
	if step == check.StepPost {
		step = "down"
	}
	return "check:" + i.Check + ":" + began + ":" + step
}

// ref is the incident's message.
func ref(i check.Incident) bot.Ref {
	post := i.Said[check.StepPost]
	return bot.Ref{Channel: post.Channel, TS: post.TS}
}

// digest names a report's content.
func digest(report commands.Report) string {
	raw, err := json.Marshal(report)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
