package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	pricetypes "github.com/aws/aws-sdk-go-v2/service/pricing/types"
)

func addPricing(table map[string]operation) { table["Pricing.GetProducts"] = on(getProducts) }

// getProducts answers one product for a type that exists, at a pretend price: 0.0104 dollars an hour for a micro, and twice as much for each larger size. Others,
// such as Windows, are not on the list.
func getProducts(_ *region, in *pricing.GetProductsInput) (*pricing.GetProductsOutput, error) {
	if *in.ServiceCode == "AWSELB" {
		return balancerProducts(in.Filters)
	}
	if *in.ServiceCode == "AmazonVPC" {
		mark := "USE1-" // of usage in a region, for addresses in us-east-1 too; the sandbox has one for all others
		if region := filtered(in.Filters, "regionCode"); region != "us-east-1" {
			mark = "USW2-"
		}
		return products(
			listed{"", "Hrs", "0.0050000000", map[string]string{"group": "VPCPublicIPv4Address", "usagetype": mark + "PublicIPv4:InUseAddress"}},
			listed{"", "Hrs", "0.0060000000", map[string]string{"group": "VPCPublicIPv4Address", "usagetype": mark + "PublicIPv4:IdleAddress"}},
		)
	}
	if *in.ServiceCode == "AWSLambda" {
		return functionProducts(in.Filters)
	}
	if *in.ServiceCode == "AmazonApiGateway" {
		return products(
			listed{"API Calls", "Requests", "0.0000010000", map[string]string{"usagetype": "USE1-ApiGatewayHttpRequest"}},
			listed{"API Calls", "Requests", "0.0000035000", map[string]string{"usagetype": "USE1-ApiGatewayRequest"}},
		)
	}
	if *in.ServiceCode == "AmazonDynamoDB" {
		return products(
			listed{"Amazon DynamoDB PayPerRequest Throughput", "WriteRequestUnits", "0.0000006250", map[string]string{"group": "DDB-WriteUnits", "usagetype": "WriteRequestUnits"}},
			listed{"Amazon DynamoDB PayPerRequest Throughput", "ReadRequestUnits", "0.0000001250", map[string]string{"group": "DDB-ReadUnits", "usagetype": "ReadRequestUnits"}},
		)
	}
	if *in.ServiceCode != "AmazonEC2" {
		return nil, refuse("InvalidParameterException", "The service code "+*in.ServiceCode+" is not on the sandbox's list.")
	}
	if slices.ContainsFunc(in.Filters, func(f pricetypes.Filter) bool { return *f.Value == "NAT Gateway" }) {
		return natProducts()
	}
	if disk := filtered(in.Filters, "volumeApiName"); disk != "" {
		return diskProducts(disk)
	}
	if filtered(in.Filters, "productFamily") == "Storage Snapshot" {
		mark := ""
		if filtered(in.Filters, "regionCode") != "us-east-1" {
			mark = "USW2-"
		}
		return products(
			listed{"Storage Snapshot", "GB-Mo", "0.0500000000", map[string]string{"usagetype": mark + "EBS:SnapshotUsage"}},
			listed{"Storage Snapshot", "GB-Mo", "0.0125000000", map[string]string{"usagetype": mark + "EBS:SnapshotArchiveStorage"}},
		)
	}
	have := map[string]string{
		"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used", "licenseModel": "No License required",
	}
	for _, f := range in.Filters {
		switch field := *f.Field; {
		case have[field] == "":
			have[field] = *f.Value
		case have[field] != *f.Value:
			return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}, nil
		}
	}
	name := have["instanceType"]
	if _, known := architectureOf(name); !known {
		return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}, nil
	}
	sku := strings.ToUpper(strings.TrimPrefix(derivedID("", name), "-"))[:16]
	raw, err := json.Marshal(map[string]any{
		"product": map[string]any{"productFamily": "Compute Instance", "sku": sku, "attributes": have},
		"terms": map[string]any{"OnDemand": map[string]any{sku + ".JRTCKXETXF": map[string]any{"priceDimensions": map[string]any{
			sku + ".JRTCKXETXF.6YS6EN2CT7": map[string]any{
				"unit": "Hrs", "pricePerUnit": map[string]string{"USD": fmt.Sprintf("%.10f", hourly(name))},
			},
		}}}},
	})
	return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1"), PriceList: []string{string(raw)}}, err
}

// hourly is the price of a type that exists, in dollars.
func hourly(name string) float64 {
	_, size, _ := strings.Cut(name, ".")
	switch size {
	case "nano":
		return 0.0052
	case "micro":
		return 0.0104
	case "small":
		return 0.0208
	case "medium":
		return 0.0416
	default:
		return 0.0416 * float64(vcpusOf(name))
	}
}

// listed is one product of the list, with a pretend price.
type listed struct {
	family, unit, price string
	attributes          map[string]string
}

func products(some ...listed) (*pricing.GetProductsOutput, error) {
	out := &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}
	for _, p := range some {
		sku := p.attributes["usagetype"]
		raw, err := json.Marshal(map[string]any{
			"product": map[string]any{"productFamily": p.family, "sku": sku, "attributes": p.attributes},
			"terms": map[string]any{"OnDemand": map[string]any{sku: map[string]any{"priceDimensions": map[string]any{
				sku: map[string]any{"unit": p.unit, "beginRange": "0", "pricePerUnit": map[string]string{"USD": p.price}},
			}}}},
		})
		if err != nil {
			return nil, err
		}
		out.PriceList = append(out.PriceList, string(raw))
	}
	return out, nil
}

func filtered(filters []pricetypes.Filter, field string) string {
	for _, f := range filters {
		if *f.Field == field {
			return *f.Value
		}
	}
	return ""
}

// natProducts answers the hours and the traffic of a NAT gateway.
func natProducts() (*pricing.GetProductsOutput, error) {
	of := func(usage string) map[string]string {
		return map[string]string{"usagetype": usage, "operation": "NatGateway"}
	}
	return products(listed{"NAT Gateway", "Hrs", "0.0450000000", of("NatGateway-Hours")}, listed{"NAT Gateway", "GB", "0.0450000000", of("NatGateway-Bytes")})
}

// balancerProducts answers the hours and the capacity of a load balancer, and what AWS has beside them on its list.
func balancerProducts(filters []pricetypes.Filter) (*pricing.GetProductsOutput, error) {
	mark := map[string]string{"us-east-1": "", "us-east-2": "USE2-", "us-west-2": "USW2-", "eu-west-1": "EU-", "eu-central-1": "EUC1-"}
	before, known := mark[filtered(filters, "regionCode")]
	if !known {
		return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}, nil
	}
	of := func(usage string) map[string]string {
		return map[string]string{"usagetype": before + usage, "operation": filtered(filters, "operation"), "regionCode": filtered(filters, "regionCode")}
	}
	family := filtered(filters, "productFamily")
	return products(
		listed{family, "Hrs", "0.0225000000", of("LoadBalancerUsage")}, listed{family, "LCU-Hrs", "0.0080000000", of("LCUUsage")},
		listed{family, "Hrs", "0.0056000000", of("TS-LoadBalancerUsage")},
	)
}

// functionProducts answers what running a function costs: AWS writes no mark of the region for us-east-1, and the sandbox one for all others.
func functionProducts(filters []pricetypes.Filter) (*pricing.GetProductsOutput, error) {
	mark := ""
	if region := filtered(filters, "regionCode"); region != "us-east-1" {
		mark = strings.ToUpper(strings.ReplaceAll(region, "-", "")) + "-"
	}
	of := func(group, usage string) map[string]string {
		return map[string]string{"group": group, "usagetype": mark + usage, "regionCode": filtered(filters, "regionCode")}
	}
	if filtered(filters, "group") == "AWS-Lambda-Requests" {
		return products(listed{"Serverless", "Requests", "0.0000002000", of("AWS-Lambda-Requests", "Request")})
	}
	return products(
		listed{"Serverless", "Lambda-GB-Second", "0.0000166667", of("AWS-Lambda-Duration", "Lambda-GB-Second")},
		listed{"Serverless", "Lambda-GB-Second", "0.0000133334", of("AWS-Lambda-Duration", "Lambda-GB-Second-ARM")},
	)
}

// diskProducts answers the size of a volume of a type by the month.
func diskProducts(kind string) (*pricing.GetProductsOutput, error) {
	price := map[string]string{"gp2": "0.1000000000", "gp3": "0.0800000000", "io1": "0.1250000000", "st1": "0.0450000000"}[kind]
	if price == "" {
		return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}, nil
	}
	return products(listed{"Storage", "GB-Mo", price, map[string]string{"usagetype": "EBS:VolumeUsage." + kind, "volumeApiName": kind}})
}
