package slack_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot/slack"
)

func TestGroupsAreAskedOnceInFiveMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		w.members["S1"] = []string{"U1", "U2"}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if users, err := m.Members(ctx(t), "S1"); err != nil || !slices.Equal(users, []string{"U1", "U2"}) {
					t.Errorf("%v %v", users, err)
				}
			})
		}
		all.Wait()
		asked := func() int { return len(w.called("usergroups.users.list")) }
		if asked() != 1 {
			t.Errorf("%d questions for 20 who asked at once", asked())
		}
		w.members["S1"] = []string{"U3"}
		time.Sleep(5*time.Minute - time.Second)
		if users, _ := m.Members(ctx(t), "S1"); len(users) != 2 || asked() != 1 {
			t.Errorf("%v after %d questions", users, asked())
		}
		time.Sleep(time.Second)
		if users, _ := m.Members(ctx(t), "S1"); len(users) != 1 || asked() != 2 {
			t.Errorf("%v after %d questions", users, asked())
		}
	})
}

func TestGroupsFailClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := within()
		w.members["S1"] = []string{"U1"}
		if _, err := m.Members(ctx(t), "S1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		w.fail("usergroups.users.list", failure{status: 500})
		if users, err := m.Members(ctx(t), "S1"); err == nil || len(users) != 0 {
			t.Errorf("Slack is down, and %v are members", users)
		}
		if users, err := m.Members(ctx(t), "S1"); err != nil || len(users) != 1 {
			t.Errorf("an error must not be remembered: %v %v", users, err)
		}
		if _, err := m.Members(ctx(t), "S_NONE"); err == nil {
			t.Error("a group that does not exist has no members")
		}
	})
}

func TestTheCallersMembersAreTheirOwn(t *testing.T) {
	t.Parallel()
	w, m := serve(t)
	w.members["S1"] = []string{"U1"}
	users, err := m.Members(ctx(t), "S1")
	if err != nil {
		t.Fatal(err)
	}
	users[0] = "U_EVE"
	if users, _ := m.Members(ctx(t), "S1"); users[0] != "U1" {
		t.Errorf("the answer that is kept was changed: %v", users)
	}
}

func TestHealthFollowsTheLatestCall(t *testing.T) {
	t.Parallel()
	w := newWorkspace()
	now := time.Unix(1795486200, 0)
	m := slack.NewMessenger(slack.Settings{
		BotToken: "x", APIURL: "https://slack.test/api", HTTP: &http.Client{Transport: w}, Log: quiet(),
		Now: func() time.Time { return now },
	})
	if ok, _, detail := m.Health(); ok || detail == "" {
		t.Error("healthy before the first call")
	}
	w.fail("auth.test", failure{word: "invalid_auth"}, failure{word: "invalid_auth"})
	step := func(want bool, since time.Time, word string) {
		t.Helper()
		ok, at, detail := m.Health()
		if ok != want || !at.Equal(since) || !strings.Contains(detail, word) {
			t.Errorf("%v since %s: %q", ok, at, detail)
		}
	}
	begun := now
	for range 2 {
		if _, _, err := m.Auth(ctx(t)); err == nil {
			t.Error("a refused token was accepted")
		}
		step(false, begun, "invalid_auth")
		now = now.Add(time.Minute)
	}
	user, team, err := m.Auth(ctx(t))
	if err != nil || user != "U_BOT" || team != "T1" {
		t.Errorf("%s %s %v", user, team, err)
	}
	step(true, now, "")
	healthy := now
	now = now.Add(time.Minute)
	w.fail("chat.update", failure{word: "message_not_found"}, failure{status: 502})
	_ = m.Update(ctx(t), ref("C1"), "k", report("a"))
	step(true, healthy, "")
	_ = m.Update(ctx(t), ref("C1"), "k", report("a"))
	step(false, now, "502")
	if _, _, err := m.Auth(ctx(t)); err != nil || len(w.called("auth.test")) != 3 {
		t.Errorf("who we are was asked again: %v", err)
	}
}
