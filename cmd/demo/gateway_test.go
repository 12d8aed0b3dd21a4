package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"deckhand/aws"
)

func TestAnAPIAnswersForRealAndRefusesThoseWhoCarryNoToken(t *testing.T) {
	t.Parallel()
	world, cloud := pretended(t)
	id := balanced(t, cloud)
	ctx, here := t.Context(), aws.Target{}
	api, err := cloud.CreateAPI(ctx, here, aws.API{Name: "myapi"})
	must(t, err)
	behind, err := cloud.CreateAPIIntegration(ctx, here, api.ID, aws.APIIntegration{Kind: "HTTP_PROXY", Target: "http://myapp.example.com/", Method: "ANY", Payload: "1.0"})
	must(t, err)
	guard, err := cloud.EnsureAPIAuthorizer(ctx, here, api.ID, aws.APIAuthorizer{Name: "jwt", Issuer: "https://issuer.example.com", Audience: []string{"x"}})
	must(t, err)
	for _, r := range []aws.APIRoute{{Key: "GET /"}, {Key: "GET /shut", Authorization: "JWT", AuthorizerID: guard.ID}} {
		r.IntegrationID = behind.ID
		_, err = cloud.CreateAPIRoute(ctx, here, api.ID, r)
		must(t, err)
	}
	_, err = cloud.CreateAPIStage(ctx, here, api.ID, aws.APIStage{Name: "$default", AutoDeploy: true})
	must(t, err)

	issuer, err := newAuthority()
	must(t, err)
	g := newGateways(world, newBalancers(world, issuer).byName(http.NotFoundHandler()), issuer)
	must(t, g.run(ctx))
	hosts := g.hosts(func(address string) string { return "next:" + address })
	name := strings.TrimPrefix(api.Endpoint, "https://")
	if hosts(name+":443") != g.at || hosts("example.com:443") != "next:example.com:443" || hosts(name+":80") != "next:"+name+":80" {
		t.Errorf("dialled at %s and %s", hosts(name+":443"), hosts("example.com:443"))
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: issuer.roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, hosts(address))
		},
	}}
	t.Cleanup(client.CloseIdleConnections)
	for path, want := range map[string]struct {
		status int
		body   string
	}{"/": {200, id}, "/shut": {401, "Unauthorized"}, "/nope": {404, "Not Found"}} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, api.Endpoint+path, nil)
		must(t, err)
		answer, err := client.Do(r)
		must(t, err)
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != want.status || !strings.Contains(string(body), want.body) {
			t.Errorf("%s answers %d %s", path, answer.StatusCode, body)
		}
	}
	page := httptest.NewServer(g.byName(http.NotFoundHandler()))
	t.Cleanup(page.Close)
	if code, body := open(t, page.URL, name); code != http.StatusOK || !strings.Contains(body, id) {
		t.Errorf("by its name on the demo's address it answers %d %s", code, body)
	}
	must(t, cloud.DeleteAPI(ctx, here, api.ID))
	if code, _ := open(t, page.URL, name); code != http.StatusNotFound {
		t.Errorf("deleted it answers %d", code)
	}
}
