package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"deckhand/aws/sandbox"
)

// gateways answer for the endpoints of the pretend AWS's APIs, over TLS on a port of 127.0.0.1, with certificates that only this demo trusts.
type gateways struct {
	world *sandbox.World
	// behind answers for what an integration's URL names, where that is a load balancer of the pretend AWS.
	behind http.Handler
	issuer *authority
	at     string
}

func newGateways(world *sandbox.World, behind http.Handler, issuer *authority) *gateways {
	return &gateways{world: world, behind: behind, issuer: issuer}
}

// run answers until ctx is done.
func (g *gateways) run(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g.at = listener.Addr().String()
	server := &http.Server{
		ReadHeaderTimeout: readTime, Handler: g,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: g.certificate},
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return nil
}

// certificate signs one for the name that is asked for, where an API has it.
func (g *gateways) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !g.world.HasAPI(hello.ServerName) {
		return nil, errors.New("no API has this name")
	}
	return g.issuer.sign(hello.ServerName)
}

// hosts says where an API's name is dialled; other addresses go on to next.
func (g *gateways) hosts(next func(string) string) func(string) string {
	return func(address string) string {
		if host, port, err := net.SplitHostPort(address); err == nil && port == "443" && g.world.HasAPI(host) {
			return g.at
		}
		return next(address)
	}
}

// byName answers requests for an API's name on the demo's own address; everything else goes on.
func (g *gateways) byName(otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.world.HasAPI(bareHost(r.Host)) {
			g.ServeHTTP(w, r)
			return
		}
		otherwise.ServeHTTP(w, r)
	})
}

func bareHost(host string) string {
	if bare, _, err := net.SplitHostPort(host); err == nil {
		return bare
	}
	return host
}

// ServeHTTP answers as the API does.
func (g *gateways) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := g.world.CallAPI(bareHost(r.Host), r.Method, r.URL.Path)
	if answer.Forward != "" {
		answer = g.forward(r, answer.Forward)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.Status)
	_, _ = w.Write([]byte(answer.Body))
}

// forward asks what stands behind the API. The demo reaches nothing but its own load balancers.
func (g *gateways) forward(r *http.Request, address string) (answer sandbox.APIAnswer) {
	to, err := url.Parse(address)
	if err != nil {
		return unavailable()
	}
	asked := r.Clone(r.Context())
	asked.Host, asked.URL = to.Host, &url.URL{Scheme: to.Scheme, Path: to.Path}
	heard := kept{status: http.StatusOK, header: http.Header{}}
	defer func() {
		if recover() != nil { // the load balancer closed the connection
			answer = unavailable()
		}
	}()
	g.behind.ServeHTTP(&heard, asked)
	return sandbox.APIAnswer{Status: heard.status, Body: heard.body.String()}
}

func unavailable() sandbox.APIAnswer {
	return sandbox.APIAnswer{Status: http.StatusServiceUnavailable, Body: `{"message":"Service Unavailable"}`}
}

// kept is an answer that is handed on.
type kept struct {
	status int
	header http.Header
	body   strings.Builder
}

// Header is not handed on.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader keeps the status.
func (k *kept) WriteHeader(status int) { k.status = status }

// Write keeps the body.
func (k *kept) Write(part []byte) (int, error) { return k.body.Write(part) }
