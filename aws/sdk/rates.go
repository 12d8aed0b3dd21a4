package sdk

import (
	"context"
	"strings"

	"deckhand/aws"
)

// hoursOfMonth is how AWS makes a price by the month one by the hour.
const hoursOfMonth = 730

// usageIs tells whether a usage type is a kind of usage in a region: with the region's own mark before it in all regions but the first,
// which has none. What has something more before it is something else, "TS-LoadBalancerUsage".
// Source: https://docs.aws.amazon.com/cur/latest/userguide/product-columns.html
func usageIs(kind, region string) func(string) bool {
	return func(usage string) bool {
		mark, found := strings.CutSuffix(usage, kind)
		if mark == "" || !found {
			return found && mark == "" && region == priceRegion
		}
		mark = strings.TrimSuffix(mark, "-")
		return region != priceRegion && mark+"-"+kind == usage && !strings.Contains(mark, "-")
	}
}

// NATPrice answers what a NAT gateway costs an hour, without its address and the traffic. What cannot be told for certain is an error.
func (c *Cloud) NATPrice(ctx context.Context, t aws.Target) (aws.Price, error) {
	return c.listed(ctx, t, "nat", func(ctx context.Context, client priceCalls, region string) (float64, error) {
		return askPrice(ctx, client, product{
			what: "a NAT gateway", service: "AmazonEC2", unit: hours,
			want:  map[string]string{"productFamily": "NAT Gateway", "regionCode": region, "operation": "NatGateway"},
			usage: func(usage string) bool { return strings.HasSuffix(usage, "NatGateway-Hours") },
		})
	})
}

// AddressPrice answers what a public IPv4 address costs an hour, whether something has it or not. What cannot be told for certain is an error.
// Source: https://docs.aws.amazon.com/vpc/latest/ipam/public-ip-insights.html
func (c *Cloud) AddressPrice(ctx context.Context, t aws.Target) (aws.Price, error) {
	return c.listed(ctx, t, "address", func(ctx context.Context, client priceCalls, region string) (float64, error) {
		return askPrice(ctx, client, product{
			what: "a public address", service: "AmazonVPC", unit: hours,
			want:  map[string]string{"group": "VPCPublicIPv4Address", "regionCode": region},
			usage: addressUsage(region),
		})
	})
}

// addressUsage tells the hours of an address that something has from those of idle ones and of blocks. Addresses came late, and carry
// the region's mark in the first region too.
func addressUsage(region string) func(string) bool {
	const kind = "PublicIPv4:InUseAddress"
	is := usageIs(kind, region)
	return func(usage string) bool { return is(usage) || region == priceRegion && usage == "USE1-"+kind }
}

// BalancerPrice answers what a load balancer of a kind, "application" or "network", costs an hour, without its capacity units, its
// addresses and the traffic. What cannot be told for certain is an error.
func (c *Cloud) BalancerPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error) {
	family, operation := "Load Balancer-Application", "LoadBalancing:Application"
	if kind == "network" {
		family, operation = "Load Balancer-Network", "LoadBalancing:Network"
	}
	return c.listed(ctx, t, "lb/"+kind, func(ctx context.Context, client priceCalls, region string) (float64, error) {
		return askPrice(ctx, client, product{
			what: "a load balancer", service: "AWSELB", unit: hours,
			want:  map[string]string{"productFamily": family, "regionCode": region, "operation": operation},
			usage: usageIs("LoadBalancerUsage", region),
		})
	})
}

// DiskPrice answers what each GiB of a volume of a type, "gp3", costs an hour, without what is paid for speed. What cannot be told for
// certain is an error.
func (c *Cloud) DiskPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error) {
	if kind == "" {
		return aws.Price{}, &Error{kind: kindNotFound, message: "AWS does not say which type of disk it is."}
	}
	return c.listed(ctx, t, "disk/"+kind, func(ctx context.Context, client priceCalls, region string) (float64, error) {
		usd, err := askPrice(ctx, client, product{
			what: "a disk of type " + kind, service: "AmazonEC2", unit: "GB-Mo",
			want: map[string]string{"productFamily": "Storage", "regionCode": region, "volumeApiName": kind},
		})
		return usd / hoursOfMonth, err
	})
}

// SnapshotPrice answers what each GiB that a snapshot holds costs an hour. What cannot be told for certain is an error.
// Source: https://aws.amazon.com/ebs/pricing/
func (c *Cloud) SnapshotPrice(ctx context.Context, t aws.Target) (aws.Price, error) {
	return c.listed(ctx, t, "snapshot", func(ctx context.Context, client priceCalls, region string) (float64, error) {
		usd, err := askPrice(ctx, client, product{
			what: "a snapshot", service: "AmazonEC2", unit: "GB-Mo",
			want:  map[string]string{"productFamily": "Storage Snapshot", "regionCode": region},
			usage: usageIs("EBS:SnapshotUsage", region),
		})
		return usd / hoursOfMonth, err
	})
}

// FunctionPrice answers what running a function on x86 costs, by the first tier and without the free one. What cannot be told for certain
// is an error.
// Source: https://aws.amazon.com/lambda/pricing/
func (c *Cloud) FunctionPrice(ctx context.Context, t aws.Target) (aws.FunctionPrice, error) {
	rate := func(group, usage string) (float64, error) {
		price, err := c.listed(ctx, t, "lambda/"+usage, func(ctx context.Context, client priceCalls, region string) (float64, error) {
			return askPrice(ctx, client, product{
				what: "a function", service: "AWSLambda", tier: true,
				want:  map[string]string{"group": group, "regionCode": region},
				usage: usageIs(usage, region),
			})
		})
		return price.USDPerHour, err // of a thing that is not paid by the hour: its rate
	}
	request, err := rate("AWS-Lambda-Requests", "Request")
	if err != nil {
		return aws.FunctionPrice{}, err
	}
	second, err := rate("AWS-Lambda-Duration", "Lambda-GB-Second")
	return aws.FunctionPrice{USDPerCall: request, USDPerGBSecond: second}, err
}
