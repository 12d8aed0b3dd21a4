package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func addSSM(table map[string]operation) {
	table["SSM.GetParameter"] = on(getParameter)
	table["SSM.DescribeInstanceInformation"] = on(describeInstanceInformation)
	table["SSM.SendCommand"] = on(sendCommand)
	table["SSM.GetCommandInvocation"] = on(getCommandInvocation)
	table["SSM.ListCommands"] = on(listCommands)
	table["SSM.ListCommandInvocations"] = on(listCommandInvocations)
	table["SSM.DescribeDocument"] = on(describeDocument)
}

// release is a public image and the parameter that leads to its newest build.
type release struct {
	parameter, name, owner, rootDevice string
	architecture                       ec2types.ArchitectureValues
}

// releases are the public images that AWS and distributions publish through parameters.
func releases() []release {
	var all []release
	for _, a := range []struct {
		architecture  ec2types.ArchitectureValues
		amazon, other string
	}{{ec2types.ArchitectureValuesX8664, "x86_64", "amd64"}, {ec2types.ArchitectureValuesArm64, "arm64", "arm64"}} {
		amazon, ubuntu, debian := "/aws/service/ami-amazon-linux-latest/", "/aws/service/canonical/ubuntu/server/", "/aws/service/debian/release/"
		all = append(
			all,
			release{amazon + "al2023-ami-kernel-default-" + a.amazon, "al2023-ami-2023-kernel-6.1-" + a.amazon, "137112412989", "/dev/xvda", a.architecture},
			release{amazon + "amzn2-ami-hvm-" + a.amazon + "-gp2", "amzn2-ami-hvm-2.0-" + a.amazon + "-gp2", "137112412989", "/dev/xvda", a.architecture},
			release{ubuntu + "24.04/stable/current/" + a.other + "/hvm/ebs-gp3/ami-id", "ubuntu-noble-24.04-" + a.other + "-server", "099720109477", "/dev/sda1", a.architecture},
			release{ubuntu + "22.04/stable/current/" + a.other + "/hvm/ebs-gp2/ami-id", "ubuntu-jammy-22.04-" + a.other + "-server", "099720109477", "/dev/sda1", a.architecture},
			release{debian + "13/latest/" + a.other, "debian-13-" + a.other, "136693071363", "/dev/xvda", a.architecture},
			release{debian + "12/latest/" + a.other, "debian-12-" + a.other, "136693071363", "/dev/xvda", a.architecture},
		)
	}
	return all
}

// image answers the public image of a release in a region.
func (p release) image(region string) ec2types.Image {
	return ec2types.Image{
		ImageId: awssdk.String(derivedID("ami", region+p.name)), Name: &p.name, Description: &p.name, Architecture: p.architecture,
		CreationDate: awssdk.String("2026-10-01T00:00:00.000Z"), OwnerId: &p.owner, Public: awssdk.Bool(true),
		PlatformDetails: awssdk.String(linux), UsageOperation: awssdk.String("RunInstances"),
		RootDeviceName: &p.rootDevice, RootDeviceType: ec2types.DeviceTypeEbs, State: ec2types.ImageStateAvailable,
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{{
			DeviceName: &p.rootDevice,
			Ebs:        &ec2types.EbsBlockDevice{VolumeSize: awssdk.Int32(8), VolumeType: ec2types.VolumeTypeGp3, DeleteOnTermination: awssdk.Bool(true)},
		}},
	}
}

// linux is what EC2 calls the platform of instances that pay for no operating system.
const linux = "Linux/UNIX"

func publicImages(region string) []ec2types.Image {
	var images []ec2types.Image
	for _, p := range releases() {
		images = append(images, p.image(region))
	}
	return images
}

func getParameter(r *region, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	for _, p := range releases() {
		if p.parameter == *in.Name {
			return &ssm.GetParameterOutput{Parameter: &types.Parameter{
				Name: in.Name, Type: types.ParameterTypeString, DataType: awssdk.String("aws:ec2:image"), Version: 1,
				ARN: awssdk.String("arn:aws:ssm:" + r.name + "::parameter" + *in.Name), Value: p.image(r.name).ImageId,
			}}, nil
		}
	}
	return nil, &types.ParameterNotFound{}
}

// Every running instance of the sandbox carries an agent that reaches Systems Manager as soon as its status checks run.
func describeInstanceInformation(r *region, in *ssm.DescribeInstanceInformationInput) (*ssm.DescribeInstanceInformationOutput, error) {
	var wanted []string
	for _, f := range in.Filters {
		if *f.Key != "InstanceIds" {
			return nil, &types.InvalidInstanceInformationFilterValue{Message: awssdk.String("The sandbox knows the key InstanceIds alone.")}
		}
		wanted = append(wanted, f.Values...)
	}
	out := &ssm.DescribeInstanceInformationOutput{}
	for _, one := range r.present() {
		if len(wanted) > 0 && !slices.Contains(wanted, *one.InstanceId) || one.is(pending, shuttingDown, terminated) {
			continue
		}
		ping, seen := types.PingStatusOnline, r.now()
		if !one.is(running) {
			ping, seen = types.PingStatusConnectionLost, one.since
		}
		out.InstanceInformationList = append(out.InstanceInformationList, types.InstanceInformation{
			InstanceId: one.InstanceId, PingStatus: ping, LastPingDateTime: &seen, AgentVersion: awssdk.String("3.3.1611.0"),
			PlatformType: types.PlatformTypeLinux, PlatformName: awssdk.String("Sandbox Linux"), PlatformVersion: awssdk.String("2023"),
			ResourceType: types.ResourceTypeEc2Instance, ComputerName: one.PrivateDnsName, IPAddress: one.PrivateIpAddress,
		})
	}
	return out, nil
}

// shellCommand is a command that was sent, and what each instance will have said of it.
type shellCommand struct {
	comment *string
	at      time.Time
	results map[string]ssm.GetCommandInvocationOutput // by instance
}

// sendCommand runs no shell: the sandbox knows a few words, and says of any other what a shell would say.
func sendCommand(r *region, in *ssm.SendCommandInput) (*ssm.SendCommandOutput, error) {
	if documents()[*in.DocumentName] == nil {
		return nil, &types.InvalidDocument{Message: awssdk.String("The sandbox has the documents " + shellDocument + " and " + patchDocument + " alone.")}
	}
	if err := misfit(*in.DocumentName, in.Parameters); err != nil {
		return nil, err
	}
	command := shellCommand{comment: in.Comment, at: r.now(), results: map[string]ssm.GetCommandInvocationOutput{}}
	for _, id := range in.InstanceIds {
		list, err := r.named([]string{id})
		if err != nil || !list[0].is(running) {
			return nil, &types.InvalidInstanceId{Message: awssdk.String("Instances [[" + id + "]] not in a valid state for account " + r.account)}
		}
		if *in.DocumentName == patchDocument {
			command.results[id] = patched(list[0], in.Parameters)
		} else {
			command.results[id] = shell(list[0], strings.Join(in.Parameters["commands"], "\n"), r.now())
		}
	}
	r.world.issued++
	sum := hex.EncodeToString(hashOf(fmt.Sprint("command", r.world.issued)))
	id := sum[:8] + "-" + sum[8:12] + "-4" + sum[12:15] + "-a" + sum[15:18] + "-" + sum[18:30]
	if r.commands == nil {
		r.commands = map[string]shellCommand{}
	}
	r.commands[id] = command
	return &ssm.SendCommandOutput{Command: &types.Command{
		CommandId: &id, DocumentName: in.DocumentName, InstanceIds: in.InstanceIds, Parameters: in.Parameters, Comment: in.Comment,
		Status: types.CommandStatusPending, StatusDetails: awssdk.String("Pending"), RequestedDateTime: &command.at,
	}}, nil
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// shell says what a shell would, for the few words that it knows.
func shell(one *instance, script string, now time.Time) ssm.GetCommandInvocationOutput {
	word, rest, _ := strings.Cut(strings.TrimSpace(script), " ")
	out, status, code := "", types.CommandInvocationStatusSuccess, int32(0)
	var complaint string
	switch word {
	case "uptime":
		out = fmt.Sprintf(" up %d min,  0 users,  load average: 0.00, 0.01, 0.00\n", int(now.Sub(*one.LaunchTime).Minutes()))
	case "hostname":
		out = *one.PrivateDnsName + "\n"
	case "echo":
		out = strings.Trim(rest, `"'`) + "\n"
	case "true":
	default:
		status, code = types.CommandInvocationStatusFailed, 127
		complaint = "sh: 1: " + word + ": not found (this pretend machine knows echo, hostname, true and uptime)\nfailed to run commands: exit status 127"
	}
	return ssm.GetCommandInvocationOutput{
		InstanceId: one.InstanceId, DocumentName: awssdk.String(shellDocument), PluginName: awssdk.String("aws:runShellScript"),
		Status: status, StatusDetails: awssdk.String(string(status)), ResponseCode: code,
		StandardOutputContent: &out, StandardErrorContent: &complaint,
	}
}

func getCommandInvocation(r *region, in *ssm.GetCommandInvocationInput) (*ssm.GetCommandInvocationOutput, error) {
	command, ok := r.commands[*in.CommandId]
	if !ok {
		return nil, &types.InvocationDoesNotExist{}
	}
	one, ok := command.results[*in.InstanceId]
	switch {
	case !ok:
		return nil, &types.InvocationDoesNotExist{}
	case in.PluginName == nil && *one.DocumentName == patchDocument, in.PluginName != nil && *in.PluginName != *one.PluginName:
		return nil, &types.InvalidPluginName{}
	}
	return r.invocation(*in.CommandId, *in.InstanceId), nil
}

// invocation is how a command stands on an instance now.
func (r *region) invocation(id, instance string) *ssm.GetCommandInvocationOutput {
	command := r.commands[id]
	out := command.results[instance]
	out.CommandId = &id
	if r.now().Sub(command.at) < r.world.options.Settle {
		out.Status, out.StatusDetails, out.ResponseCode = types.CommandInvocationStatusInProgress, awssdk.String("InProgress"), -1
		out.StandardOutputContent, out.StandardErrorContent = awssdk.String(""), awssdk.String("")
	}
	return &out
}

func listCommands(r *region, in *ssm.ListCommandsInput) (*ssm.ListCommandsOutput, error) {
	out := &ssm.ListCommandsOutput{}
	for id, command := range r.commands {
		fits := in.CommandId == nil || *in.CommandId == id
		for _, f := range in.Filters {
			if f.Key == types.CommandFilterKeyInvokedAfter {
				after, err := time.Parse(time.RFC3339, *f.Value)
				if err != nil {
					return nil, &types.InvalidFilterKey{}
				}
				fits = fits && !command.at.Before(after)
			}
		}
		if fits {
			at := command.at
			out.Commands = append(out.Commands, types.Command{
				CommandId: awssdk.String(id), Comment: command.comment, RequestedDateTime: &at, DocumentName: awssdk.String("AWS-RunShellScript"),
			})
		}
	}
	return out, nil
}
