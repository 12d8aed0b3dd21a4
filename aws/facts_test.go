package aws

import "testing"

func TestARegionIsInOnePartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eusc-de-east-1": "aws-eusc",
	} {
		if got := (Place{Region: region}).Partition(); got != want {
			t.Errorf("%q is in %s, want %s", region, got, want)
		}
	}
}

func TestAServiceIsPlacedBeforeItsRollOutIsOver(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		why            string
		service        Service
		placed, steady bool
	}{
		{"rolled out", Service{Desired: 2, Running: 2, Deployments: []Deployment{{Primary: true, Rollout: "COMPLETED"}}}, true, true},
		{"still called in progress", Service{Desired: 2, Running: 2, Deployments: []Deployment{{Primary: true, Rollout: "IN_PROGRESS"}}}, true, false},
		{"failed", Service{Desired: 2, Running: 2, Deployments: []Deployment{{Primary: true, Rollout: "FAILED"}}}, false, false},
		{"too few", Service{Desired: 2, Running: 1, Deployments: []Deployment{{Primary: true, Rollout: "IN_PROGRESS"}}}, false, false},
		{"one starting", Service{Desired: 2, Running: 2, Pending: 1, Deployments: []Deployment{{Primary: true, Rollout: "IN_PROGRESS"}}}, false, false},
		{"an old one beside it", Service{Desired: 2, Running: 2, Deployments: []Deployment{{Primary: true, Rollout: "IN_PROGRESS"}, {}}}, false, false},
	} {
		if k.service.Placed() != k.placed || k.service.Steady() != k.steady {
			t.Errorf("%s: placed %v, steady %v", k.why, k.service.Placed(), k.service.Steady())
		}
	}
}
