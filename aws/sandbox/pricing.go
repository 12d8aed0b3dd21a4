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

// getProducts answers one product for a type that exists, at a pretend price: 0.0052 dollars for every vCPU and hour. Others,
// such as Windows, are not on the list.
func getProducts(_ *region, in *pricing.GetProductsInput) (*pricing.GetProductsOutput, error) {
	if *in.ServiceCode != "AmazonEC2" {
		return nil, refuse("InvalidParameterException", "The service code "+*in.ServiceCode+" is not on the sandbox's list.")
	}
	if slices.ContainsFunc(in.Filters, func(f pricetypes.Filter) bool { return *f.Value == "NAT Gateway" }) {
		return natProducts()
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
				"unit": "Hrs", "pricePerUnit": map[string]string{"USD": fmt.Sprintf("%.10f", 0.0052*float64(vcpusOf(name)))},
			},
		}}}},
	})
	return &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1"), PriceList: []string{string(raw)}}, err
}

// natProducts answers the hours and the traffic of a NAT gateway, at pretend prices.
func natProducts() (*pricing.GetProductsOutput, error) {
	out := &pricing.GetProductsOutput{FormatVersion: awssdk.String("aws_v1")}
	for usage, price := range map[string][2]string{"NatGateway-Hours": {"Hrs", "0.0450000000"}, "NatGateway-Bytes": {"GB", "0.0450000000"}} {
		raw, err := json.Marshal(map[string]any{
			"product": map[string]any{"productFamily": "NAT Gateway", "sku": usage, "attributes": map[string]string{"usagetype": usage, "operation": "NatGateway"}},
			"terms": map[string]any{"OnDemand": map[string]any{usage: map[string]any{"priceDimensions": map[string]any{
				usage: map[string]any{"unit": price[0], "pricePerUnit": map[string]string{"USD": price[1]}},
			}}}},
		})
		if err != nil {
			return nil, err
		}
		out.PriceList = append(out.PriceList, string(raw))
	}
	return out, nil
}
