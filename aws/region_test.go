package aws

import (
	"strings"
	"testing"
)

func TestRegionsAreSpeltWithADirection(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-east-2 ap-south-1 ap-south-2 ap-southeast-1
		ap-southeast-7 ap-northeast-3 ca-central-1 ca-west-1 eu-central-2 eu-west-3 eu-south-2 eu-north-1 il-central-1 me-south-1 me-central-1 mx-central-1
		sa-east-1 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 us-gov-lunar-1 us-iso-east-1 us-isob-east-1 us-isof-south-1 eu-isoe-west-1 eusc-de-east-1 xx-southwest-12`) {
		if ok, near := IsRegion(name); !ok || near != "" {
			t.Errorf("%s is no region, near is %q", name, near)
		}
	}
	for name, want := range map[string]string{
		"us-est-1": "us-east-1", "us-eats-1": "us-east-1", "eu-wst-1": "eu-west-1", "eu-cetral-1": "eu-central-1", "ap-souteast-2": "ap-southeast-2",
		"us-gov-wes-1": "us-gov-west-1", "us-east": "", "us-east-1a": "", "us_east_1": "", "frankfurt": "", "": "", "US-EAST-1": "", "us-east-111": "",
		"us-west-2-lax-1": "", "local-1": "", "us--1": "", "-east-1": "", "us-east-": "", strings.Repeat("a", 40) + "-east-1": "",
	} {
		if ok, near := IsRegion(name); ok || near != want {
			t.Errorf("%q: %v, near is %q, want %q", name, ok, near, want)
		}
	}
}
