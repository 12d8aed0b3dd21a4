package sdk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

func twoAccounts() sdk.Settings {
	return sdk.Settings{Accounts: []sdk.Account{
		{Name: "prod", RoleARN: "arn:aws:iam::999999999999:role/deckhand", Regions: []string{"eu-west-1", "eu-central-1"}},
		{Name: "test", RoleARN: "arn:aws:iam::888888888888:role/deckhand"},
	}}
}

func TestAccountsAreEnteredThroughTheirRoles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		c := cloudOn(t, w, twoAccounts())
		ids := launch(t, c, small("r-1"))
		list, err := c.Instances(t.Context(), aws.Target{Account: "test"}, aws.InstanceQuery{IDs: ids})
		if err != nil || len(list) != 0 {
			t.Errorf("another account sees %v, %v", list, err)
		}
		for range 3 {
			_, err = c.Instances(t.Context(), aws.Target{Account: "prod"}, aws.InstanceQuery{})
			must(t, err)
		}
		if n := count(w, "AssumeRole"); n != 2 {
			t.Errorf("entered %d times for two accounts", n)
		}
		w.Fail("AssumeRole", "AccessDenied", 1)
		_, err = c.Instances(t.Context(), aws.Target{Account: "test", Region: "us-west-2"}, aws.InstanceQuery{})
		wantError(t, err, "denied", "entry to the account", "sts:AssumeRole", "administrator")
	})
}

func TestUnknownAccountsAndRegions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		c := cloudOn(t, w, twoAccounts())
		for _, x := range []struct {
			target aws.Target
			kind   string
			words  []string
		}{
			{aws.Target{Account: "pord"}, "not_found", []string{`"pord"`, "prod, test"}},
			{aws.Target{Account: "prod", Region: "us-east-1"}, "denied", []string{"us-east-1", "eu-west-1, eu-central-1"}},
			{aws.Target{Region: "us-east"}, "usage", []string{`"us-east"`}},
		} {
			_, err := c.Instances(t.Context(), x.target, aws.InstanceQuery{})
			wantError(t, err, x.kind, x.words...)
		}
		if len(w.Calls()) != 0 {
			t.Errorf("AWS was asked: %v", w.Calls())
		}
	})
}

func TestAnEndpointHasTheRegionsOfItsOwnThatTheConfigurationNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		settings := twoAccounts()
		settings.EndpointURL, settings.Region, settings.Accounts[0].Regions = "http://127.0.0.1:1", "us-est-1", []string{"lab"}
		c := cloudOn(t, w, settings)
		_, err := c.Instances(t.Context(), aws.Target{Region: "us-esat-1"}, aws.InstanceQuery{})
		wantError(t, err, "usage", `"us-esat-1"`, "Did you mean us-east-1")
		if len(w.Calls()) != 0 {
			t.Errorf("AWS was asked: %v", w.Calls())
		}
		for _, own := range []aws.Target{{}, {Account: "prod"}} { // the sandbox does not have them, and is asked
			_, err := c.Instances(t.Context(), own, aws.InstanceQuery{})
			wantError(t, err, "unavailable", "could not be found")
		}
	})
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		c := cloudOn(t, w, twoAccounts())
		for target, want := range map[aws.Target]aws.Place{
			{}:                                     {AccountID: "123456789012", Region: "us-east-1"},
			{Region: "eu-north-1"}:                 {AccountID: "123456789012", Region: "eu-north-1"},
			{Account: "prod"}:                      {AccountID: "999999999999", AccountName: "prod", Region: "eu-west-1"},
			{Account: "test", Region: "us-west-2"}: {AccountID: "888888888888", AccountName: "test", Region: "us-west-2"},
			{Account: "nobody"}:                    {AccountName: "nobody"},
		} {
			if got := c.Place(t.Context(), target); got != want {
				t.Errorf("%+v is %+v, want %+v", target, got, want)
			}
		}
		if n := count(w, "GetCallerIdentity"); n != 1 {
			t.Errorf("STS was asked %d times", n)
		}
	})
}

func TestPlaceRestsAfterAFailureAndLearnsFromAnswers(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.Fail("GetCallerIdentity", "AccessDenied", 2)
		asked := func(want int) {
			t.Helper()
			if n := count(w, "GetCallerIdentity"); n != want {
				t.Errorf("STS was asked %d times, want %d", n, want)
			}
		}
		for range 3 {
			if p := c.Place(t.Context(), here); p.AccountID != "" || p.Region != "us-east-1" {
				t.Errorf("place %+v", p)
			}
		}
		asked(1)
		time.Sleep(61 * time.Second)
		c.Place(t.Context(), here)
		asked(2)
		launch(t, c, small("r-1"))
		if p := c.Place(t.Context(), here); p.AccountID != "123456789012" {
			t.Errorf("after a launch the place is %+v", p)
		}
		asked(2)
	})
}

func TestWithoutCredentialsCallsSaySo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Options{})
		c, err := sdk.New(t.Context(), sdk.Settings{
			Region: "us-east-1", Options: []func(*middleware.Stack) error{w.Option()},
			Credentials: awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) {
				return awssdk.Credentials{}, errors.New("no provider in the chain")
			}),
		})
		must(t, err)
		_, err = c.StopInstances(t.Context(), here, []string{"i-0123456789abcdef0"}, false, false)
		wantError(t, err, "denied", "no usable AWS credentials", "IAM role")
		if len(w.Calls()) != 0 {
			t.Errorf("AWS was asked: %v", w.Calls())
		}
	})
}
