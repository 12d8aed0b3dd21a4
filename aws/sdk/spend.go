package sdk

import (
	"context"
	"strconv"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	cetypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

const unblended = "UnblendedCost"

// Spending answers what each service cost on each day from a day up to, and without, another. It is of the whole account: all regions. AWS
// takes a cent for each call.
// Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
func (c *Cloud) Spending(ctx context.Context, t aws.Target, from, to time.Time) ([]aws.Spend, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Spend
	in := &costexplorer.GetCostAndUsageInput{
		Granularity: cetypes.GranularityDaily, Metrics: []string{unblended},
		TimePeriod: &cetypes.DateInterval{Start: awssdk.String(from.Format(time.DateOnly)), End: awssdk.String(to.Format(time.DateOnly))},
		GroupBy:    []cetypes.GroupDefinition{{Type: cetypes.GroupDefinitionTypeDimension, Key: awssdk.String("SERVICE")}},
	}
	for {
		out, err := ask(ctx, ready.costs.GetCostAndUsage, in)
		if err != nil {
			return nil, err
		}
		for _, day := range out.ResultsByTime {
			all = append(all, spendOf(day)...)
		}
		if awssdk.ToString(out.NextPageToken) == "" {
			return all, nil
		}
		again := *in
		again.NextPageToken = out.NextPageToken
		in = &again
	}
}

func spendOf(day cetypes.ResultByTime) []aws.Spend {
	if day.TimePeriod == nil {
		return nil
	}
	at, err := time.Parse(time.DateOnly, awssdk.ToString(day.TimePeriod.Start))
	if err != nil {
		return nil
	}
	var all []aws.Spend
	for _, g := range day.Groups {
		amount, err := strconv.ParseFloat(awssdk.ToString(g.Metrics[unblended].Amount), 64)
		if err != nil || len(g.Keys) == 0 {
			continue
		}
		all = append(all, aws.Spend{Day: at, Service: g.Keys[0], Amount: amount, Unit: awssdk.ToString(g.Metrics[unblended].Unit), Estimated: day.Estimated})
	}
	return all
}
