package lambda

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"

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
	return &aws.NewRole{
		Name: roleName(name, region), Description: "Made by deckhand for the function " + name, PolicyName: "deckhand",
		Trust:  Trust(),
		Policy: Document(statements...), Tags: madeFor(name, run), Mark: functionTag,
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
