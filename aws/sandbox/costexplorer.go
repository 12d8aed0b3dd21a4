package sandbox

import (
	"fmt"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

func addCostExplorer(table map[string]operation) {
	table["Cost Explorer.GetCostAndUsage"] = on(getCostAndUsage)
}

type spender struct {
	name  string
	daily float64
}

// spentBy is who spends what each day. Of the tags, the owner's is activated for cost allocation and others are not.
func spentBy(groups []types.GroupDefinition) []spender {
	if len(groups) == 1 && groups[0].Type == types.GroupDefinitionTypeTag {
		key := *groups[0].Key
		if key == "deckhand:owner" {
			return []spender{{key + "$U_ALICE", 3.1}, {key + "$U_BOB", 1.25}, {key + "$", 2.2}}
		}
		return []spender{{key + "$", 6.55}}
	}
	return []spender{{"Amazon Elastic Compute Cloud - Compute", 4.8}, {"Amazon Elastic Load Balancing", 0.54}, {"EC2 - Other", 1.2}, {"AWS Lambda", 0.01}}
}

// getCostAndUsage makes up a steady account: every day costs the same, and today as much as has passed of it.
func getCostAndUsage(r *region, in *costexplorer.GetCostAndUsageInput) (*costexplorer.GetCostAndUsageOutput, error) {
	from, err := time.Parse(time.DateOnly, *in.TimePeriod.Start)
	to, errTo := time.Parse(time.DateOnly, *in.TimePeriod.End)
	if err != nil || errTo != nil || !from.Before(to) || in.Granularity != types.GranularityDaily {
		return nil, refuse("ValidationException", "Start date (and hour) should be before end date (and hour)")
	}
	now, out := r.now().UTC(), &costexplorer.GetCostAndUsageOutput{GroupDefinitions: in.GroupBy}
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		part := min(1, max(0, now.Sub(day).Hours()/24))
		result := types.ResultByTime{
			Estimated:  now.Sub(day) < 72*time.Hour,
			TimePeriod: &types.DateInterval{Start: awssdk.String(day.Format(time.DateOnly)), End: awssdk.String(day.AddDate(0, 0, 1).Format(time.DateOnly))},
		}
		for _, s := range spentBy(in.GroupBy) {
			if part > 0 {
				result.Groups = append(result.Groups, types.Group{Keys: []string{s.name}, Metrics: map[string]types.MetricValue{
					"UnblendedCost": {Amount: awssdk.String(fmt.Sprintf("%.10f", s.daily*part)), Unit: awssdk.String("USD")},
				}})
			}
		}
		out.ResultsByTime = append(out.ResultsByTime, result)
	}
	return out, nil
}
