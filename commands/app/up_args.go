package app

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"deckhand/commands"
	"deckhand/commands/lb"
	"deckhand/commands/spelling"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
	"deckhand/commands/where"
)

// Up is app up.
type Up struct {
	where.Target
	userdata.Flags
	commands.Term
	Name            string            `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application, its stack, its load balancer and its machines."`
	ImageID         string            `flag:"image-id" alias:"image,ami" required:"" value:"IMAGE" help:"Image of the machines, by id or by name as vm create takes it."`
	Count           int               `flag:"count" default:"2" value:"N" help:"How many machines; at most 20."`
	InstanceType    string            `flag:"instance-type" alias:"type" default:"t3.micro" value:"TYPE" help:"Instance type."`
	KeyName         string            `flag:"key-name" alias:"key" value:"KEY" help:"Key pair for SSH."`
	InstanceProfile string            `flag:"iam-instance-profile" alias:"instance-profile" value:"NAME" help:"Instance profile of the machines, by name or ARN."`
	Alias           string            `flag:"alias" value:"NAME" help:"DNS name that shall lead to it, in a hosted zone of Route 53."`
	Certificate     string            `flag:"certificate" value:"ARN" help:"Serve HTTPS with this certificate: an ARN, or auto for the one of ACM that fits the alias."`
	Port            int               `flag:"port" default:"80" value:"PORT" help:"Port that the machines answer at."`
	HealthCheckPath string            `flag:"health-check-path" default:"/" value:"PATH" help:"Path that health checks open."`
	VPC             string            `flag:"vpc" alias:"vpc-id,network" value:"VPC" help:"VPC by id or name; the default one where none is named."`
	Subnets         []string          `flag:"subnets" alias:"subnet-ids" value:"SUBNET" help:"Subnets by id or name, each in another zone; one in each zone where none is named."`
	Tag             map[string]string `flag:"tag" alias:"tags,tag-specifications" value:"KEY=VALUE" help:"Tag for everything that is made."`
	Profile         string            `flag:"profile" value:"NAME" help:"Launch profile of the configuration: it gives what the line leaves open; none for no profile."`
	Watch           *bool             `flag:"check" help:"Watch its endpoint with a health check of deckhand; --no-check does not."`

	From   string            `flag:"-" json:",omitempty"` // the profile that was taken
	Filled []commands.Preset `flag:"-" json:",omitempty"` // what it gave
	Unused []string          `flag:"-" json:",omitempty"` // what else it has, which an application decides itself

	room Room
}

const mostMachines = 20 // ours: a slip of the finger costs no more

func nameProblem(name string) *commands.Error {
	// A stack, a load balancer and a target group can all be called so; a stack's name begins with a letter.
	if lb.IsName(name) && spelling.Fits(name[:1], 1, spelling.Letters, "") {
		return nil
	}
	return commands.Misuse(commands.Mono(commands.OrNone(name))+" cannot be the name of an application.", "It has up to 32 letters, digits and hyphens, begins with a letter, ends with none of the hyphens, and does not begin with internal-.")
}

func countProblem(n int) *commands.Error {
	if n >= 1 && n <= mostMachines {
		return nil
	}
	return commands.Misuse(fmt.Sprintf("--count %d is out of range.", n), fmt.Sprintf("An application has 1 to %d machines.", mostMachines))
}

// Validate tells everything that can be known without AWS, all at once.
func (c *Up) Validate() error {
	wrong := vm.MachineProblems(c.ImageID, c.InstanceType)
	wrong.Add(nameProblem(c.Name))
	wrong.Add(countProblem(c.Count))
	_, more := c.Script(c.room.Templates)
	wrong = append(wrong, more...)
	if c.Port < 1 || c.Port > 65535 {
		wrong.Add(commands.Misuse("A port is a number from 1 to 65535.", ""))
	}
	if !strings.HasPrefix(c.HealthCheckPath, "/") {
		wrong.Add(commands.Misuse("A health check's path begins with a slash.", "Write "+commands.Mono("--health-check-path /"+c.HealthCheckPath)+"."))
	}
	if c.Alias != "" && (!lb.IsDNSName(c.Alias) || strings.HasPrefix(c.Alias, "*")) {
		wrong.Add(commands.Misuse(commands.Mono(c.Alias)+" is not a DNS name.", "It looks like shop.example.com."))
	}
	switch {
	case c.Certificate == "auto" && c.Alias == "":
		wrong.Add(commands.Misuse(commands.Mono("--certificate auto")+" chooses by the alias, and there is none.", "Name it with "+commands.Mono("--alias")+"."))
	case c.Certificate != "" && c.Certificate != "auto" && !strings.HasPrefix(c.Certificate, "arn:"):
		wrong.Add(commands.Misuse(commands.Mono(c.Certificate)+" is not the ARN of a certificate.", "It begins with arn:aws:acm:."))
	}
	for key := range c.Tag {
		if commands.OwnTag(key) || strings.HasPrefix(strings.ToLower(key), "aws:") {
			wrong.Add(commands.Misuse("The tag "+commands.Mono(key)+" is one that deckhand or AWS writes itself.", "Call it something else."))
		}
	}
	return wrong.Err()
}

func (c *Up) alias() string { return strings.ToLower(strings.TrimSuffix(c.Alias, ".")) }

// profile answers the name of an instance profile: an ARN ends with it.
func (c *Up) profile() string {
	return path.Base(strings.TrimPrefix(strings.TrimPrefix(c.InstanceProfile, "Name="), "Arn="))
}

// Fill takes what the profile gives and the line does not.
func (c *Up) Fill(given func(flag string) bool) ([]commands.Preset, error) {
	from, presets, err := vm.Fill(c.room.Profiles, c.Profile, c.Tag, given)
	if err != nil {
		return nil, err
	}
	c.From = from
	for _, preset := range presets {
		switch preset.Flag {
		case "security-group-ids", "subnet-id", "associate-public-ip-address", "volume-size":
			c.Unused = append(c.Unused, preset.Flag)
			continue
		case "env":
			preset = commands.Preset{Flag: "tag", Value: "env=" + preset.Value}
		}
		c.Filled = append(c.Filled, preset)
	}
	return c.Filled, nil
}

// profileWords tell what the profile gave, and what of it an application does not take; none where no profile was taken.
func (c *Up) profileWords() []string {
	var out []string
	if words := vm.ProfileWords(c.From, c.Filled); words != "" {
		out = append(out, words)
	}
	if len(c.Unused) > 0 {
		out = append(out, "Not taken from the profile "+c.From+": "+strings.Join(c.Unused, ", ")+". An application has its own security groups, subnets and disks.")
	}
	return out
}

// line is the line that asks for the same again.
func (c *Up) line() string {
	out := "app up" + commands.Flag("name", c.Name) + commands.Flag("image-id", c.ImageID) + commands.Flag("count", fmt.Sprint(c.Count)) +
		commands.Flag("instance-type", c.InstanceType) + commands.Flag("key-name", c.KeyName) + commands.Flag("iam-instance-profile", c.InstanceProfile) +
		commands.Flag("alias", c.Alias) + commands.Flag("certificate", c.Certificate) + commands.Flag("port", fmt.Sprint(c.Port)) +
		commands.Flag("health-check-path", c.HealthCheckPath) + commands.Flag("vpc", c.VPC) + c.Flags.Line()
	for _, s := range c.Subnets {
		out += commands.Flag("subnets", s)
	}
	for _, key := range sorted(c.Tag) {
		out += commands.Flag("tag", key+"="+c.Tag[key])
	}
	out += commands.Flag("profile", c.Profile)
	if c.Watch != nil && !*c.Watch {
		out += " --no-check"
	}
	if c.TTL != 0 {
		out += commands.Flag("ttl", c.TTL.String())
	}
	return out + where.Flags(c.At())
}

func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
