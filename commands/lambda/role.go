package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

func tableName(function string) string { return function + "-count" }

// roleName carries the region, because roles belong to none, and is cut to the 64 characters that IAM allows.
func roleName(function, region string) string { return cut(function+"-"+region+"-role", 64) }

// cut shortens a name and keeps it different from others.
func cut(name string, longest int) string {
	if len(name) <= longest {
		return name
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))
	return name[:longest-9] + fmt.Sprintf("-%08x", sum.Sum32())
}

// aRole is a role for a function. One that is fresh may be unknown to Lambda yet.
type aRole struct {
	ARN   string
	Fresh bool
}

// freshness is how long a role counts as fresh.
const freshness = 5 * time.Minute

// namedRole looks up a role by its name or ARN. That there is none is an error; a role that may not be looked at, or is of another account, is left
// for AWS to judge.
func namedRole(ctx context.Context, cloud Maker, p picked, nameOrARN string, now time.Time) (aRole, error) {
	if nameOrARN == "" {
		return aRole{}, nil
	}
	arn := strings.HasPrefix(nameOrARN, "arn:")
	role, err := cloud.Role(ctx, p.Target, nameOrARN[strings.LastIndex(nameOrARN, "/")+1:])
	switch {
	case err == nil && arn:
		return aRole{nameOrARN, now.Sub(role.MadeAt) < freshness}, nil
	case err == nil:
		return aRole{role.ARN, now.Sub(role.MadeAt) < freshness}, nil
	case arn && (commands.Words(err).Kind != commands.NotFound || !strings.Contains(nameOrARN, ":"+p.Place.AccountID+":")):
		return aRole{nameOrARN, true}, nil
	}
	return aRole{}, err
}

// leastRole may write the function's own log, and count in the example's table.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
func (m *making) leastRole(run *commands.Run) *aws.NewRole {
	name, region, account := m.function.Name, m.Place.Region, cmp.Or(m.Place.AccountID, "*")
	partition := m.Place.Partition()
	group := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:/aws/lambda/%s", partition, region, account, name)
	allow := func(actions []string, resources ...string) map[string]any {
		return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resources}
	}
	statements := []any{allow([]string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, group, group+":*")}
	if m.table != nil {
		statements = append(statements, allow([]string{"dynamodb:UpdateItem"},
			fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", partition, region, account, m.table.Name)))
	}
	statements = append(statements, needs(m.function.FunctionSettings, m.Place, name)...)
	return &aws.NewRole{
		Name: roleName(name, region), Description: "Made by deckhand for the function " + name, PolicyName: "deckhand",
		Trust:  Trust(),
		Policy: Document(statements...), Tags: madeFor(name, run), Mark: functionTag,
	}
}

// needs are the statements that settings need of the function's role.
func needs(s aws.FunctionSettings, p aws.Place, function string) []any {
	var statements []any
	if len(s.Subnets) > 0 {
		statements = Inside(p, p.Region, function)
	}
	if s.Tracing == "Active" {
		statements = append(statements, map[string]any{"Effect": "Allow", "Action": []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "Resource": "*"})
	}
	return statements
}

// Inside are the statements for a function in a VPC: Lambda may take its network interfaces there, and the function itself may not.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func Inside(p aws.Place, region, function string) []any {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	arn := fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", p.Partition(), region, cmp.Or(p.AccountID, "*"), function)
	return []any{
		map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"},
		map[string]any{"Effect": "Deny", "Action": actions, "Resource": "*", "Condition": map[string]any{"ArnLike": map[string]string{"lambda:SourceFunctionArn": arn}}},
	}
}

// Document writes an IAM policy.
func Document(statements ...any) string {
	raw, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return "" // strings and lists of them can be written
	}
	return string(raw)
}

// Trust is the policy of a role that functions run with.
func Trust() string {
	return Document(map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
	})
}
