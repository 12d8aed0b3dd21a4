// Package bot is the request engine: it turns a line that somebody typed into a request that is
// written down, allowed, approved, run once, and answered truthfully. It declares the ports that
// the store, the chat and the policy fill.
package bot

import (
	"context"
	"time"

	"deckhand/commands"
)

// Source says how a line reached the bot.
type Source string

// The sources.
const (
	Slash    Source = "slash"    // a slash command
	Mention  Source = "mention"  // a mention in a channel or thread
	Direct   Source = "direct"   // a direct message
	Button   Source = "button"   // a button: its value is the line
	Schedule Source = "schedule" // the timetable
	Lease    Source = "lease"    // a line that comes due once, by itself: the end of a lease, a rule that expires
	Terminal Source = "terminal" // deckhand exec
)

// timed tells whether the line came by itself, so that nobody waits for an answer.
func (s Source) timed() bool { return s == Schedule || s == Lease }

// inPlace tells whether an answer stands in the conversation, where everybody reads it: Slack has no private answers to these.
func (s Source) inPlace() bool { return s == Mention || s == Direct }

// AwayKey begins the keys of lines that the program itself asks when it was away.
const AwayKey = "away:"

// Message is one line that somebody sent, from wherever.
type Message struct {
	// Key is unique to the delivery's content: a second delivery with the same key acts no second time.
	Key    string
	Source Source
	Asker  commands.Asker
	Noun   string // the noun that the slash command itself supplies: "vm" for "/vm list"
	Line   string // what was typed after the slash command or the mention
	// ResponseURL takes up to five private answers within 30 minutes; empty where Slack gave none.
	ResponseURL string
	// Press names the button that was pressed and who pressed it: two presses at once are one. Empty for everything else.
	Press string `json:"-"`
	// Turns says that the button stands under a page of a list that only its asker sees: the page that it asks for takes that one's place.
	Turns bool `json:"-"`
	// Only is the one person who may press that button; empty: anybody.
	Only string `json:"-"`
	// Trigger lets a form be shown to whoever sent this, for three seconds. Empty where there can be none.
	Trigger string `json:"-"`
	// External says that the channel is shared with another organisation (Slack Connect).
	External bool
	At       time.Time

	// Of a line of source Lease: why it runs; the number of the request that it follows from; whether whoever agreed to that
	// request agreed to this line too; and whether its asker is told directly, where policy lets the asker act there.
	Reason  string `json:",omitempty"`
	Of      int64  `json:",omitempty"`
	Agreed  bool   `json:",omitempty"`
	Private bool   `json:",omitempty"`
	// Act is the name under which the line came due, and Tries how often it did before without success.
	Act   string `json:",omitempty"`
	Tries int    `json:",omitempty"`

	// Undoes is the number of the request that this line takes back; 0 where it takes none.
	Undoes int64 `json:",omitempty"`
}

// Answer is what the asker is told at once, in private.
type Answer struct {
	Report  commands.Report
	Request string // "R-42" where the line was written down
	// Repeated says that this was delivered before: where the first answer did not go into an acknowledgement, this one goes nowhere.
	Repeated bool
	// Form is what the asker has to give before anything is done; Report says the same in words. It may be nil.
	Form *Form
	// Later says that the answer proper follows, by Messenger.Whisper or Messenger.Post: a read that
	// takes longer than an acknowledgement may.
	Later bool

	perhaps bool // whether the line was written down is not known
}

// Receiver is what a transport hands messages to. Receive returns within milliseconds: what was
// to be written down is written down, everything slower happens afterwards.
type Receiver interface {
	Receive(ctx context.Context, message Message) Answer
}

// Ref is a message in the chat.
type Ref struct {
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
}

// Messenger speaks in the chat. Every error it answers may be tried again, except one that
// says Permanent() bool true: the chat will never take this.
type Messenger interface {
	// Post puts a new message into a channel, in a thread where thread is not empty. Key goes into the
	// message's metadata, for Find.
	Post(ctx context.Context, channel, thread, key string, report commands.Report) (Ref, error)
	// Find looks for a message that Post sent with this key at or after since: the cure for a Post whose
	// answer was lost. Where the chat cannot be asked it answers an error.
	Find(ctx context.Context, channel, thread, key string, since time.Time) (Ref, bool, error)
	// Update replaces a message's content.
	Update(ctx context.Context, ref Ref, key string, report commands.Report) error
	// Whisper answers one message so that only its asker sees it; in a direct message or a mention it
	// answers in place. Delivery is best effort in the chat; an error says that it was certainly not delivered.
	Whisper(ctx context.Context, to Message, report commands.Report) error
}

// Groups knows who is in a Slack user group. It fails closed: an error means nobody is.
type Groups interface {
	Members(ctx context.Context, group string) ([]string, error)
}
