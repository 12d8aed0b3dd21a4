package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func addLogs(table map[string]operation) {
	table["CloudWatch Logs.CreateLogGroup"] = on(createLogGroup)
	table["CloudWatch Logs.DescribeLogGroups"] = on(describeLogGroups)
	table["CloudWatch Logs.DeleteLogGroup"] = on(deleteLogGroup)
	table["CloudWatch Logs.PutRetentionPolicy"] = on(putRetentionPolicy)
	table["CloudWatch Logs.ListTagsForResource"] = on(listTagsOfGroup)
	table["CloudWatch Logs.FilterLogEvents"] = on(filterLogEvents)
}

// logEvent is one line in a log group.
type logEvent struct {
	at   time.Time
	text string
}

func (r *region) log(group string, e logEvent) { put(&r.logs, group, append(r.logs[group], e)) }

func noGroup() error {
	return refuse("ResourceNotFoundException", "The specified log group does not exist.")
}

func createLogGroup(r *region, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	if _, there := r.logs[*in.LogGroupName]; there {
		return nil, refuse("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	put(&r.logs, *in.LogGroupName, []logEvent{})
	put(&r.groupTags, *in.LogGroupName, in.Tags)
	return &cloudwatchlogs.CreateLogGroupOutput{}, nil
}

func (r *region) groupARN(name string) string {
	return "arn:aws:logs:" + r.name + ":" + r.account + ":log-group:" + name
}

func describeLogGroups(r *region, in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	out := &cloudwatchlogs.DescribeLogGroupsOutput{}
	for _, name := range slices.Sorted(maps.Keys(r.logs)) {
		if strings.HasPrefix(name, awssdk.ToString(in.LogGroupNamePrefix)) {
			g := types.LogGroup{LogGroupName: &name, Arn: awssdk.String(r.groupARN(name) + ":*"), LogGroupArn: awssdk.String(r.groupARN(name)), LogGroupClass: types.LogGroupClassStandard}
			if days := r.groupDays[name]; days > 0 {
				g.RetentionInDays = &days
			}
			out.LogGroups = append(out.LogGroups, g)
		}
	}
	return out, nil
}

func deleteLogGroup(r *region, in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	if _, there := r.logs[*in.LogGroupName]; !there {
		return nil, noGroup()
	}
	delete(r.logs, *in.LogGroupName)
	delete(r.groupTags, *in.LogGroupName)
	delete(r.groupDays, *in.LogGroupName)
	return &cloudwatchlogs.DeleteLogGroupOutput{}, nil
}

func putRetentionPolicy(r *region, in *cloudwatchlogs.PutRetentionPolicyInput) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	if _, there := r.logs[*in.LogGroupName]; !there {
		return nil, noGroup()
	}
	put(&r.groupDays, *in.LogGroupName, *in.RetentionInDays)
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, nil
}

func listTagsOfGroup(r *region, in *cloudwatchlogs.ListTagsForResourceInput) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	name := strings.TrimPrefix(*in.ResourceArn, r.groupARN(""))
	if _, there := r.logs[name]; !there {
		return nil, noGroup()
	}
	return &cloudwatchlogs.ListTagsForResourceOutput{Tags: r.groupTags[name]}, nil
}

// filterLogEvents understands patterns of plain words: each must be in the line.
func filterLogEvents(r *region, in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	group, there := r.logs[*in.LogGroupName]
	if !there {
		return nil, noGroup()
	}
	var found []types.FilteredLogEvent
	for i, e := range group {
		ms := e.at.UnixMilli()
		if in.StartTime != nil && ms < *in.StartTime || in.EndTime != nil && ms >= *in.EndTime || !holds(e.text, awssdk.ToString(in.FilterPattern)) {
			continue
		}
		found = append(found, types.FilteredLogEvent{
			EventId: awssdk.String(fmt.Sprint(i)), LogStreamName: awssdk.String("sandbox"), Message: &e.text, Timestamp: &ms, IngestionTime: &ms,
		})
	}
	part, next, err := page(found, in.NextToken, orElse(in.Limit, 10_000))
	return &cloudwatchlogs.FilterLogEventsOutput{Events: part, NextToken: next}, err
}

func holds(text, pattern string) bool {
	for _, word := range strings.Fields(strings.ReplaceAll(pattern, `"`, "")) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
