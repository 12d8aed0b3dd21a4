package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands"
)

func TestABackupIsOfOneMomentWhileOthersWrite(t *testing.T) {
	t.Parallel()
	url := sqliteURL(t)
	s := open(t, url)
	work(t, s, store.Workers{Execute: idle, Deliver: idle})
	var writers sync.WaitGroup
	stop := make(chan struct{})
	writers.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, _, err := s.Create(t.Context(), request(fmt.Sprint(i)), []bot.Event{{What: "asked"}}, []bot.Job{{Work: bot.Execute}}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	to := filepath.Join(t.TempDir(), "backup.db")
	for i := range 5 {
		if err := store.Backup(t.Context(), store.Settings{URL: url, Log: logTo(t)}, to+fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writers.Wait()
	for i := range 5 {
		copied := open(t, "sqlite:"+to+fmt.Sprint(i))
		if chain, err := copied.Verify(t.Context(), ""); err != nil || chain.Broken != nil || chain.Missing != 0 || chain.Changed {
			t.Errorf("backup %d: %+v, %v", i, chain, err)
		}
		if info, err := os.Stat(to + fmt.Sprint(i)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("backup %d: %v, %v", i, info.Mode(), err)
		}
	}
	err := store.Backup(t.Context(), store.Settings{URL: url}, to+"0")
	if err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a second backup into one file: %v", err)
	}
}

func TestARestoredDatabaseRunsNothingAgain(t *testing.T) {
	t.Parallel()
	for name, url := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			for i, state := range []bot.State{bot.Asked, bot.Waiting, bot.Queued, bot.Running, bot.Done, bot.Refused} {
				r := request(fmt.Sprint(i))
				r.State = state
				if _, _, err := s.Create(t.Context(), r, []bot.Event{{To: state, What: string(state)}}, nil); err != nil {
					t.Fatal(err)
				}
			}
			before := s.Identity()
			n, err := s.Restored(t.Context(), time.Now())
			if err != nil || n != 4 || s.Identity() == before {
				t.Fatalf("%d became uncertain, %v, identity %s", n, err, s.Identity())
			}
			for number, want := range []bot.State{bot.Unsure, bot.Unsure, bot.Unsure, bot.Unsure, bot.Done, bot.Refused} {
				r, err := s.Load(t.Context(), int64(number+1))
				if err != nil || r.State != want {
					t.Errorf("R-%d is %s, %v, want %s", number+1, r.State, err, want)
				}
			}
			if chain, err := s.Verify(t.Context(), ""); err != nil || chain.Events != 10 || chain.Broken != nil || chain.Changed {
				t.Errorf("%+v, %v", chain, err)
			}
			if r, _, err := s.Create(t.Context(), request("new"), nil, nil); err != nil || r.Number < 1000 {
				t.Errorf("the next request is %d, %v: it may be one from after the backup", r.Number, err)
			}
		})
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	url, noon := sqliteURL(t), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	path, settings := strings.TrimPrefix(url, "sqlite:"), store.Settings{URL: url, Log: logTo(t)}
	backup := filepath.Join(t.TempDir(), "backup.db")
	write := func(key string) {
		s, err := openAt(t, url)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Create(t.Context(), request(key), nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write("before")
	if err := store.Backup(t.Context(), settings, backup); err != nil {
		t.Fatal(err)
	}
	write("after")

	bad := filepath.Join(t.TempDir(), "bad.db")
	if err := os.WriteFile(bad, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), settings, bad, noon); err == nil || !strings.Contains(err.Error(), "not a whole database") {
		t.Errorf("restored what is no database: %v", err)
	}
	serving := open(t, url)
	stop := work(t, serving, store.Workers{Execute: idle, Deliver: idle})
	if _, err := store.Restore(t.Context(), settings, backup, noon); commands.Words(err).Kind != commands.Failed || !strings.Contains(err.Error(), "already serving") {
		t.Errorf("restored under a serving process: %v", err)
	}
	stop()
	if err := serving.Close(); err != nil {
		t.Fatal(err)
	}

	kept, err := store.Restore(t.Context(), settings, backup, noon)
	if err != nil || kept != path+".before-20260301T120000" {
		t.Fatalf("kept %s, %v", kept, err)
	}
	count := func(url string) int {
		s := open(t, url)
		all, err := s.List(context.Background(), bot.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if now, aside := count(url), count("sqlite:"+kept); now != 1 || aside != 2 {
		t.Errorf("%d requests are there, %d were put aside", now, aside)
	}
}
