package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// gone is what a chat that is away comes to.
type gone struct{ error }

func (gone) Away() bool { return true }

// office is a chat that can be away, and notes in which order messages reach it.
type office struct {
	*chat
	away  bool
	odd   string // ends the key of a message that it never takes
	tries int
	took  []string
}

func (o *office) Post(ctx context.Context, channel, thread, key string, r commands.Report) (bot.Ref, error) {
	o.mu.Lock()
	o.tries++
	away := o.away || o.odd != "" && strings.HasSuffix(key, o.odd)
	if !away {
		o.took = append(o.took, channel+key[strings.LastIndex(key, "/"):])
	}
	o.mu.Unlock()
	if away {
		return bot.Ref{}, gone{errors.New("no answer")}
	}
	time.Sleep(100 * time.Millisecond)
	return o.chat.Post(ctx, channel, thread, key, r)
}

// turn makes the chat go away, or come back, and answers how often it was tried and what it has taken.
func (o *office) turn(away bool) (tries int, took []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = away
	return o.tries, slices.Clone(o.took)
}

// owing is a house with results for C1, and one for C2, which its chat has not taken. Their jobs are done newest first, and again half a
// minute after they failed.
func owing(t *testing.T, results int, chat *office) {
	t.Helper()
	h := newHouse(t)
	chat.chat = h.chat
	h.Messenger = chat
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	for number := range int64(results) + 1 {
		channel := "C1"
		if number == int64(results) {
			channel = "C2"
		}
		h.Receive(ctx, bot.Message{Key: fmt.Sprint(number), Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: channel}, Line: "vm stop web", At: h.Now()})
		if err := h.Execute(ctx, number+1); err != nil {
			t.Fatal(err)
		}
	}
	for number := int64(results) + 1; number > 0; number-- {
		go func() {
			for h.Deliver(ctx, number) != nil && ctx.Err() == nil {
				select {
				case <-ctx.Done():
				case <-time.After(30 * time.Second):
				}
			}
		}()
		synctest.Wait()
	}
}

func TestWhatWaitedForTheChatIsShownOldestFirstAsSoonAsItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chat := &office{away: true}
		owing(t, 20, chat)
		time.Sleep(40 * time.Second)
		if tries, _ := chat.turn(false); tries > 200 {
			t.Errorf("%d tries while the chat was away", tries)
		}
		time.Sleep(4 * time.Second)
		_, took := chat.turn(false)
		if other := slices.Index(took, "C2/R-21"); other < 0 || other > 11 {
			t.Errorf("the other channel's is number %d", other)
		}
		took = slices.DeleteFunc(took, func(s string) bool { return s == "C2/R-21" })
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("C1/R-%d", i+1))
		}
		if !slices.Equal(took, want) {
			t.Errorf("told in this order: %v", took)
		}
	})
}

func TestAMessageThatIsNeverTakenHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chat := &office{away: true, odd: "/R-1"}
		owing(t, 5, chat)
		time.Sleep(10 * time.Second)
		chat.turn(false)
		time.Sleep(4 * time.Second)
		if _, took := chat.turn(false); len(took) != 5 {
			t.Errorf("told: %v, want all but one", took)
		}
	})
}

func TestManyResultsOfOneChannelLeaveOthersTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chat := &office{}
		owing(t, 20, chat)
		time.Sleep(5 * time.Second)
		_, took := chat.turn(false)
		if other := slices.Index(took, "C2/R-21"); other < 0 || other > 6 || len(took) != 21 {
			t.Errorf("the other channel's is number %d of %d: %v", other, len(took), took)
		}
	})
}
