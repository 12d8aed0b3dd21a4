package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// admin serves health and metrics.
func (h *House) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", h.watch.serve)
	mux.Handle("GET /metrics", h.metrics.handler(h))
	mux.HandleFunc("GET /status.json", h.serveStatus)
	return mux
}

// Dependency is what one thing outside says of itself on /readyz.
type Dependency struct {
	OK     bool      `json:"ok"`
	Since  time.Time `json:"since"`
	Detail string    `json:"detail"`
}

// dependencies keeps an eye on what stands outside.
type dependencies struct {
	house *House
	mu    sync.Mutex
	state map[string]Dependency
	user  string // the bot's own user id, once Slack has said it
}

func newDependencies(h *House) *dependencies {
	return &dependencies{house: h, state: map[string]Dependency{}}
}

const (
	lookEvery = 30 * time.Second
	lookAgain = 5 * time.Second // while something is away
	lookTime  = 5 * time.Second
)

// run looks at each dependency again and again. What is away is looked at more often, so that it is soon seen to be back.
func (d *dependencies) run(ctx context.Context) error {
	for {
		d.look(ctx)
		pause := lookEvery
		if !d.ready() {
			pause = lookAgain
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (d *dependencies) look(ctx context.Context) {
	var all sync.WaitGroup
	for name, probe := range map[string]func(context.Context) error{
		"store": d.house.store.Ping, "slack": d.askSlack, "aws": d.house.cloud.Reachable,
	} {
		if name == "slack" && d.house.messenger == nil {
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, lookTime)
			defer cancel()
			d.note(name, probe(ctx))
		})
	}
	all.Wait()
}

func (d *dependencies) askSlack(ctx context.Context) error {
	user, _, err := d.house.messenger.Auth(ctx)
	if err == nil {
		d.mu.Lock()
		d.user = user
		d.mu.Unlock()
	}
	return err
}

func (d *dependencies) botUser() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.user
}

func (d *dependencies) note(name string, err error) {
	next := Dependency{OK: err == nil, Detail: "reachable"}
	if err != nil {
		next.Detail = err.Error()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	last, known := d.state[name]
	next.Since = last.Since
	if !known || last.OK != next.OK {
		next.Since = time.Now().UTC()
		d.log(name, next, known)
	}
	d.state[name] = next
}

func (d *dependencies) log(name string, now Dependency, known bool) {
	switch {
	case !now.OK:
		d.house.log.Warn(name+" is away; deckhand goes on and tries again", "detail", now.Detail)
	case known:
		d.house.log.Info(name + " is back")
	}
}

func (d *dependencies) snapshot() map[string]Dependency {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string]Dependency{}
	for name, dependency := range d.state {
		out[name] = dependency
	}
	if d.house.socket != nil {
		ok, since, detail := d.house.socket.Health()
		out["socket"] = Dependency{ok, since, detail}
	}
	return out
}

func (d *dependencies) ready() bool {
	all := d.snapshot()
	for _, dependency := range all {
		if !dependency.OK {
			return false
		}
	}
	return len(all) > 1
}

// serve answers 200 where everything outside can be reached, and 503 with what cannot. That a newer configuration is in force is told and
// makes no 503: while processes are replaced one by one, the old ones go on working.
func (d *dependencies) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	ready := d.ready()
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	said := map[string]any{"ready": ready, "dependencies": d.snapshot()}
	if standing := d.house.configured.standing(); standing != nil {
		said["configuration"] = standing
	}
	_ = json.NewEncoder(w).Encode(said)
}
