package sdk_test

import (
	"context"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestServicesOfAllClusters(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		for n := range 12 { // more than AWS describes at once
			w.AddService("many", "s"+string(rune('a'+n)), 1)
		}
		all, err := c.Services(t.Context(), here, "")
		must(t, err)
		if len(all) != 13 || all[0].Cluster != "demo" || all[0].Name != "shop" || all[0].Desired != 2 || !all[0].Steady() || all[0].TaskDefinition != "shop:7" {
			t.Errorf("%d services, the first is %+v", len(all), all[0])
		}
		_, err = c.Services(t.Context(), here, "none")
		wantError(t, err, "not_found", `"none"`, "ecs list")
		none, err := c.Services(t.Context(), aws.Target{Region: "eu-west-1"}, "")
		if err != nil || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
	})
}

func TestAServiceIsScaledAndRedeployed(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		all, err := c.Services(t.Context(), here, "demo")
		must(t, err)
		shop := all[0]
		w.LoseAnswer("UpdateService", 1) // a count may be set again
		taken, err := c.ChangeService(t.Context(), here, shop, aws.ServiceChange{Count: 5})
		must(t, err)
		looks := 0
		now, err := c.WaitForService(t.Context(), here, taken, taken, func(aws.Service) { looks++ })
		must(t, err)
		if now.Running != 5 || looks == 0 || count(w, "UpdateService") != 2 || len(now.Events) == 0 {
			t.Errorf("%+v after %d looks", now, looks)
		}
		taken, err = c.ChangeService(t.Context(), here, shop, aws.ServiceChange{Redeploy: true})
		must(t, err)
		if taken.Steady() || taken.Primary().ID == shop.Primary().ID || len(taken.Deployments) != 2 {
			t.Errorf("%+v", taken)
		}
		now, err = c.WaitForService(t.Context(), here, taken, taken, func(aws.Service) {})
		if err != nil || !now.Steady() || now.Desired != 5 {
			t.Errorf("%+v, %v", now, err)
		}
		w.LoseAnswer("UpdateService", 1)
		_, err = c.ChangeService(t.Context(), here, shop, aws.ServiceChange{Redeploy: true})
		wantError(t, err, "uncertain")
		if n := count(w, "UpdateService"); n != 4 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestADeploymentThatFailsEndsTheWait(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		all, err := c.Services(t.Context(), here, "demo")
		must(t, err)
		w.BreakService("shop")
		taken, err := c.ChangeService(t.Context(), here, all[0], aws.ServiceChange{Redeploy: true})
		must(t, err)
		_, err = c.WaitForService(t.Context(), here, taken, taken, func(aws.Service) {})
		wantError(t, err, "failed", "circuit breaker", "ecs show shop")
	})
}

func TestALookFromBeforeTheChangeDoesNotEndTheWait(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		all, err := c.Services(t.Context(), here, "demo")
		must(t, err)
		for _, taken := range []aws.Service{
			{Desired: 2, Deployments: []aws.Deployment{{ID: "another", Primary: true}}}, // a deployment that does not show yet
			{Desired: 3, Deployments: all[0].Deployments},                               // a count that does not
		} {
			brief, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = c.WaitForService(brief, here, all[0], taken, func(s aws.Service) { t.Errorf("told of %+v", s) })
			wantError(t, err, "failed", "not steady yet")
		}
		_, err = c.WaitForService(t.Context(), here, all[0], all[0], func(aws.Service) {})
		must(t, err)
	})
}
