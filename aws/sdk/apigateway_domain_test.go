package sdk_test

import (
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

// an API with the stage that answers, and the certificate that the pretend AWS has.
func staged(t *testing.T, c *sdk.Cloud) (api aws.API, certificate string) {
	t.Helper()
	api, err := c.CreateAPI(t.Context(), here, aws.API{Name: "myapi"})
	must(t, err)
	_, err = c.CreateAPIStage(t.Context(), here, api.ID, aws.APIStage{Name: "$default", AutoDeploy: true, Rate: 1, Burst: 1})
	must(t, err)
	all, err := c.Certificates(t.Context(), here)
	must(t, err)
	return api, all[0].ARN
}

func TestADomainNameOfAnAPI(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx, name := t.Context(), "api.example.com"
		a, certificate := staged(t, c)
		_, err := c.APIDomain(ctx, here, name)
		wantError(t, err, "not_found", "domain name")
		wanted := aws.APIDomain{Name: name, Certificate: certificate, Tags: map[string]string{"deckhand:request": "R-1"}}
		must(t, c.CreateAPIDomain(ctx, here, wanted))
		wantError(t, c.CreateAPIDomain(ctx, here, wanted), "failed", "already exists")
		var seen []string
		d, err := c.WaitForAPIDomain(ctx, here, name, func(d aws.APIDomain) { seen = append(seen, d.Status) })
		must(t, err)
		if d.Target == "" || d.TargetZone == "" || d.Certificate != certificate || d.Endpoint != "REGIONAL" || d.TLS != "TLS_1_2" || d.Tags["deckhand:request"] != "R-1" || seen[0] != "UPDATING" || d.Status != "AVAILABLE" {
			t.Errorf("%+v, seen as %q", d, seen)
		}
		must(t, c.CreateAPIMapping(ctx, here, name, aws.APIMapping{API: a.ID, Stage: "$default"}))
		wantError(t, c.CreateAPIMapping(ctx, here, name, aws.APIMapping{API: a.ID, Stage: "$default"}), "failed", "already exists")
		must(t, c.CreateAPIMapping(ctx, here, name, aws.APIMapping{API: a.ID, Stage: "$default", Key: "v1"}))
		mappings, err := c.APIMappings(ctx, here, name)
		must(t, err)
		if len(mappings) != 2 || mappings[0].API != a.ID || mappings[0].Key != "" || mappings[0].Stage != "$default" || mappings[1].Key != "v1" {
			t.Errorf("mappings %+v", mappings)
		}
		wantError(t, c.DeleteAPI(ctx, here, a.ID), "failed", "remove all API mappings")
		must(t, c.TagAPI(ctx, here, "domainnames/"+name, map[string]string{"deckhand:expires": "soon"}))
		all, err := c.APIDomains(ctx, here)
		must(t, err)
		if len(all) != 1 || all[0].Tags["deckhand:expires"] != "soon" || all[0].Tags["deckhand:request"] != "R-1" {
			t.Errorf("domain names %+v", all)
		}
		for range 2 {
			must(t, c.DeleteAPIMapping(ctx, here, name, mappings[0].ID))
			must(t, c.DeleteAPIDomain(ctx, here, name))
		}
		if left, err := c.APIMappings(ctx, here, name); err != nil || len(left) != 0 {
			t.Errorf("left %+v, %v", left, err)
		}
		must(t, c.DeleteAPI(ctx, here, a.ID))
	})
}

func TestADomainNameWaitsForItsTurn(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		_, certificate := staged(t, c)
		begun := time.Now()
		w.Fail("CreateDomainName", "TooManyRequestsException", 9)
		must(t, c.CreateAPIDomain(t.Context(), here, aws.APIDomain{Name: "api.example.com", Certificate: certificate}))
		w.Fail("CreateDomainName", "TooManyRequestsException", 1000)
		wantError(t, c.CreateAPIDomain(t.Context(), here, aws.APIDomain{Name: "other.example.com", Certificate: certificate}), "unavailable", "slow")
		if took := time.Since(begun); took < 2*time.Minute || took > 10*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestADomainNameWhoseAnswerIsLostMayBeAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		_, certificate := staged(t, c)
		w.LoseAnswer("CreateDomainName", 1)
		err := c.CreateAPIDomain(t.Context(), here, aws.APIDomain{Name: "api.example.com", Certificate: certificate})
		wantError(t, err, "uncertain", "may have been done")
		if safe, ok := err.(interface{ Again() bool }); !ok || !safe.Again() { //nolint:errorlint // the error itself
			t.Errorf("%v is not safe to ask for again", err)
		}
	})
}
