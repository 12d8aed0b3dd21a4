package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"deckhand/aws/sandbox"
)

// gateways answer for the endpoints of the pretend AWS's APIs, over TLS on a port of 127.0.0.1, with certificates that only this demo trusts.
type gateways struct {
	world *sandbox.World
	// behind answers for what an integration's URL names, where that is a load balancer of the pretend AWS.
	behind http.Handler
	roots  *x509.CertPool
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey
	at     string
}

const certificateLife = 30 * 24 * time.Hour

// newGateways makes the authority that signs the certificates.
func newGateways(world *sandbox.World, behind http.Handler) (*gateways, error) {
	g := &gateways{world: world, behind: behind}
	var err error
	if g.roots, err = x509.SystemCertPool(); err != nil {
		g.roots = x509.NewCertPool()
	}
	if g.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "deckhand demo"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateLife),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &g.key.PublicKey, g.key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	if g.ca, err = x509.ParseCertificate(raw); err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	g.roots.AddCert(g.ca)
	return g, nil
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
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{hello.ServerName}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateLife),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, g.ca, &g.key.PublicKey, g.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: g.key}, nil
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
func (g *gateways) forward(r *http.Request, address string) sandbox.APIAnswer {
	to, err := url.Parse(address)
	if err != nil {
		return sandbox.APIAnswer{Status: http.StatusServiceUnavailable, Body: `{"message":"Service Unavailable"}`}
	}
	asked := r.Clone(r.Context())
	asked.Host, asked.URL = to.Host, &url.URL{Path: to.Path}
	heard := kept{status: http.StatusOK, header: http.Header{}}
	g.behind.ServeHTTP(&heard, asked)
	return sandbox.APIAnswer{Status: heard.status, Body: heard.body.String()}
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
