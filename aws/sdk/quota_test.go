package sdk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestWhereATypeIsOffered(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		for name, want := range map[string]aws.Offering{
			"t3.micro":  {Zones: []string{"us-east-1a", "us-east-1b"}},
			"m3.large":  {Zones: []string{"us-east-1a"}},
			"t3.giant":  {Near: []string{"t3.2xlarge", "t3.large", "t3.medium", "t3.micro", "t3.nano"}},
			"m9i.large": {Near: []string{"m1.large", "m3.large", "m4.large", "m5.large", "m5a.large"}},
			"zz.zz":     {Near: []string{}},
		} {
			got, err := c.Offering(t.Context(), here, name)
			must(t, err)
			if !slices.Equal(got.Zones, want.Zones) || !slices.Equal(got.Near, want.Near) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
		for subnet, want := range map[string]string{"subnet-0123456789abcdef0": "us-east-1a", "main": "us-east-1a"} {
			if zone, err := c.SubnetZone(t.Context(), here, subnet); err != nil || zone != want {
				t.Errorf("%s: %s, %v", subnet, zone, err)
			}
		}
		_, err := c.SubnetZone(t.Context(), here, "subnet-0ffffffffffffffff")
		wantError(t, err, "not_found", "subnet-0ffffffffffffffff")
		w.Fail("DescribeInstanceTypeOfferings", "UnauthorizedOperation", 1)
		_, err = c.Offering(t.Context(), here, "t3.micro")
		wantError(t, err, "denied", "ec2:DescribeInstanceTypeOfferings")
	})
}

func TestVCPUsAreCountedUnderTheQuotaOfTheType(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LimitVCPUs(16)
		big := small("r-1")
		big.InstanceType = "m5.xlarge"
		launch(t, c, big)
		stopped := launch(t, c, small("r-2"))
		_, err := c.StopInstances(t.Context(), here, stopped, false, false)
		must(t, err)
		launch(t, c, small("r-3"))
		got, err := c.VCPUQuota(t.Context(), here, "c5.2xlarge")
		must(t, err)
		if got.Limit != 16 || got.Used != 6 || got.Each != 8 || got.Name == "" {
			t.Errorf("%+v", got)
		}
		huge := small("r-4")
		huge.InstanceType = "m5.4xlarge"
		_, err = c.LaunchInstances(t.Context(), here, huge)
		wantError(t, err, "failed", "vCPU")
		_, err = c.VCPUQuota(t.Context(), here, "p5.48xlarge")
		wantError(t, err, "usage", "p5.48xlarge") // the quota is AWS's default, and the pretend AWS has no such type
		_, err = c.VCPUQuota(t.Context(), here, "x2gd.large")
		wantError(t, err, "failed", "GetAWSDefaultServiceQuota")
		_, err = c.VCPUQuota(t.Context(), here, "mac2.metal")
		wantError(t, err, "not_found", "which quota")
		w.Fail("GetServiceQuota", "AccessDeniedException", 1)
		_, err = c.VCPUQuota(t.Context(), here, "t3.micro")
		wantError(t, err, "denied", "servicequotas:GetServiceQuota")
	})
}

func TestWhatATypeIs(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		got, err := c.InstanceTypes(t.Context(), here, []string{"t4g.micro", "m5.xlarge"})
		must(t, err)
		if len(got) != 2 || got[0].Architectures[0] != "arm64" || got[1].VCPUs != 4 || got[1].MemoryMiB != 8192 {
			t.Errorf("%+v", got)
		}
		_, err = c.InstanceTypes(t.Context(), here, []string{"t9.huge"})
		wantError(t, err, "usage", "t9.huge")
	})
}

func TestTheNewestImageIsWhatItsParameterHolds(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		id, err := c.ParameterImage(t.Context(), here, "/aws/service/debian/release/12/latest/amd64")
		must(t, err)
		image, err := c.Image(t.Context(), here, id)
		must(t, err)
		if image.Platform != "Linux/UNIX" || image.State != "available" || image.ID != id {
			t.Errorf("%+v", image)
		}
		_, err = c.ParameterImage(t.Context(), here, "/no/such")
		wantError(t, err, "not_found", "/no/such", "us-east-1")
		_, err = c.Image(t.Context(), here, "ami-0ffffffffffffffff")
		wantError(t, err, "not_found", "ami-0ffffffffffffffff")
		w.Fail("GetParameter", "AccessDeniedException", 1)
		_, err = c.ParameterImage(t.Context(), here, "/no/such")
		wantError(t, err, "denied", "ssm:GetParameter")
	})
}

func TestPricesAreAskedOnceADay(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		for range 3 {
			got, err := c.Price(t.Context(), here, "t3.micro", "Linux/UNIX")
			must(t, err)
			if got.USDPerHour != 0.0104 || got.System != "Linux" {
				t.Errorf("%+v", got)
			}
		}
		if n := count(w, "GetProducts"); n != 1 {
			t.Errorf("asked %d times", n)
		}
		for _, call := range w.Calls() {
			if call.Operation == "GetProducts" && call.Region != "us-east-1" {
				t.Errorf("asked in %s", call.Region)
			}
		}
		_, err := c.Price(t.Context(), here, "t3.micro", "Windows")
		wantError(t, err, "not_found", "no single price")
		_, err = c.Price(t.Context(), here, "t3.micro", "")
		wantError(t, err, "not_found", "operating system")
		for region, partition := range map[string]string{"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} { // nobody is asked
			before := count(w, "GetProducts")
			_, err = c.Price(t.Context(), aws.Target{Region: region}, "t3.micro", "Linux/UNIX")
			if wantError(t, err, "not_found", "answers nobody of "+region+", which is in the partition "+partition); count(w, "GetProducts") != before {
				t.Errorf("the price list was asked from %s", region)
			}
		}
		w.Fail("GetProducts", "AccessDeniedException", 1)
		for range 2 { // a refusal is not asked for again at once
			_, err = c.Price(t.Context(), here, "t3.large", "Linux/UNIX")
			wantError(t, err, "denied", "pricing:GetProducts")
		}
	})
}

func TestPricesOfWhatStandsAroundMachines(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			at := aws.Target{Region: region}
			for range 2 {
				balancer, err := c.BalancerPrice(t.Context(), at, "application")
				must(t, err)
				disk, err := c.DiskPrice(t.Context(), at, "gp3")
				must(t, err)
				nat, err := c.NATPrice(t.Context(), at)
				must(t, err)
				snapshot, err := c.SnapshotPrice(t.Context(), at)
				must(t, err)
				if int(snapshot.USDPerHour*730*1000+0.5) != 50 || balancer.USDPerHour != 0.0225 || disk.USDPerHour != 0.08/730 || nat.USDPerHour != 0.045 {
					t.Errorf("%s: %+v %+v %+v %+v", region, balancer, disk, nat, snapshot)
				}
			}
		}
		if n := count(w, "GetProducts"); n != 8 {
			t.Errorf("asked %d times", n)
		}
		_, err := c.DiskPrice(t.Context(), here, "")
		wantError(t, err, "not_found", "which type of disk")
		_, err = c.DiskPrice(t.Context(), here, "io9")
		wantError(t, err, "not_found", "no single price for a disk of type io9")
		_, err = c.BalancerPrice(t.Context(), aws.Target{Region: "ap-south-2"}, "network")
		wantError(t, err, "not_found", "no single price for a load balancer in ap-south-2")
	})
}

func TestHardwareOfItsOwnHasNoPriceOfSharedHardware(t *testing.T) {
	t.Parallel()
	for tenancy, unknown := range map[string]bool{"default": false, "dedicated": true, "host": true} {
		_, c := wired(t, map[string]http.HandlerFunc{"DescribeInstances": xml(`<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>
			<instanceType>t3.micro</instanceType><platformDetails>Linux/UNIX</platformDetails><placement><tenancy>` + tenancy + `</tenancy></placement></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`)})
		some, err := c.Instances(t.Context(), here, aws.InstanceQuery{})
		must(t, err)
		_, err = c.Price(t.Context(), here, some[0].Type, some[0].Platform)
		if err == nil || strings.Contains(err.Error(), "hardware of its own") != unknown { // nothing answers here for a price
			t.Errorf("%s: %v", tenancy, err)
		}
	}
}
