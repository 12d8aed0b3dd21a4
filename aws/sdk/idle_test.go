package sdk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
)

func TestWhatIsAttachedToNothing(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		client := ec2.NewFromConfig(awssdk.Config{Region: "us-east-1", Credentials: w.Credentials(), APIOptions: []func(*middleware.Stack) error{w.Option()}})
		_, err := client.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{})
		must(t, err)
		volumes, err := c.LooseVolumes(t.Context(), here)
		must(t, err)
		if len(volumes) != 1 || volumes[0].Name != "old-data" || volumes[0].GiB != 20 || volumes[0].Type != "gp3" || volumes[0].CreatedAt.IsZero() {
			t.Errorf("%+v", volumes)
		}
		addresses, err := c.LooseAddresses(t.Context(), here)
		must(t, err)
		if len(addresses) != 1 || addresses[0].ID == "" || addresses[0].IP == "" {
			t.Errorf("%+v", addresses)
		}
		id := launch(t, c, small("r-1"))[0]
		if gib, err := c.DiskSize(t.Context(), here, id); err != nil || gib != 8 {
			t.Errorf("its root volume has %d GiB, %v", gib, err)
		}
		if volumes, err = c.LooseVolumes(t.Context(), here); err != nil || len(volumes) != 1 {
			t.Errorf("a volume in use is loose: %+v, %v", volumes, err)
		}
		_, err = c.TerminateInstances(t.Context(), here, []string{id}, false)
		must(t, err)
		_, err = c.WaitForState(t.Context(), here, []string{id}, aws.Terminated, nil)
		must(t, err)
		if gib, err := c.DiskSize(t.Context(), here, id); err != nil || gib != 0 {
			t.Errorf("its root volume outlives it with %d GiB, %v", gib, err)
		}
		_, err = c.LooseVolumes(t.Context(), aws.Target{Region: "us-nowhere-1"})
		wantError(t, err, "unavailable", "ec2.us-nowhere-1.amazonaws.com, could not be found")
		elsewhere, err := c.LooseVolumes(t.Context(), aws.Target{Region: "eu-west-1"})
		if err != nil || len(elsewhere) != 0 {
			t.Errorf("%+v, %v", elsewhere, err)
		}
		w.Fail("DescribeVolumes", "UnauthorizedOperation", 1)
		_, err = c.LooseVolumes(t.Context(), here)
		wantError(t, err, "denied", "ec2:DescribeVolumes")
	})
}

func TestWhatTheAccountCost(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		today := time.Now().UTC().Truncate(24 * time.Hour)
		got, err := c.Spending(t.Context(), here, today.AddDate(0, 0, -2), today, "")
		must(t, err)
		if len(got) != 8 || got[0].Service != "Amazon Elastic Compute Cloud - Compute" || got[0].Amount != 4.8 || got[0].Unit != "USD" ||
			!got[0].Day.Equal(today.AddDate(0, 0, -2)) || !got[7].Estimated {
			t.Errorf("%+v", got)
		}
		w.Fail("GetCostAndUsage", "AccessDeniedException", 1)
		_, err = c.Spending(t.Context(), here, today.AddDate(0, 0, -2), today, "")
		wantError(t, err, "denied", "ce:GetCostAndUsage")
	})
}

func TestSpendingByTag(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		today := time.Now().UTC().Truncate(24 * time.Hour)
		for tag, want := range map[string]string{"deckhand:owner": "U_ALICE,U_BOB,", "deckhand:app": ""} {
			got, err := c.Spending(t.Context(), here, today.AddDate(0, 0, -1), today, tag)
			must(t, err)
			var values []string
			for _, s := range got {
				values = append(values, s.Service)
			}
			if strings.Join(values, ",") != want {
				t.Errorf("%s: %q", tag, values)
			}
		}
	})
}

// Cost Explorer says that it is not switched on by the code of a right that lacks.
func TestCostExplorerThatIsNotSwitchedOnLacksNoRight(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"AccessDeniedException","message":"User not enabled for cost explorer access"}`)
	}))
	defer server.Close()
	_, err := cloudAt(t, server.URL).Spending(t.Context(), here, time.Now(), time.Now(), "")
	if e := wantError(t, err, "denied", "not enabled"); strings.Contains(e.Hint(), "ce:") || !strings.Contains(e.Hint(), "Billing console") {
		t.Error(e.Hint())
	}
}
