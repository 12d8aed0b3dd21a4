package sandbox

import (
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func addDynamoDB(table map[string]operation) {
	table["DynamoDB.CreateTable"] = on(createTable)
	table["DynamoDB.DescribeTable"] = on(describeTable)
	table["DynamoDB.DescribeTimeToLive"] = on(describeTimeToLive)
	table["DynamoDB.DescribeContinuousBackups"] = on(describeContinuousBackups)
	table["DynamoDB.UpdateTable"] = on(updateTable)
	table["DynamoDB.DeleteTable"] = on(deleteTable)
	table["DynamoDB.TagResource"] = on(tagTable)
	table["DynamoDB.ListTagsOfResource"] = on(listTagsOfResource)
}

// itemTable is a DynamoDB table. Of its items the sandbox keeps the one count.
type itemTable struct {
	types.TableDescription
	tags  []types.Tag
	ready time.Time
	gone  time.Time // when a deletion is done
	count int
}

// tableNamed answers a table, settled; nil where there is none.
func (r *region) tableNamed(name string) *itemTable {
	t := r.itemTables[name]
	if t == nil {
		return nil
	}
	now := r.now()
	switch {
	case !t.gone.IsZero() && !now.Before(t.gone):
		delete(r.itemTables, name)
		return nil
	case t.TableStatus == types.TableStatusCreating && !now.Before(t.ready):
		t.TableStatus = types.TableStatusActive
	}
	return t
}

func noTable() error {
	return refuse("ResourceNotFoundException", "Requested resource not found")
}

func createTable(r *region, in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
	if r.tableNamed(*in.TableName) != nil {
		return nil, refuse("ResourceInUseException", "Table already exists: "+*in.TableName)
	}
	t := &itemTable{tags: in.Tags, ready: r.now().Add(r.world.options.Settle), TableDescription: types.TableDescription{
		TableName: in.TableName, TableArn: awssdk.String("arn:aws:dynamodb:" + r.name + ":" + r.account + ":table/" + *in.TableName),
		TableStatus: types.TableStatusCreating, KeySchema: in.KeySchema, AttributeDefinitions: in.AttributeDefinitions,
		BillingModeSummary: &types.BillingModeSummary{BillingMode: in.BillingMode}, CreationDateTime: awssdk.Time(r.now()),
	}}
	put(&r.itemTables, *in.TableName, t)
	shown := t.TableDescription
	return &dynamodb.CreateTableOutput{TableDescription: &shown}, nil
}

func describeTable(r *region, in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
	t := r.tableNamed(*in.TableName)
	if t == nil {
		return nil, noTable()
	}
	shown := t.TableDescription
	return &dynamodb.DescribeTableOutput{Table: &shown}, nil
}

func deleteTable(r *region, in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
	t := r.tableNamed(*in.TableName)
	if t == nil {
		return nil, noTable()
	}
	if t.TableStatus == types.TableStatusCreating {
		return nil, refuse("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being created: "+*in.TableName)
	}
	t.TableStatus, t.gone = types.TableStatusDeleting, r.now().Add(r.world.options.Settle)
	shown := t.TableDescription
	return &dynamodb.DeleteTableOutput{TableDescription: &shown}, nil
}

func listTagsOfResource(r *region, in *dynamodb.ListTagsOfResourceInput) (*dynamodb.ListTagsOfResourceOutput, error) {
	for name := range r.itemTables {
		if t := r.tableNamed(name); t != nil && *t.TableArn == *in.ResourceArn {
			return &dynamodb.ListTagsOfResourceOutput{Tags: t.tags}, nil
		}
	}
	return nil, noTable()
}

func tagTable(r *region, in *dynamodb.TagResourceInput) (*dynamodb.TagResourceOutput, error) {
	for name := range r.itemTables {
		if t := r.tableNamed(name); t != nil && *t.TableArn == *in.ResourceArn {
			kept := slices.DeleteFunc(slices.Clone(t.tags), func(old types.Tag) bool {
				return slices.ContainsFunc(in.Tags, func(n types.Tag) bool { return *n.Key == *old.Key })
			})
			t.tags = append(kept, in.Tags...)
			return &dynamodb.TagResourceOutput{}, nil
		}
	}
	return nil, noTable()
}

// What is made here is made without either.
func describeTimeToLive(r *region, in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
	if r.tableNamed(*in.TableName) == nil {
		return nil, noTable()
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}}, nil
}

func describeContinuousBackups(r *region, in *dynamodb.DescribeContinuousBackupsInput) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	if r.tableNamed(*in.TableName) == nil {
		return nil, refuse("TableNotFoundException", "Table not found: "+*in.TableName)
	}
	return &dynamodb.DescribeContinuousBackupsOutput{ContinuousBackupsDescription: &types.ContinuousBackupsDescription{
		ContinuousBackupsStatus:        types.ContinuousBackupsStatusEnabled,
		PointInTimeRecoveryDescription: &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled},
	}}, nil
}
