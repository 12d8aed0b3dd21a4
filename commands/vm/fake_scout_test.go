package vm

import (
	"context"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// market is what the fake EC2 has room for, and at which price.
type market struct {
	zones  []string // where every type is offered; none: nowhere
	near   []string
	limit  int
	used   int
	hourly float64
}

func newMarket() market {
	return market{zones: []string{"us-east-1a", "us-east-1b"}, limit: 32, used: 8, hourly: 0.0104}
}

func (f *fakeCloud) ParameterImage(_ context.Context, _ aws.Target, parameter string) (string, error) {
	if err := f.refuse["GetParameter"]; err != nil {
		return "", err
	}
	f.published++
	switch {
	case strings.Contains(parameter, "debian"):
		return "", &commands.Error{Kind: commands.NotFound, Message: "Systems Manager has no parameter " + parameter + "."}
	case strings.Contains(parameter, "arm64"):
		return "ami-00000000000000a64", nil
	case f.published > 1:
		return "ami-00000000000000002", nil // a newer one came out meanwhile
	default:
		return "ami-00000000000000001", nil
	}
}

func (f *fakeCloud) Image(_ context.Context, _ aws.Target, id string) (aws.Image, error) {
	return aws.Image{ID: id, Name: f.imageName, Platform: "Linux/UNIX", State: "available", Architecture: f.processor}, f.refuse["DescribeImages"]
}

func (f *fakeCloud) InstanceTypes(_ context.Context, _ aws.Target, names []string) ([]aws.InstanceType, error) {
	var out []aws.InstanceType
	for _, name := range names {
		kind := aws.InstanceType{Name: name, Architectures: []string{"x86_64"}, VCPUs: 2}
		if strings.HasPrefix(name, "t2.") {
			kind.Architectures = []string{"i386", "x86_64"}
		}
		if strings.HasPrefix(name, "t4g.") {
			kind.Architectures = []string{"arm64"}
		}
		out = append(out, kind)
	}
	return out, f.refuse["DescribeInstanceTypes"]
}

func (f *fakeCloud) Offering(context.Context, aws.Target, string) (aws.Offering, error) {
	return aws.Offering{Zones: f.market.zones, Near: f.market.near}, f.refuse["DescribeInstanceTypeOfferings"]
}

func (f *fakeCloud) SubnetZone(_ context.Context, _ aws.Target, subnet string) (string, error) {
	if subnet == "far" {
		return "us-east-1f", nil
	}
	return "us-east-1a", f.refuse["DescribeSubnets"]
}

func (f *fakeCloud) VCPUQuota(context.Context, aws.Target, string) (aws.VCPUQuota, error) {
	q := aws.VCPUQuota{Name: "Running On-Demand Standard instances", Limit: f.market.limit, Used: f.market.used, Each: 2}
	return q, f.refuse["GetServiceQuota"]
}

func (f *fakeCloud) Price(_ context.Context, _ aws.Target, _, platform string) (aws.Price, error) {
	if platform != "Linux/UNIX" {
		return aws.Price{}, &commands.Error{Kind: commands.NotFound, Message: "AWS does not say which operating system is to be paid for."}
	}
	return aws.Price{USDPerHour: f.market.hourly, System: "Linux"}, f.refuse["GetProducts"]
}

func (f *fakeCloud) SnapshotPrice(context.Context, aws.Target) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.05 / 730}, f.refuse["SnapshotPrice"]
}

func (f *fakeCloud) DiskPrice(context.Context, aws.Target, string) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.0001}, f.refuse["DiskPrice"]
}

func (f *fakeCloud) DiskSize(context.Context, aws.Target, string) (int, error) {
	return 8, f.refuse["DiskSize"]
}
