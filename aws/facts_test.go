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
