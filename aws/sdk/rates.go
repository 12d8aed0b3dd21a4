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

// FunctionPrice answers what running a function on x86 costs. What cannot be told for certain is an error.
func (c *Cloud) FunctionPrice(ctx context.Context, t aws.Target) (aws.FunctionPrice, error) {
	request, err := c.UsePrice(ctx, t, "request")
	if err != nil {
		return aws.FunctionPrice{}, err
	}
	second, err := c.UsePrice(ctx, t, "GB-second")
	return aws.FunctionPrice{USDPerCall: request, USDPerGBSecond: second}, err
}

// UsePrice answers what one unit of something costs that is paid for by its use, by the first tier and without a free one: "request" and
// "GB-second" of a function ("request arm64" and "GB-second arm64" there), "api request" of an HTTP API, "write" and "read" of a table on
// demand. What cannot be told for certain is an error.
// Sources: https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/api-gateway/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/
func (c *Cloud) UsePrice(ctx context.Context, t aws.Target, of string) (float64, error) {
	known := map[string][3]string{
		"request": {"AWSLambda", "AWS-Lambda-Requests", "Request"}, "GB-second": {"AWSLambda", "AWS-Lambda-Duration", "Lambda-GB-Second"},
		"request arm64": {"AWSLambda", "AWS-Lambda-Requests-ARM", "Request-ARM"}, "GB-second arm64": {"AWSLambda", "AWS-Lambda-Duration-ARM", "Lambda-GB-Second-ARM"},
		"api request": {"AmazonApiGateway", "", "ApiGatewayHttpRequest"},
		"write":       {"AmazonDynamoDB", "DDB-WriteUnits", "WriteRequestUnits"}, "read": {"AmazonDynamoDB", "DDB-ReadUnits", "ReadRequestUnits"},
	}
	price, err := c.listed(ctx, t, "use/"+of, func(ctx context.Context, client priceCalls, region string) (float64, error) {
		p := product{what: "it (" + of + ")", service: known[of][0], tier: true, want: map[string]string{"regionCode": region}}
		if group := known[of][1]; group != "" {
			p.want["group"] = group
		}
		is := usageIs(known[of][2], region) // API Gateway writes the region's mark in the first region too
		p.usage = func(usage string) bool { return is(usage) || region == priceRegion && usage == "USE1-"+known[of][2] }
		return askPrice(ctx, client, p)
	})
	return price.USDPerHour, err // of a thing that is not paid by the hour: its rate
}
