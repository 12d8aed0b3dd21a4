package sdk

import (
	"context"
	"encoding/base64"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2instanceconnect"
)

// SendPublicKey lets a public SSH key into an instance for 60 seconds, for a login of its operating system. Doing it again starts the
// 60 seconds anew.
// Source: https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html
func (c *Cloud) SendPublicKey(ctx context.Context, t aws.Target, i aws.Instance, login, key string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	out, err := repeat(ctx, ready.connect.SendSSHPublicKey, &ec2instanceconnect.SendSSHPublicKeyInput{
		InstanceId: &i.ID, InstanceOSUser: &login, SSHPublicKey: &key, AvailabilityZone: optional(i.Zone),
	})
	if err == nil && !out.Success {
		return &Error{
			Operation: "SendSSHPublicKey", kind: kindFailed, message: "EC2 Instance Connect did not take the key.", hint: "Use the Session Manager line instead.",
		}
	}
	return err
}

// ConsoleOutput answers what an instance wrote to its serial console: the newest that AWS can give.
func (c *Cloud) ConsoleOutput(ctx context.Context, t aws.Target, id string) (aws.Console, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Console{}, err
	}
	out, err := ask(ctx, ready.plain.GetConsoleOutput, &ec2.GetConsoleOutputInput{InstanceId: &id, Latest: awssdk.Bool(true)})
	switch codeOf(err) { // instances that are not on Nitro have only what was kept of the last start or stop
	case "UnsupportedOperation", "InvalidParameterValue", "InvalidParameterCombination":
		out, err = ask(ctx, ready.plain.GetConsoleOutput, &ec2.GetConsoleOutputInput{InstanceId: &id})
	}
	if err != nil {
		return aws.Console{}, err
	}
	text, err := base64.StdEncoding.DecodeString(awssdk.ToString(out.Output))
	if err != nil {
		return aws.Console{}, &Error{Operation: "GetConsoleOutput", kind: kindFailed, message: "The console output of " + id + " could not be decoded.", err: err}
	}
	return aws.Console{Text: string(text), At: awssdk.ToTime(out.Timestamp)}, nil
}
