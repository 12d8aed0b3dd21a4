package slacktest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"deckhand/bot/slack/slacktest"
)

// connect runs the library's socket client against a workspace and hands every envelope to do.
func connect(t *testing.T, b *bench, do func(*socketmode.Client, socketmode.Event)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := socketmode.New(client(b.url, "xoxb-test"), socketmode.OptionPingInterval(time.Second))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.RunContext(ctx) // ends with the context
	}()
	go func() {
		for {
			select {
			case e := <-c.Events:
				do(c, e)
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	wait(t, b, func() bool { return b.Connections() == 1 })
}

func wait(t *testing.T, b *bench, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.Await(ctx, ok); err != nil {
		t.Fatal(err)
	}
}

func socketBench(t *testing.T) *bench {
	o := options()
	o.Socket, o.PingEvery = true, 100*time.Millisecond
	return newBench(t, o, nil)
}

func TestSocketsCarryWhatPeopleDo(t *testing.T) {
	t.Parallel()
	b := socketBench(t)
	got := make(chan socketmode.Event, 10)
	connect(t, b, func(c *socketmode.Client, e socketmode.Event) {
		switch e.Type {
		case socketmode.EventTypeSlashCommand:
			_ = c.Ack(*e.Request, map[string]any{"text": "by socket"})
		case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive:
			_ = c.Ack(*e.Request)
		default:
			return
		}
		got <- e
	})
	ctx := context.Background()
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "/vm list"))
	if c := (<-got).Data.(slack.SlashCommand); c.Command != "/vm" || c.Text != "list" || c.ResponseURL == "" {
		t.Errorf("slash command: %+v", c)
	}
	if joined(b.Ephemerals("U_ALICE")) != "by socket" {
		t.Errorf("answer: %q", joined(b.Ephemerals("U_ALICE")))
	}
	must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "@deckhand help"))
	if e := <-got; e.Type != socketmode.EventTypeEventsAPI {
		t.Errorf("event: %+v", e)
	}
	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionBlocks(slack.NewActionBlock("",
		slack.NewButtonBlockElement("go", "v", slack.NewTextBlockObject("plain_text", "Go", false, false)))))
	if err != nil {
		t.Fatal(err)
	}
	if err = b.Press(ctx, "U_ALICE", "C_OPS", ts, "go"); err != nil {
		t.Fatal(err)
	}
	if c := (<-got).Data.(slack.InteractionCallback); c.ActionCallback.BlockActions[0].Value != "v" {
		t.Errorf("press: %+v", c)
	}
}

func TestSocketsComeBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*bench){
		"announced":  func(b *bench) { b.Disconnect("refresh_requested") },
		"cut":        func(b *bench) { b.CutSockets() },
		"Slack away": func(b *bench) { b.Down(true); b.Down(false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := socketBench(t)
			hellos := make(chan struct{}, 10)
			connect(t, b, func(_ *socketmode.Client, e socketmode.Event) {
				if e.Type == socketmode.EventTypeHello {
					hellos <- struct{}{}
				}
			})
			<-hellos
			end(b)
			<-hellos
			wait(t, b, func() bool { return b.Connections() == 1 })
		})
	}
}

func TestASocketThatDoesNotAcknowledge(t *testing.T) {
	t.Parallel()
	o := options()
	o.Socket, o.AckWithin = true, 30*time.Millisecond
	b := newBench(t, o, nil)
	var said *slacktest.Error
	if _, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "/vm list"); !errors.As(err, &said) || said.Code != "dispatch_failed" {
		t.Errorf("without a socket: %v", err)
	}
	retries := make(chan int, 10)
	connect(t, b, func(_ *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeEventsAPI {
			retries <- e.Request.RetryAttempt
		}
	})
	if _, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "@deckhand help"); !errors.As(err, &said) || said.Code != "operation_timeout" {
		t.Errorf("unacknowledged: %v", err)
	}
	if first, second := <-retries, <-retries; first != 0 || second != 1 {
		t.Errorf("attempts %d, %d", first, second)
	}
}
