package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// openDemo starts the demo on a port of its own and answers its address.
func openDemo(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	address := make(chan string, 1)
	var running sync.WaitGroup
	running.Go(func() {
		if err := run(ctx, flags{Listen: "127.0.0.1:0"}, func(a string) { address <- a }); err != nil {
			t.Error(err)
			close(address)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return <-address
}

// visitor is a person in front of the page.
type visitor struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // the browser is its context
}

func newVisitor(t *testing.T, address string) visitor {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium on this machine")
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	v := visitor{t, ctx}
	act(v, chromedp.EmulateViewport(1280, 860))
	v.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	act(v, chromedp.Navigate("http://"+address+"/"))
	return v
}

func act[T any](v visitor, action chromedp.Action[T]) T {
	v.t.Helper()
	value, err := chromedp.Run(v.ctx, action)
	if err != nil {
		v.t.Fatal(err)
	}
	return value
}

func (v visitor) types(line string) {
	v.t.Helper()
	act(v, chromedp.SendKeys("#line", line))
	v.clicks("#composer button", "Send")
}

// sees waits for words on the page.
func (v visitor) sees(words string) {
	v.t.Helper()
	act(v, chromedp.PollFunction[bool](
		`(words) => document.body.innerText.includes(words)`,
		chromedp.WithPollingArgs(words), chromedp.WithPollingTimeout(20*time.Second), chromedp.WithPollingInterval(50*time.Millisecond)))
}

// clicks the newest thing with this text.
func (v visitor) clicks(selector, words string) {
	v.t.Helper()
	act(v, chromedp.PollFunction[bool](
		`(selector, words) => { const all = [...document.querySelectorAll(selector)].filter((n) => n.innerText.includes(words)); if (!all.length) return false; all.at(-1).click(); return true }`,
		chromedp.WithPollingArgs(selector, words), chromedp.WithPollingTimeout(20*time.Second), chromedp.WithPollingInterval(50*time.Millisecond)))
}

// shoots writes a picture where the environment asks for pictures.
func (v visitor) shoots(name string) {
	v.t.Helper()
	dir := os.Getenv("DECKHAND_SCREENSHOTS")
	if dir == "" {
		return
	}
	act(v, chromedp.Evaluate[bool](`new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(() => ok(true))))`, chromedp.EvalAwaitPromise))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), act(v, chromedp.CaptureScreenshot()), 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// id answers the first instance id on the page.
func (v visitor) id() string {
	v.t.Helper()
	return act(v, chromedp.Evaluate[string](`document.body.innerText.match(/\bi-[0-9a-f]{17}/)[0]`))
}

func TestAVisitorMakesAndDestroysInstances(t *testing.T) {
	t.Parallel()
	address := openDemo(t)
	v := newVisitor(t, address)
	v.clicks("#hints button", "vm create")
	v.clicks("#composer button", "Send")
	v.sees("R-1 is taken")
	v.sees("2 instances running")
	v.types("/deckhand vm list")
	v.sees("2 instances, all running")
	v.shoots("demo")
	id := v.id()
	v.types("/deckhand vm terminate " + id)
	v.sees("R-2 waits for")
	v.clicks("#people button", "Bob")
	v.clicks("#messages button", "Approve")
	v.sees("What it removes is gone for good")
	v.shoots("demo-question")
	v.clicks("#question-yes", "Yes")
	v.sees("Terminated 1 instance")
	v.shoots("demo-approved")
	v.clicks("#people button", "Eve")
	v.types("/deckhand vm list")
	v.sees("Not allowed, nothing was done")
	v.clicks("#people button", "Alice")
	v.types("/deckhand help vm create")
	v.sees("--security-group-ids")
	v.shoots("demo-help")
	v.types("/deckhand check add --name web --url http://" + address + "/instances/web/ --schedule \"@every 1s\" --fail-after 2")
	v.sees("Watching web")
	v.types("/deckhand vm stop " + "web")
	v.sees("web is down")
	v.shoots("demo-check")
	act(v, chromedp.EmulateViewport(390, 844))
	v.shoots("demo-narrow")
}

func TestTheDemoOnlyListensOnLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:80", "nonsense"} {
		if l, err := listen(address); err == nil {
			_ = l.Close()
			t.Errorf("it listens on %s", address)
		} else if !strings.Contains(err.Error(), "loopback") && !strings.Contains(err.Error(), "HOST:PORT") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
