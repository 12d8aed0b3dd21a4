package sdk

import (
	"context"
	"maps"
	"slices"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table answers a DynamoDB table with its tags. One that does not exist is an error of kind "not_found".
func (c *Cloud) Table(ctx context.Context, t aws.Target, name string) (aws.CountTable, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.CountTable{}, err
	}
	out, err := ask(ctx, ready.tables.DescribeTable, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return aws.CountTable{}, err
	}
	table := tableOf(out.Table)
	err = pages(func(token *string) (*string, error) {
		tags, err := ask(ctx, ready.tables.ListTagsOfResource, &dynamodb.ListTagsOfResourceInput{ResourceArn: &table.ARN, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, tag := range tags.Tags {
			table.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
		}
		return tags.NextToken, nil
	})
	return table, err
}

// TagTable writes tags on a table, by its ARN; other tags of its stay.
func (c *Cloud) TagTable(ctx context.Context, t aws.Target, arn string, tags map[string]string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	in := &dynamodb.TagResourceInput{ResourceArn: &arn}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	_, err = repeat(ctx, ready.tables.TagResource, in)
	return err
}

// TableCare answers what is done for a table's items.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
func (c *Cloud) TableCare(ctx context.Context, t aws.Target, name string) (aws.TableCare, error) {
	var care aws.TableCare
	ready, _, err := c.at(t)
	if err != nil {
		return care, err
	}
	ends, err := ask(ctx, ready.tables.DescribeTimeToLive, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return care, err
	}
	if d := ends.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		care.Expires = awssdk.ToString(d.AttributeName)
	}
	kept, err := ask(ctx, ready.tables.DescribeContinuousBackups, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil || kept.ContinuousBackupsDescription == nil {
		return care, err
	}
	if d := kept.ContinuousBackupsDescription.PointInTimeRecoveryDescription; d != nil {
		care.Backups = d.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
		care.Days = int(awssdk.ToInt32(d.RecoveryPeriodInDays))
	}
	return care, nil
}

// EnsureTable makes a table with the one key "id" and waits until it can be used. A table of this name that carries the same tag Mark is taken as it
// is; any other table of this name is an error. One that is just being deleted is waited for, and made anew.
func (c *Cloud) EnsureTable(ctx context.Context, t aws.Target, n aws.CountTable) (aws.CountTable, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return n, err
	}
	in := &dynamodb.CreateTableInput{
		TableName: &n.Name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: awssdk.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: awssdk.String("id"), KeyType: types.KeyTypeHash}},
	}
	for _, key := range slices.Sorted(maps.Keys(n.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(n.Tags[key])})
	}
	_, err = repeat(ctx, ready.tables.CreateTable, in)
	switch {
	case codeOf(err) == "ResourceInUseException":
		there, err := c.Table(ctx, t, n.Name)
		if there.Status == string(types.TableStatusDeleting) || codeOf(err) == "ResourceNotFoundException" {
			if err := c.waitUntilNoTable(ctx, t, n.Name); err != nil {
				return there, err
			}
			return c.EnsureTable(ctx, t, n)
		}
		if err != nil {
			return there, err
		}
		if there.Tags[n.Mark] != n.Tags[n.Mark] || n.Tags[n.Mark] == "" {
			return n, &Error{
				Code: "ResourceInUseException", Operation: "CreateTable", kind: kindFailed,
				message: "There is a table called " + n.Name + " already, and it was not made for this, so it is left alone.",
				hint:    "Choose another function name.",
			}
		}
	case err != nil:
		return n, err
	}
	there, err := c.waitForTable(ctx, t, n.Name)
	if err != nil {
		n.Status = string(types.TableStatusCreating) // it was made
		return n, err
	}
	return there, nil
}

func (c *Cloud) waitForTable(ctx context.Context, t aws.Target, name string) (aws.CountTable, error) {
	var seen aws.CountTable
	ready, _, err := c.at(t)
	if err != nil {
		return seen, err
	}
	err = c.poll(ctx, func() (bool, error) {
		out, err := ask(ctx, ready.tables.DescribeTable, &dynamodb.DescribeTableInput{TableName: &name})
		if codeOf(err) == "ResourceNotFoundException" {
			return false, nil // not visible yet
		}
		if err != nil {
			return false, err
		}
		seen = tableOf(out.Table)
		return seen.Status == string(types.TableStatusActive), nil
	})
	return seen, err
}

func (c *Cloud) waitUntilNoTable(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	return c.poll(ctx, func() (bool, error) {
		_, err := ask(ctx, ready.tables.DescribeTable, &dynamodb.DescribeTableInput{TableName: &name})
		return codeOf(err) == "ResourceNotFoundException", unlessGone(err)
	})
}

// DeleteTable removes a table with everything in it. One that is gone already is no error.
func (c *Cloud) DeleteTable(ctx context.Context, t aws.Target, name string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.tables.DeleteTable, &dynamodb.DeleteTableInput{TableName: &name})
	return unlessGone(err)
}

func tableOf(d *types.TableDescription) aws.CountTable {
	table := aws.CountTable{Tags: map[string]string{}}
	if d != nil {
		table.Name, table.ARN, table.Status = awssdk.ToString(d.TableName), awssdk.ToString(d.TableArn), string(d.TableStatus)
		table.Plain, table.Protected = plainTable(d), awssdk.ToBool(d.DeletionProtectionEnabled)
		if d.TableClassSummary != nil && d.TableClassSummary.TableClass != types.TableClassStandard {
			table.Class = string(d.TableClassSummary.TableClass)
		}
		if d.SSEDescription != nil && d.SSEDescription.Status == types.SSEStatusEnabled {
			table.Key = awssdk.ToString(d.SSEDescription.KMSMasterKeyArn)
		}
	}
	return table
}

func plainTable(d *types.TableDescription) bool {
	return len(d.KeySchema) == 1 && awssdk.ToString(d.KeySchema[0].AttributeName) == "id" &&
		len(d.AttributeDefinitions) == 1 && d.AttributeDefinitions[0].AttributeType == types.ScalarAttributeTypeS &&
		d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == types.BillingModePayPerRequest &&
		len(d.GlobalSecondaryIndexes)+len(d.LocalSecondaryIndexes)+len(d.Replicas) == 0 && (d.StreamSpecification == nil || !awssdk.ToBool(d.StreamSpecification.StreamEnabled))
}
