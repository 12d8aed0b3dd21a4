package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/aws/sandbox"
)

// balancers play the load balancers of the pretend AWS on loopback: each listener has a port of its own at 127.0.0.1, told by a tag of its
// load balancer (demo:port-80=http://127.0.0.1:41234/), and answers there as long as a healthy target is behind it. Those for HTTPS and TLS
// have a certificate for the names that theirs in the pretend AWS has.
type balancers struct {
	world  *sandbox.World
	issuer *authority

	mu   sync.Mutex
	open map[door]*http.Server
	at   map[door]string // 127.0.0.1:PORT
	next atomic.Uint64   // takes turns among targets
}

// door is one listener of one load balancer.
type door struct {
	arn    string
	port   int
	secure bool
}

func secure(d sandbox.Door) bool { return d.Protocol == "HTTPS" || d.Protocol == "TLS" }

func newBalancers(world *sandbox.World, issuer *authority) *balancers {
	return &balancers{world: world, issuer: issuer, open: map[door]*http.Server{}, at: map[door]string{}}
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
			if slices.Contains([]string{"HTTP", "TCP", "HTTPS", "TLS"}, d.Protocol) {
				there = append(there, door{balancer.ARN, d.Port, secure(d)})
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
	mine := func(one sandbox.Balancer, other sandbox.Door) bool { return one.ARN == d.arn && other.Port == d.port }
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.answer(w, r, mine) }),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			_, found, _ := b.find(mine)
			return b.issuer.sign(found.Names...)
		}},
	}
	b.open[d], b.at[d] = server, listener.Addr().String()
	scheme, serve := "http", server.Serve
	if d.secure {
		scheme, serve = "https", func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	b.world.TagLoadBalancer(d.arn, fmt.Sprintf("demo:port-%d", d.port), scheme+"://"+b.at[d]+"/")
	go func() {
		if err := serve(wall{listener, func() bool { _, found, _ := b.find(mine); return closed(found) }}); !errors.Is(err, http.ErrServerClosed) {
			b.closeExcept(nil) // opened again at the next look
		}
	}()
	return nil
}

// wall is a listener that does what security groups do: while it is up, what comes is taken and never answered.
type wall struct {
	net.Listener
	up func() bool
}

// Accept answers the next connection that is let in.
func (w wall) Accept() (net.Conn, error) {
	for {
		c, err := w.Listener.Accept()
		if err != nil || !w.up() {
			return c, err
		}
		go func() {
			_ = c.SetReadDeadline(time.Now().Add(patience))
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}()
	}
}

// patience is how long somebody who is shut out is kept waiting. It is longer than any check waits.
const patience = time.Minute

// closed tells whether nobody gets in by a listener: its load balancer's groups, which somebody chose, shut everybody out. Where they are a VPC's own
// or of net up, loopback stands inside of them, and the answer says so.
func closed(d sandbox.Door) bool { return d.Shut && !d.Unasked }

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

// find answers the first listener that is meant.
func (b *balancers) find(meant func(sandbox.Balancer, sandbox.Door) bool) (sandbox.Balancer, sandbox.Door, bool) {
	for _, one := range b.world.LoadBalancers() {
		for _, d := range one.Doors {
			if meant(one, d) {
				return one, d, true
			}
		}
	}
	return sandbox.Balancer{}, sandbox.Door{}, false
}

// answer answers as a load balancer does: from one of its healthy targets, in turn, with 503 where there is no target that runs, and with 504 where none
// of them is healthy.
func (b *balancers) answer(w http.ResponseWriter, r *http.Request, mine func(sandbox.Balancer, sandbox.Door) bool) {
	one, d, there := b.find(mine)
	if !there {
		panic(http.ErrAbortHandler) // it is gone: the connection closes without an answer
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
			if at := b.at[door{one.ARN, d.Port, secure(d)}]; at != "" && fmt.Sprint(d.Port) == port {
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
// curl -H "Host: myapp.example.com" http://127.0.0.1:8080/ works, by the listener for HTTP where there is one (an API asks for that of its scheme); everything else goes on.
func (b *balancers) byName(otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := bareHost(r.Host)
		if !slices.ContainsFunc(b.world.LoadBalancers(), func(one sandbox.Balancer) bool { return isNameOf(one, host) }) {
			otherwise.ServeHTTP(w, r)
			return
		}
		named := func(one sandbox.Balancer, _ sandbox.Door) bool { return isNameOf(one, host) }
		asked := func(one sandbox.Balancer, d sandbox.Door) bool {
			return isNameOf(one, host) && secure(d) == (r.URL.Scheme == "https")
		}
		if _, _, there := b.find(asked); there {
			named = asked
		}
		if _, d, _ := b.find(named); closed(d) {
			select {
			case <-r.Context().Done():
			case <-time.After(patience):
			}
			panic(http.ErrAbortHandler)
		}
		b.answer(w, r, named)
	})
}
