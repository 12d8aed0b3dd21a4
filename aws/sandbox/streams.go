package sandbox

import (
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// addOrders adds a table that nobody here made, whose stream is off.
func (r *region) addOrders() {
	name := "orders"
	put(&r.itemTables, name, &itemTable{TableDescription: types.TableDescription{
		TableName: &name, TableArn: awssdk.String("arn:aws:dynamodb:" + r.name + ":" + r.account + ":table/" + name), TableStatus: types.TableStatusActive,
		KeySchema:            []types.KeySchemaElement{{AttributeName: awssdk.String("order"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: awssdk.String("order"), AttributeType: types.ScalarAttributeTypeS}},
		BillingModeSummary:   &types.BillingModeSummary{BillingMode: types.BillingModePayPerRequest}, CreationDateTime: awssdk.Time(r.now()),
	}})
}

// updateTable turns the stream of a table on or off; the sandbox changes nothing else of a table.
func updateTable(r *region, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	t := r.tableNamed(*in.TableName)
	switch {
	case t == nil:
		return nil, noTable()
	case in.StreamSpecification == nil:
		return nil, refuse("ValidationException", "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	case t.TableStatus != types.TableStatusActive:
		return nil, refuse("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated: "+*in.TableName)
	case awssdk.ToBool(in.StreamSpecification.StreamEnabled) == (t.StreamSpecification != nil):
		return nil, refuse("ValidationException", "Table already has an enabled stream: TableName: "+*in.TableName)
	}
	t.StreamSpecification = in.StreamSpecification
	if !awssdk.ToBool(in.StreamSpecification.StreamEnabled) {
		t.StreamSpecification = nil
	} else {
		label := r.now().UTC().Format("2006-01-02T15:04:05.000")
		t.LatestStreamLabel, t.LatestStreamArn = &label, awssdk.String(*t.TableArn+"/stream/"+label)
	}
	shown := t.TableDescription
	return &dynamodb.UpdateTableOutput{TableDescription: &shown}, nil
}

// hasStream tells whether an ARN is the stream of a table, and on.
func (r *region) hasStream(arn string) bool {
	for _, t := range r.itemTables {
		if t.StreamSpecification != nil && awssdk.ToString(t.LatestStreamArn) == arn {
			return true
		}
	}
	return false
}

// unreadable is why a function cannot read a source; nil where it can.
func (r *region) unreadable(arn, start string, role *role) error {
	if strings.Contains(arn, ":dynamodb:") {
		switch {
		case start == "":
			return refuse("InvalidParameterValueException", "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.")
		case role != nil && !role.says("dynamodb:GetRecords"):
			return refuse("InvalidParameterValueException", "Cannot access stream "+arn+". Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.")
		case !r.hasStream(arn):
			return refuse("InvalidParameterValueException", "Stream not found: "+arn)
		}
		return nil
	}
	if role != nil && !role.says("sqs:ReceiveMessage") {
		return refuse("InvalidParameterValueException", "The provided execution role does not have permissions to call ReceiveMessage on SQS")
	}
	if !r.hasQueue(arn) {
		return refuse("InvalidParameterValueException", "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.")
	}
	return nil
}
