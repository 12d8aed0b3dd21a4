package sdk

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// logPages bounds how far a question for log lines goes: each page is up to 1 MiB.
const logPages = 20

// LogLines answers the last lines of a log group that match, oldest first; whole tells whether all of the time was looked through. A group
// that does not exist has no lines.
func (c *Cloud) LogLines(ctx context.Context, t aws.Target, q aws.LogQuery) (lines []aws.LogLine, whole bool, err error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, false, err
	}
	in := &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &q.Group, FilterPattern: optional(q.Pattern), StartTime: awssdk.Int64(q.Since.UnixMilli()),
	}
	for range logPages {
		out, err := ask(ctx, ready.logs.FilterLogEvents, in)
		if codeOf(err) == "ResourceNotFoundException" {
			return nil, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		for _, e := range out.Events {
			lines = append(lines, aws.LogLine{At: time.UnixMilli(awssdk.ToInt64(e.Timestamp)).UTC(), Text: awssdk.ToString(e.Message)})
		}
		slices.SortStableFunc(lines, func(a, b aws.LogLine) int { return a.At.Compare(b.At) })
		lines = lines[max(0, len(lines)-q.Most):]
		if awssdk.ToString(out.NextToken) == "" {
			return lines, true, nil
		}
		next := *in
		next.NextToken = out.NextToken
		in = &next
	}
	return lines, false, nil
}

// LogGroup answers a log group with its tags. One that does not exist is an error of kind "not_found".
func (c *Cloud) LogGroup(ctx context.Context, t aws.Target, name string) (aws.LogGroup, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.LogGroup{}, err
	}
	group, err := logGroup(ctx, ready.logs, name)
	if err != nil {
		return group, err
	}
	tags, err := ask(ctx, ready.logs.ListTagsForResource, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &group.ARN})
	if err == nil {
		group.Tags = tags.Tags
	}
	return group, err
}

const noLogGroup = "ResourceNotFoundException"

// logGroup answers a log group without its tags.
func logGroup(ctx context.Context, client logCalls, name string) (aws.LogGroup, error) {
	found := aws.LogGroup{}
	err := pages(func(token *string) (*string, error) {
		out, err := ask(ctx, client.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, g := range out.LogGroups {
			if awssdk.ToString(g.LogGroupName) == name { // sorted by name: the one that is its own prefix is the first
				found = aws.LogGroup{
					Name: name, ARN: strings.TrimSuffix(awssdk.ToString(g.Arn), ":*"), Days: int(awssdk.ToInt32(g.RetentionInDays)),
					Key: awssdk.ToString(g.KmsKeyId), Class: string(g.LogGroupClass),
				}
				return nil, nil
			}
		}
		return out.NextToken, nil
	})
	if err == nil && found.Name == "" {
		err = &Error{Code: noLogGroup, Operation: "DescribeLogGroups", kind: kindNotFound, message: "There is no log group " + name + "."}
	}
	return found, err
}

// DeleteLogGroup removes a log group with all its lines. One that is gone already is no error.
func (c *Cloud) DeleteLogGroup(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.logs.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
	return unlessGone(err)
}
