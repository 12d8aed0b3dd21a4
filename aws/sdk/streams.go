package sdk

import (
	"context"
	"errors"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TableStream answers the stream of a table. A table that does not exist is an error of kind "not_found".
func (c *Cloud) TableStream(ctx context.Context, t aws.Target, table string) (aws.TableStream, error) {
	stream, _, err := c.streamAndStatus(ctx, t, table)
	return stream, err
}

func (c *Cloud) streamAndStatus(ctx context.Context, t aws.Target, table string) (aws.TableStream, types.TableStatus, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.TableStream{}, "", err
	}
	out, err := ask(ctx, ready.tables.DescribeTable, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil || out.Table == nil {
		return aws.TableStream{}, "", err
	}
	// The ARN of a stream that was turned off is told for a day; whether it is on stands beside it.
	if s := out.Table.StreamSpecification; s != nil && awssdk.ToBool(s.StreamEnabled) {
		return aws.TableStream{ARN: awssdk.ToString(out.Table.LatestStreamArn), View: string(s.StreamViewType)}, out.Table.TableStatus, nil
	}
	return aws.TableStream{}, out.Table.TableStatus, nil
}

// TurnOnStream turns the stream of a table on, and waits until it is. One that is on with the same view is the answer.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
func (c *Cloud) TurnOnStream(ctx context.Context, t aws.Target, table, view string) (aws.TableStream, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.TableStream{}, err
	}
	stands := func() bool {
		there, err := c.TableStream(ctx, t, table)
		return err == nil && there.ARN != "" && there.View == view
	}
	if !stands() {
		_, err := repeat(ctx, ready.tables.UpdateTable, &dynamodb.UpdateTableInput{
			TableName: &table, StreamSpecification: &types.StreamSpecification{StreamEnabled: awssdk.Bool(true), StreamViewType: types.StreamViewType(view)},
		})
		if err != nil && !stands() { // the second of two tries is refused where the first was done
			return aws.TableStream{}, err
		}
	}
	var seen aws.TableStream
	err = c.poll(ctx, func() (bool, error) {
		stream, status, err := c.streamAndStatus(ctx, t, table)
		seen = stream
		return stream.ARN != "" && status == types.TableStatusActive, err
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return seen, &Error{kind: kindFailed, message: "The stream of the table " + table + " was asked for and is not on yet.", hint: "The same line again goes on.", err: err}
	}
	return seen, err
}
