package vm

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Connect is vm connect: the ways into an instance, and a public key that is let in for a minute.
type Connect struct {
	Single
	SSHKey []string `flag:"ssh-key" alias:"ssh-public-key" raw:"" value:"KEY" help:"Public key to let in for 60 seconds by EC2 Instance Connect, \"ssh-ed25519 AAAA...\"."`
	OSUser string   `flag:"os-user" alias:"instance-os-user,login" value:"LOGIN" help:"Login of the operating system for the key; the image's usual one where it is known."`

	cloud Cloud
}

const (
	connectCommand = "vm connect"
	keyStep        = "SendSSHPublicKey"
)

// osUser is what a login may look like to EC2 Instance Connect.
// Source: https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html
var osUser = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9@._-]{0,30}[A-Za-z0-9$_-]?$`)

// Validate refuses a key that is none, or is none to be shown, without repeating it.
func (c *Connect) Validate() error {
	if err := c.Single.Validate(); err != nil {
		return err
	}
	if c.OSUser != "" && !osUser.MatchString(c.OSUser) {
		return commands.Misuse("--os-user is not a login of an operating system.", "Logins look like "+commands.Mono("ec2-user")+" or "+commands.Mono("ubuntu")+".")
	}
	if len(c.SSHKey) == 0 {
		return nil
	}
	kind, rest, _ := strings.Cut(c.key(), " ")
	body, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	raw, err := base64.StdEncoding.DecodeString(body)
	const most = 4096 // characters that EC2 Instance Connect takes
	if kind != "ssh-ed25519" && kind != "ssh-rsa" || err != nil || len(raw) < 32 || len(c.key()) > most {
		return commands.Misuse("--ssh-key is not a public key of a kind that EC2 Instance Connect takes (ssh-ed25519 or ssh-rsa).",
			"Paste the one line of the .pub file, never the private key.")
	}
	return nil
}

func (c *Connect) key() string { return strings.TrimSpace(strings.Join(c.SSHKey, " ")) }

// Scope is the instance.
func (c *Connect) Scope(ctx context.Context) (commands.Scope, error) {
	return c.scope(ctx, c.cloud)
}

// Plan tells what would be let in.
func (c *Connect) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	i := p.Instances[0]
	report := commands.Report{Title: "Would show how to connect to " + nameOf(i), Where: where.Words(p.Place)}
	if len(c.SSHKey) == 0 {
		report.Body = commands.Blocks{commands.Text{Text: "Nothing changes."}}
		return report, nil
	}
	login, err := c.login(ctx, i, p.Target)
	if err != nil {
		return commands.Report{}, err
	}
	report.Title = "Would let a public key into " + nameOf(i) + " for 60 seconds"
	report.Body = commands.Blocks{
		commands.Fields{Fields: []commands.Field{{Name: "Login", Value: login}, {Name: "Key", Value: commands.Mono(shortKey(c.key()))}}},
		commands.Text{Text: "Nothing undoes it: the key is void after 60 seconds, and who is connected then stays connected."},
	}
	return report, nil
}

// Run sends the key, if there is one, and answers the ways in.
func (c *Connect) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	i, err := p.look(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if err := mustRun(i, p.Target, "nobody can connect to it"); err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: "Connect to " + nameOf(i), Where: where.Words(p.Place), Next: []commands.Next{showNext(p.Instances, p.Target)}}
	if len(c.SSHKey) > 0 {
		text, err := c.letIn(ctx, run, i, p.Target)
		if err != nil {
			return commands.Report{}, err
		}
		report.Tone, report.Title = commands.Good, "A public key is let into "+nameOf(i)+" for 60 seconds"
		report.Body = append(report.Body, text...)
	}
	region := p.Place.Region
	report.Body = append(
		report.Body,
		commands.Text{Text: "Session Manager: " + commands.Link(sessionURL(i.ID, region), "open a session in the console") + ", or in a terminal:"},
		commands.Code{Text: "aws ssm start-session --target " + i.ID + " --region " + region},
		commands.Text{Text: c.agentWords(ctx, i, p.Target)},
	)
	return report, nil
}

// letIn sends the key. Sending it again starts the minute anew, so it may be repeated.
func (c *Connect) letIn(ctx context.Context, run *commands.Run, i aws.Instance, t aws.Target) ([]commands.Block, error) {
	login, err := c.login(ctx, i, t)
	if err != nil {
		return nil, err
	}
	_, err = commands.Repeat(ctx, run, keyStep, func(ctx context.Context) (bool, error) {
		return true, c.cloud.SendPublicKey(ctx, t, i, login, c.key())
	})
	if err != nil {
		return nil, err
	}
	address, note := i.PublicIP, "The security group must allow port 22, and the private key stays with you."
	if address == "" {
		address, note = i.PrivateIP, "It has no public address: this works inside its network. The private key stays with you."
	}
	return []commands.Block{commands.Code{Text: "ssh " + login + "@" + address}, commands.Text{Text: note}}, nil
}

// login is the one that was given, or the one that the image's makers document.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/managing-users.html
func (c *Connect) login(ctx context.Context, i aws.Instance, t aws.Target) (string, error) {
	if c.OSUser != "" {
		return c.OSUser, nil
	}
	image, err := c.cloud.Image(ctx, t, i.ImageID)
	if err == nil {
		for _, known := range [][2]string{
			{"ubuntu", "ubuntu"}, {"debian", "admin"}, {"al2023", "ec2-user"}, {"amzn", "ec2-user"}, {"RHEL", "ec2-user"}, {"suse", "ec2-user"},
		} {
			if strings.Contains(image.Name, known[0]) {
				return known[1], nil
			}
		}
	}
	return "", commands.Misuse("deckhand does not know the login of the image of "+label(i)+".", "Give it with --os-user, for example "+commands.Mono("--os-user ec2-user")+".")
}

// shortKey shows enough of a public key to tell it from others.
func shortKey(key string) string {
	kind, rest, _ := strings.Cut(key, " ")
	body, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	const shown = 8
	return kind + " ..." + body[max(0, len(body)-shown):]
}

// sessionURL leads to a session in the console of the region's part of AWS.
func sessionURL(id, region string) string {
	host := "console.aws.amazon.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		host = "console.amazonaws.cn"
	case strings.HasPrefix(region, "us-gov-"):
		host = "console.amazonaws-us-gov.com"
	}
	return fmt.Sprintf("https://%s.%s/systems-manager/session-manager/%s?region=%s", region, host, id, region)
}

// agentWords says whether Session Manager reaches the instance.
func (c *Connect) agentWords(ctx context.Context, i aws.Instance, t aws.Target) string {
	agents, err := c.cloud.Agents(ctx, t, []string{i.ID})
	if err != nil {
		return "Whether Session Manager reaches it was not checked: " + commands.Words(err).Message
	}
	return agentState(agents[i.ID]) + "."
}

// agentState says what is known of an agent, without a full stop.
func agentState(a aws.Agent) string {
	switch {
	case !a.Known:
		return "Its Systems Manager agent never registered: the agent is not installed, the instance has no role that allows it, or it does not reach AWS"
	case a.Online():
		return "Its Systems Manager agent is online"
	default:
		return fmt.Sprintf("Its Systems Manager agent is not online (%s) and was last heard of %s", a.Ping, commands.At(a.LastPing))
	}
}

// Check cannot see whether a key was let in: AWS does not show it. It need not, for the key is void a minute later.
func (c *Connect) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if len(c.SSHKey) == 0 {
		return c.Run(ctx, run)
	}
	answered, err := commands.Answered(ctx, run, keyStep, toDo("connect"))
	if err != nil {
		return commands.Report{}, err
	}
	if answered {
		return c.Run(ctx, run)
	}
	return commands.Report{}, &commands.Error{
		Kind:    commands.Failed,
		Message: "AWS does not show whether the key was let in; if it was, it is void a minute later.",
		Hint:    commands.SendAgain,
	}
}
