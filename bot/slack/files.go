package slack

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/bot/slack/picture"
	"deckhand/commands"
)

// uploadsKept bounds the memory of what was uploaded.
const uploadsKept = 4096

// uploads remembers which file is in which thread already: a message is updated more often than its files change.
type uploads struct {
	mu   sync.Mutex
	done map[[sha256.Size]byte]bool
}

// first tells whether a file was not uploaded to a message yet, and remembers that it will be.
func (u *uploads) first(ref bot.Ref, file commands.File) bool {
	sum := sha256.Sum256([]byte(ref.Channel + "\x00" + ref.TS + "\x00" + file.Name + "\x00" + file.Content))
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done[sum] {
		return false
	}
	if u.done == nil || len(u.done) >= uploadsKept {
		u.done = map[[sha256.Size]byte]bool{}
	}
	u.done[sum] = true
	return true
}

// upload puts a report's files into the message's thread, best effort: the message itself is there already. Where
// it fails, the thread says so. The thread is looked up where it is not given.
func (m *Messenger) upload(ctx context.Context, ref bot.Ref, thread string, report commands.Report) {
	for _, block := range report.Body {
		file, ok := m.file(block)
		if !ok || file.Content == "" || !m.uploads.first(ref, file) {
			continue
		}
		if thread == "" {
			thread = m.threadOf(ctx, ref)
		}
		name := file.Name
		if name == "" {
			name = "unnamed"
		}
		_, err := m.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Filename: name, Title: name, Content: file.Content, FileSize: len(file.Content),
			Channel: ref.Channel, ThreadTimestamp: thread,
		})
		if err := m.told("files.upload", ref.Channel, err); err != nil {
			m.settings.Log.Warn("A file was not uploaded.", "channel", ref.Channel, "file", name, "error", err)
			m.confess(ctx, ref.Channel, thread, name, err)
		}
	}
}

// file is what a part of a report is as a file, if it is one. A chart of which there is more than its block can hold is a picture.
func (m *Messenger) file(block commands.Block) (commands.File, bool) {
	switch block := block.(type) {
	case commands.File:
		return block, true
	case commands.Chart:
		if block.Finer == nil {
			return commands.File{}, false
		}
		drawn, err := picture.PNG(*block.Finer)
		if err != nil {
			m.settings.Log.Warn("A chart was not drawn.", "title", block.Title, "error", err)
			return commands.File{}, false
		}
		return commands.File{Name: pictureName(block.Finer.Title), Content: string(drawn)}, true
	default:
		return commands.File{}, false
	}
}

// pictureName makes a file's name from a title: "latency-and-downtime-in-30-days.png".
func pictureName(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 {
		return "chart.png"
	}
	return strings.Join(words, "-") + ".png"
}

// threadOf answers the thread that a message is in, or else the one that it would begin.
func (m *Messenger) threadOf(ctx context.Context, ref bot.Ref) string {
	messages, _, _, err := m.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: ref.Channel, Timestamp: ref.TS, Inclusive: true, Limit: 1,
	})
	if m.told("conversations.replies", ref.Channel, err) == nil && len(messages) > 0 && messages[0].ThreadTimestamp != "" {
		return messages[0].ThreadTimestamp
	}
	return ref.TS
}

func (m *Messenger) confess(ctx context.Context, channel, thread, name string, cause error) {
	words := commands.Words(cause)
	_, err := m.post(ctx, channel, thread, "", commands.Report{
		Tone:  commands.Warning,
		Title: commands.Mono(name) + " could not be uploaded",
		Body:  commands.Blocks{commands.Text{Text: words.Message + " " + words.Hint}},
	})
	if err != nil {
		m.settings.Log.Warn("That a file is missing could not be said.", "channel", channel, "error", err)
	}
}
