package sdk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	cetypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

const unblended = "UnblendedCost"

// Spending answers what each service cost on each day from a day up to, and without, another; with a tag's key, what each of its values
// cost. A tag that is not activated for cost allocation is on nothing. It is of the whole account: all regions. AWS takes a cent for each call.
// Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
func (c *Cloud) Spending(ctx context.Context, t aws.Target, from, to time.Time, tag string) ([]aws.Spend, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	by := cetypes.GroupDefinition{Type: cetypes.GroupDefinitionTypeDimension, Key: awssdk.String("SERVICE")}
	if tag != "" {
		by = cetypes.GroupDefinition{Type: cetypes.GroupDefinitionTypeTag, Key: &tag}
	}
	var all []aws.Spend
	in := &costexplorer.GetCostAndUsageInput{
		Granularity: cetypes.GranularityDaily, Metrics: []string{unblended},
		TimePeriod: &cetypes.DateInterval{Start: awssdk.String(from.Format(time.DateOnly)), End: awssdk.String(to.Format(time.DateOnly))},
		GroupBy:    []cetypes.GroupDefinition{by},
	}
	for {
		out, err := ask(ctx, ready.costs.GetCostAndUsage, in)
		if err != nil {
			return nil, err
		}
		for _, day := range out.ResultsByTime {
			all = append(all, spendOf(day, tag)...)
		}
		if awssdk.ToString(out.NextPageToken) == "" {
			return all, nil
		}
		again := *in
		again.NextPageToken = out.NextPageToken
		in = &again
	}
}

// spendOf reads a day. The key of a tag's group is the tag's, a dollar sign and the value.
func spendOf(day cetypes.ResultByTime, tag string) []aws.Spend {
	if day.TimePeriod == nil {
		return nil
	}
	at, err := time.Parse(time.DateOnly, awssdk.ToString(day.TimePeriod.Start))
	if err != nil {
		return nil
	}
	var all []aws.Spend
	for _, g := range day.Groups {
		key := ""
		if len(g.Keys) > 0 {
			key = g.Keys[0]
		}
		if tag != "" {
			key = strings.TrimPrefix(key, tag+"$")
		}
		amount, err := strconv.ParseFloat(awssdk.ToString(g.Metrics[unblended].Amount), 64)
		if err != nil || len(g.Keys) == 0 {
			continue
		}
		all = append(all, aws.Spend{Day: at, Service: key, Amount: amount, Unit: awssdk.ToString(g.Metrics[unblended].Unit), Estimated: day.Estimated})
	}
	return all
}
