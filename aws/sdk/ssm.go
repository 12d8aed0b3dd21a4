package sdk

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

var imageIDShape = regexp.MustCompile(`^ami-[0-9a-f]+$`)

// ParameterImage answers the image id that a parameter of Systems Manager holds now, a public one or the account's own.
func (c *Cloud) ParameterImage(ctx context.Context, t aws.Target, parameter string) (string, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := ask(ctx, ready.ssm.GetParameter, &ssm.GetParameterInput{Name: &parameter})
	if code := codeOf(err); code == "ParameterNotFound" || code == "ParameterVersionNotFound" {
		return "", &Error{
			Code: code, Operation: "GetParameter", kind: kindNotFound, err: err,
			message: fmt.Sprintf("Systems Manager has no parameter %s in %s.", parameter, t.Region),
			hint:    "Give the image's own id with --image-id ami-0123456789abcdef0.",
		}
	}
	if err != nil {
		return "", err
	}
	id := ""
	if out.Parameter != nil {
		id = awssdk.ToString(out.Parameter.Value)
	}
	if !imageIDShape.MatchString(id) {
		return "", &Error{
			Operation: "GetParameter", kind: kindUsage,
			message: fmt.Sprintf("The parameter %s holds no image id.", parameter), hint: "Name a parameter whose value is ami-... and nothing else.",
		}
	}
	return id, nil
}

// Agents answers what Systems Manager knows of the agents on instances, by instance id. An instance that is not in the
// answer never registered.
func (c *Cloud) Agents(ctx context.Context, t aws.Target, ids []string) (map[string]aws.Agent, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	agents := map[string]aws.Agent{}
	in := &ssm.DescribeInstanceInformationInput{Filters: []ssmtypes.InstanceInformationStringFilter{
		{Key: awssdk.String("InstanceIds"), Values: ids},
	}}
	for {
		out, err := ask(ctx, ready.ssm.DescribeInstanceInformation, in)
		if err != nil {
			return nil, err
		}
		for _, i := range out.InstanceInformationList {
			agents[awssdk.ToString(i.InstanceId)] = aws.Agent{
				Known: true, Ping: string(i.PingStatus), Platform: string(i.PlatformType),
				Version: awssdk.ToString(i.AgentVersion), LastPing: awssdk.ToTime(i.LastPingDateTime),
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			return agents, nil
		}
		in = &ssm.DescribeInstanceInformationInput{Filters: in.Filters, NextToken: out.NextToken}
	}
}

// SendCommand makes a document of Systems Manager run on instances and answers the command's id as soon as it is taken. There is no
// idempotency token: it is sent once. Comment is what AWS shows beside the command, at most 100 characters.
func (c *Cloud) SendCommand(ctx context.Context, t aws.Target, s aws.Shell) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := change(ctx, ready.ssm.SendCommand, &ssm.SendCommandInput{
		DocumentName: &s.Document, InstanceIds: s.InstanceIDs, Parameters: s.Parameters, Comment: optional(s.Comment),
		TimeoutSeconds: awssdk.Int32(int32(max(s.Deliver.Seconds(), 30))), // 30 is the least that AWS takes
	})
	if err != nil {
		return "", err
	}
	if out.Command == nil || awssdk.ToString(out.Command.CommandId) == "" {
		return "", &Error{
			Operation: "SendCommand", kind: kindUncertain,
			message: "AWS took the command and did not say under which id.", hint: "Look at Run Command in the AWS console.",
		}
	}
	return *out.Command.CommandId, nil
}

// CommandResult answers how a command stands on one instance. Right after the sending AWS may not know it yet: that is "Pending".
func (c *Cloud) CommandResult(ctx context.Context, t aws.Target, command, instance string) (aws.Invocation, error) {
	pending := aws.Invocation{InstanceID: instance, Status: string(ssmtypes.CommandInvocationStatusPending), ExitCode: -1}
	ready, _, err := c.at(t)
	if err != nil {
		return pending, err
	}
	out, err := ask(ctx, ready.ssm.GetCommandInvocation, &ssm.GetCommandInvocationInput{CommandId: &command, InstanceId: &instance})
	switch codeOf(err) {
	case "InvocationDoesNotExist":
		return pending, nil
	case "InvalidPluginName": // the document has several steps, and each has an output of its own
		return ready.steps(ctx, pending, command)
	}
	if err != nil {
		return pending, err
	}
	return aws.Invocation{
		InstanceID: instance, Status: string(out.Status), Detail: awssdk.ToString(out.StatusDetails), ExitCode: int(out.ResponseCode),
		Output: awssdk.ToString(out.StandardOutputContent), Errors: awssdk.ToString(out.StandardErrorContent),
	}, nil
}

// steps answers how the steps of a command stand on one instance, as one: the exit code is that of the first that failed.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html
func (r *clients) steps(ctx context.Context, pending aws.Invocation, command string) (aws.Invocation, error) {
	id := pending.InstanceID
	out, err := ask(ctx, r.ssm.ListCommandInvocations, &ssm.ListCommandInvocationsInput{CommandId: &command, InstanceId: &id, Details: true})
	if err != nil || len(out.CommandInvocations) == 0 {
		return pending, err
	}
	one := out.CommandInvocations[0]
	all := aws.Invocation{InstanceID: id, Status: string(one.Status), Detail: awssdk.ToString(one.StatusDetails), ExitCode: -1}
	for _, step := range one.CommandPlugins {
		if step.Status == ssmtypes.CommandPluginStatusSuccess || step.Status == ssmtypes.CommandPluginStatusFailed {
			if all.ExitCode <= 0 {
				all.ExitCode = int(step.ResponseCode)
			}
		}
		if !all.Over() || awssdk.ToString(step.Output) == "" { // what did not fit the instance's platform was left out
			continue
		}
		in, err := ask(ctx, r.ssm.GetCommandInvocation, &ssm.GetCommandInvocationInput{CommandId: &command, InstanceId: &id, PluginName: step.Name})
		if err != nil {
			return pending, err
		}
		title := awssdk.ToString(step.Name) + ":\n"
		if text := awssdk.ToString(in.StandardOutputContent); text != "" {
			all.Output += title + strings.TrimRight(text, "\n") + "\n"
		}
		if text := awssdk.ToString(in.StandardErrorContent); text != "" {
			all.Errors += title + strings.TrimRight(text, "\n") + "\n"
		}
	}
	return all, nil
}

// Document answers what Systems Manager knows of a document, by its name or its ARN.
func (c *Cloud) Document(ctx context.Context, t aws.Target, name string) (aws.Document, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return aws.Document{}, err
	}
	out, err := ask(ctx, ready.ssm.DescribeDocument, &ssm.DescribeDocumentInput{Name: &name})
	if code := codeOf(err); code == "InvalidDocument" {
		return aws.Document{}, &Error{
			Code: code, Operation: "DescribeDocument", kind: kindNotFound, err: err,
			message: fmt.Sprintf("Systems Manager has no document %s in %s.", name, t.Region),
			hint:    "Look at its name below documents in the configuration, and at the region.",
		}
	}
	if err != nil {
		return aws.Document{}, err
	}
	d := aws.Document{Name: name}
	if out.Document == nil {
		return d, nil
	}
	d.Kind = string(out.Document.DocumentType)
	for _, p := range out.Document.PlatformTypes {
		d.Platforms = append(d.Platforms, string(p))
	}
	for _, p := range out.Document.Parameters {
		d.Parameters = append(d.Parameters, aws.DocumentParameter{
			Name: awssdk.ToString(p.Name), List: p.Type == ssmtypes.DocumentParameterTypeStringList,
			Required: p.DefaultValue == nil, Default: awssdk.ToString(p.DefaultValue),
		})
	}
	return d, nil
}

// WaitForCommand looks until a command is over on all instances, and tells progress how it stands after each look. The answer is what was seen last.
func (c *Cloud) WaitForCommand(
	ctx context.Context, t aws.Target, command string, ids []string, progress func([]aws.Invocation),
) ([]aws.Invocation, error) {
	seen := make([]aws.Invocation, len(ids))
	err := c.poll(ctx, func() (bool, error) {
		over := true
		for n, id := range ids {
			if seen[n].Over() {
				continue
			}
			now, err := c.CommandResult(ctx, t, command, id)
			if err != nil {
				return false, err
			}
			seen[n] = now
			over = over && now.Over()
		}
		progress(seen)
		return over, nil
	})
	return seen, err
}

// CommandNamed answers the id of the command that was sent with a comment since a moment; "" where AWS shows none.
func (c *Cloud) CommandNamed(ctx context.Context, t aws.Target, comment string, since time.Time) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	in := &ssm.ListCommandsInput{Filters: []ssmtypes.CommandFilter{
		{Key: ssmtypes.CommandFilterKeyInvokedAfter, Value: awssdk.String(since.UTC().Format("2006-01-02T15:04:05Z"))},
	}}
	for {
		out, err := ask(ctx, ready.ssm.ListCommands, in)
		if err != nil {
			return "", err
		}
		for _, one := range out.Commands {
			if awssdk.ToString(one.Comment) == comment {
				return awssdk.ToString(one.CommandId), nil
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			return "", nil
		}
		in = &ssm.ListCommandsInput{Filters: in.Filters, NextToken: out.NextToken}
	}
}
