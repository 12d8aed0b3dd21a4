package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// agrees is what a process says on /readyz of its configuration.
func (h *town) agrees() (ready, agrees, known bool) {
	status, body := h.get("/readyz")
	var said struct{ Configuration *struct{ Agrees bool } }
	if json.Unmarshal([]byte(body), &said) != nil || said.Configuration == nil {
		return false, false, false
	}
	return status == http.StatusOK, said.Configuration.Agrees, true
}

// watched is the names of the checks that a process knows of.
func (h *town) watched() string {
	_, body := h.get("/status.json")
	var said struct{ Checks []struct{ Name string } }
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		return err.Error()
	}
	var names []string
	for _, c := range said.Checks {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// once runs the program once and answers what it prints.
func (h *town) once(args ...string) string {
	h.t.Helper()
	command := exec.CommandContext(h.t.Context(), os.Args[0], append(args, "--config", h.config)...)
	command.Env = h.process.Env
	out, _ := command.CombinedOutput() // doctor answers 1 where something is not well
	return string(out)
}

func TestTheNewestConfigurationWinsAndNothingFlipsBack(t *testing.T) {
	t.Parallel()
	p := unconfigured(t)
	list := func(names ...string) string {
		var out strings.Builder
		out.WriteString("checks:\n")
		for _, name := range names {
			fmt.Fprintf(&out, "- {name: %s, url: %q, schedule: \"@every 5s\"}\n", name, p.app.URL+"/well/"+name)
		}
		return out.String()
	}
	older, newer := p.town, p.other
	older.configure(freeAddress(t), p.database, list("a", "b"))
	newer.configure(freeAddress(t), p.database, list("b", "c"))
	older.start()
	p.until("the first is in force", func() bool { return older.watched() == "a b" })
	newer.start()
	p.until("the newer is in force", func() bool { return older.watched() == "b c" })
	p.until("the older says so and goes on", func() bool { ready, agrees, known := older.agrees(); return known && ready && !agrees })
	p.until("the newer agrees", func() bool { _, agrees, known := newer.agrees(); return known && agrees })
	if said := older.once("doctor"); !strings.Contains(said, "are not those in force") || !strings.Contains(said, "serving with those: 1 process") {
		t.Errorf("doctor says %s", said)
	}
	older.kill()
	older.start()
	for begun := time.Now(); time.Since(begun) < 8*time.Second; <-time.After(100 * time.Millisecond) {
		if is := newer.watched(); is != "b c" {
			t.Fatalf("after the older was started anew there are %s", is)
		}
	}
	if _, agrees, known := older.agrees(); agrees || !known {
		t.Error("the older does not say that another configuration is in force")
	}
	newer.terminate()
	p.until("nobody has the newer any more", func() bool { _, agrees, _ := older.agrees(); return agrees && older.watched() == "a b" })
	p.within("the older looks at its own", func() bool { return older.here() == 2 })
}

func TestProcessesThatDecideByDifferentPoliciesNameEachOther(t *testing.T) {
	t.Parallel()
	p := unconfigured(t)
	one, other := p.town, p.other
	one.configure(freeAddress(t), p.database, "")
	other.configure(freeAddress(t), p.database, "alarm_channel: C1")
	one.start()
	other.start()
	for _, h := range []*town{one, other} {
		p.until("it knows of the other", func() bool { _, body := h.get("/readyz"); return strings.Contains(body, `"policy_agrees":false`) })
	}
	if said := one.once("doctor"); !strings.Contains(said, "is what others decide by: process ") {
		t.Errorf("doctor says %s", said)
	}
	other.kill()
	p.until("the other is gone", func() bool { _, body := one.get("/readyz"); return strings.Contains(body, `"policy_agrees":true`) })
}
