package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/aws/sandbox"
)

// balancers play the load balancers of the pretend AWS on loopback: each listener for HTTP or TCP has a port of its own at 127.0.0.1,
// told by a tag of its load balancer (demo:port-80=http://127.0.0.1:41234/), and answers there as long as a healthy target is behind it.
type balancers struct {
	world *sandbox.World

	mu   sync.Mutex
	open map[door]*http.Server
	at   map[door]string // 127.0.0.1:PORT
	next atomic.Uint64   // takes turns among targets
}

// door is one listener of one load balancer.
type door struct {
	arn  string
	port int
}

func newBalancers(world *sandbox.World) *balancers {
	return &balancers{world: world, open: map[door]*http.Server{}, at: map[door]string{}}
}

// look is how often the demo looks for load balancers that came or went; one is provisioning for longer than that.
const look = 100 * time.Millisecond

// run opens and closes ports until ctx is done.
func (b *balancers) run(ctx context.Context) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		b.sync(ctx)
		select {
		case <-ctx.Done():
			b.closeExcept(nil)
			return
		case <-ticker.C:
		}
	}
}

func (b *balancers) sync(ctx context.Context) {
	var there []door
	for _, balancer := range b.world.LoadBalancers() {
		for _, d := range balancer.Doors {
			if d.Protocol == "HTTP" || d.Protocol == "TCP" {
				there = append(there, door{balancer.ARN, d.Port})
			}
		}
	}
	b.closeExcept(there)
	for _, d := range there {
		if err := b.listen(ctx, d); err != nil {
			return // tried again at the next look
		}
	}
}

func (b *balancers) listen(ctx context.Context, d door) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[d] != nil {
		return nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.answer(w, r, func(one sandbox.Balancer, port int) bool { return one.ARN == d.arn && port == d.port })
	})}
	b.open[d], b.at[d] = server, listener.Addr().String()
	b.world.TagLoadBalancer(d.arn, fmt.Sprintf("demo:port-%d", d.port), "http://"+b.at[d]+"/")
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.closeExcept(nil) // opened again at the next look
		}
	}()
	return nil
}

func (b *balancers) closeExcept(there []door) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for d, server := range b.open {
		if !slices.Contains(there, d) {
			_ = server.Close()
			delete(b.open, d)
			delete(b.at, d)
		}
	}
}

// answer answers as a load balancer does: from one of its healthy targets, in turn, with 503 where there is no target that runs, and with 504 where none
// of them is healthy. Loopback stands inside its security groups, which shut nobody out here; where they would, the answer says so.
func (b *balancers) answer(w http.ResponseWriter, r *http.Request, mine func(sandbox.Balancer, int) bool) {
	for _, one := range b.world.LoadBalancers() {
		for _, d := range one.Doors {
			if !mine(one, d.Port) {
				continue
			}
			if d.Redirect != "" {
				host, _, err := net.SplitHostPort(r.Host)
				if err != nil {
					host = r.Host
				}
				http.Redirect(w, r, "https://"+net.JoinHostPort(host, d.Redirect)+r.URL.RequestURI(), http.StatusMovedPermanently)
				return
			}
			if d.Silent {
				http.Error(w, "504 Gateway Time-out: the targets behind "+one.Name+" do not answer.", http.StatusGatewayTimeout)
				return
			}
			if !one.Active || len(d.Healthy) == 0 {
				http.Error(w, "503 Service Temporarily Unavailable: no healthy target is behind "+one.Name+".", http.StatusServiceUnavailable)
				return
			}
			id := d.Healthy[b.next.Add(1)%uint64(len(d.Healthy))]
			_, _ = fmt.Fprintf(w, "Hello from %s, behind the load balancer %s.\n", id, one.Name)
			if d.Shut {
				_, _ = fmt.Fprintf(w, "Loopback counts as inside: the security groups of %s let nobody on the internet in at port %d.\n", one.Name, d.Port)
			}
			return
		}
	}
	panic(http.ErrAbortHandler) // it is gone: the connection closes without an answer
}

// hosts says where a name of a load balancer is dialled: at its port on loopback. Other addresses are as they were.
func (b *balancers) hosts(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	for _, one := range b.world.LoadBalancers() {
		if !isNameOf(one, host) {
			continue
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, d := range one.Doors {
			if at := b.at[door{one.ARN, d.Port}]; at != "" && fmt.Sprint(d.Port) == port {
				return at
			}
		}
		return "127.0.0.1:1" // no such listener: nothing answers there
	}
	return address
}

func isNameOf(one sandbox.Balancer, host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == one.DNSName || slices.Contains(one.Aliases, host)
}

// byName answers requests for the names of load balancers on the demo's own address, so that
// curl -H "Host: myapp.example.com" http://127.0.0.1:8080/ works; everything else goes on.
func (b *balancers) byName(otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if slices.ContainsFunc(b.world.LoadBalancers(), func(one sandbox.Balancer) bool { return isNameOf(one, host) }) {
			b.answer(w, r, func(one sandbox.Balancer, _ int) bool { return isNameOf(one, host) })
			return
		}
		otherwise.ServeHTTP(w, r)
	})
}
