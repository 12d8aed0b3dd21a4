package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lb"
	"deckhand/commands/vm"
	"deckhand/commands/where"
)

// blueprint is what a line to bring an application up means: ids for its names, and AWS's part filled in. It is kept in the journal.
type blueprint struct {
	Target      aws.Target
	Place       aws.Place
	Image       aws.Image
	ImageFrom   string // how the line named it; "" by its id
	VPC         aws.VPC
	Subnets     []aws.Subnet
	Zone        aws.HostedZone
	Certificate string
	Notes       []string
}

// resolve looks everything up before anything is made; what is missing is told here.
func (c *Up) resolve(ctx context.Context, now time.Time) (blueprint, error) {
	p := blueprint{Target: c.At(), Place: c.room.Cloud.Place(ctx, c.At())}
	for _, step := range []func(context.Context, *blueprint) error{c.findNetwork, c.findImage, c.findAlias, c.findNamesakes} {
		if err := step(ctx, &p); err != nil {
			return p, err
		}
	}
	return p, c.findCertificate(ctx, &p, now)
}

func (c *Up) findImage(ctx context.Context, p *blueprint) error {
	id, from, err := vm.FindImage(ctx, c.room.Cloud, p.Target, c.ImageID, c.InstanceType)
	if err != nil {
		return err
	}
	p.ImageFrom = from
	p.Image, err = c.room.Cloud.Image(ctx, p.Target, id)
	return err
}

// findNetwork takes the named VPC and subnets: otherwise the default VPC, and in each zone a subnet with public addresses.
func (c *Up) findNetwork(ctx context.Context, p *blueprint) error {
	n, err := c.room.Cloud.Network(ctx, p.Target, "")
	if err != nil {
		return err
	}
	if err := c.chooseSubnets(n, p); err != nil {
		return err
	}
	if err := c.chooseVPC(n, p); err != nil {
		return err
	}
	if len(c.Subnets) == 0 {
		inside := slices.DeleteFunc(n.Subnets, func(s aws.Subnet) bool { return s.VPCID != p.VPC.ID })
		p.Subnets = lb.OneInEachZone(lb.Reached(inside, n.Tables, 2), func(s aws.Subnet) int {
			if lb.Open(s, n.Tables) {
				return 1
			}
			return 0
		})
	}
	zones := map[string]bool{}
	for _, s := range p.Subnets {
		if zones[s.Zone] {
			return commands.Conflicting("Two of the subnets are in the zone "+s.Zone+", and a load balancer has one in each zone.", "Leave one of them out.")
		}
		zones[s.Zone] = true
	}
	if len(zones) < 2 {
		return commands.Conflicting(fmt.Sprintf("An application needs subnets in at least two zones, and %s has %d.", named(p.VPC.Name, p.VPC.ID), len(zones)),
			"Make another subnet in it, or say another VPC with "+commands.Mono("--vpc")+"; "+commands.Mono(where.Line(p.Target, "net up", "--name NAME", "--azs 2"))+" makes one with two.")
	}
	if !slices.ContainsFunc(n.Gateways, func(g aws.Gateway) bool { return g.VPCID == p.VPC.ID }) {
		return commands.Conflicting(named(p.VPC.Name, p.VPC.ID)+" has no internet gateway, so nobody could reach the application.", commands.Mono(where.Line(p.Target, "net up", "--name NAME"))+" makes a network that has one.")
	}
	return nil
}

func (c *Up) chooseSubnets(n aws.Network, p *blueprint) error {
	for _, word := range c.Subnets {
		some := slices.DeleteFunc(slices.Clone(n.Subnets), func(s aws.Subnet) bool { return s.ID != word && s.Name != word })
		switch {
		case len(some) == 0:
			return &commands.Error{Kind: commands.NotFound, Message: "There is no subnet " + commands.Mono(word) + " here.", Hint: commands.Mono(where.Line(p.Target, "net subnet list")) + " shows what there is."}
		case len(some) > 1:
			choices := &commands.Choices{Of: word, In: "Subnets"}
			for _, one := range some {
				choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(one.ID, one.Zone, one.VPCID), Words: []string{one.ID}})
			}
			return &commands.Error{Choices: choices, Kind: commands.Ambiguous, Message: fmt.Sprintf("%s is the name of %d subnets.", commands.Mono(word), len(some)), Hint: "Give the id of the one that you mean."}
		}
		p.Subnets = append(p.Subnets, some[0])
	}
	return nil
}

func (c *Up) chooseVPC(n aws.Network, p *blueprint) error {
	wanted := func(v aws.VPC) bool { return v.Default }
	switch {
	case c.VPC != "":
		wanted = func(v aws.VPC) bool { return v.ID == c.VPC || v.Name == c.VPC }
	case len(p.Subnets) > 0:
		wanted = func(v aws.VPC) bool { return v.ID == p.Subnets[0].VPCID }
	}
	some := slices.DeleteFunc(slices.Clone(n.VPCs), func(v aws.VPC) bool { return !wanted(v) })
	switch {
	case len(some) == 0 && c.VPC == "":
		return &commands.Error{Kind: commands.NotFound, Message: "There is no default VPC in " + p.Place.Region + ".", Hint: "Name one with " + commands.Mono("--vpc") + "; " + commands.Mono(where.Line(p.Target, "net up", "--name NAME")) + " makes one."}
	case len(some) == 0:
		return &commands.Error{Kind: commands.NotFound, Message: "There is no VPC " + commands.Mono(c.VPC) + " here.", Hint: commands.Mono(where.Line(p.Target, "net show")) + " shows what there is."}
	case len(some) > 1:
		choices := &commands.Choices{Of: c.VPC, In: "VPC"}
		for _, one := range some {
			choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(one.ID, one.CIDR), Words: []string{one.ID}})
		}
		return &commands.Error{Choices: choices, Kind: commands.Ambiguous, Message: fmt.Sprintf("%s is the name of %d VPCs.", commands.Mono(c.VPC), len(some)), Hint: "Give the id of the one that you mean."}
	}
	p.VPC = some[0]
	for _, s := range p.Subnets {
		if s.VPCID != p.VPC.ID {
			return commands.Conflicting("The subnet "+named(s.Name, s.ID)+" is not in "+named(p.VPC.Name, p.VPC.ID)+".", "An application stands in one VPC.")
		}
	}
	return nil
}

// findAlias refuses a name that belongs to no zone, and one that leads somewhere already.
func (c *Up) findAlias(ctx context.Context, p *blueprint) error {
	if c.Alias == "" {
		return nil
	}
	var err error
	if p.Zone, err = c.room.Cloud.HostedZone(ctx, p.Target, c.alias()); err != nil {
		return err
	}
	there, err := c.room.Cloud.Records(ctx, p.Target, p.Zone.ID, c.alias())
	for _, r := range there {
		if r.Type == "A" || r.Type == "CNAME" {
			to := r.AliasName
			if to == "" {
				to = strings.Join(r.Values, ", ")
			}
			return commands.Conflicting(fmt.Sprintf("%s already leads to %s, so nothing was done.", commands.Mono(c.alias()), commands.Mono(to)), "Take another name, or remove that record first.")
		}
	}
	return err
}

// findNamesakes refuses a name that something else has already: CloudFormation would find out only half-way.
func (c *Up) findNamesakes(ctx context.Context, p *blueprint) error {
	there, err := c.room.Cloud.Stack(ctx, p.Target, c.Name)
	if err != nil {
		return err
	}
	if there.ID != "" {
		return taken(p.Target, there)
	}
	balancers, err := c.room.Cloud.LoadBalancers(ctx, p.Target, aws.LoadBalancerQuery{Names: []string{c.Name}})
	if err != nil {
		return err
	}
	groups, err := c.room.Cloud.TargetGroups(ctx, p.Target, aws.TargetGroupQuery{Names: []string{c.Name}})
	if err != nil {
		return err
	}
	if len(balancers)+len(groups) > 0 {
		return commands.Conflicting("There is a load balancer or a target group "+commands.Mono(c.Name)+" already, so nothing was done.", "Choose another name; "+commands.Mono(where.Line(p.Target, "lb list"))+" shows what there is.")
	}
	return nil
}

// taken says that a stack has the name, and what to do about it.
func taken(t aws.Target, s aws.Stack) error {
	e := commands.Conflicting("There is a stack "+commands.Mono(s.Name)+" already, so nothing was done.", "Choose another name.")
	switch {
	case s.Tags[commands.AppTag] == "":
		e.Message = "There is a stack " + commands.Mono(s.Name) + " already, which deckhand did not make, so nothing was done."
	case s.Stands():
		e.Hint = "Choose another name, or change it: " + commands.Mono(where.Line(t, "app deploy", s.Name)+" ...") + "."
	case s.Moving():
		e.Hint = commands.Mono(where.Line(t, "app status", s.Name)) + " shows how far it is."
	default:
		e.Message = fmt.Sprintf("What an earlier request left of %s is still there (%s), so nothing was done.", commands.Mono(s.Name), s.Status)
		e.Hint = "Clean it up first: " + commands.Mono(where.Line(t, "app down", s.Name)) + "."
	}
	return e
}

// findCertificate takes the certificate that the line asks for, and tells of one that fits and was not asked for.
func (c *Up) findCertificate(ctx context.Context, p *blueprint, now time.Time) error {
	p.Certificate = c.Certificate
	if arn := strings.Split(c.Certificate, ":"); len(arn) > 3 && arn[2] == "acm" && arn[3] != p.Place.Region { // CloudFormation would find out only half-way
		return commands.Conflicting("The certificate is in "+arn[3]+", and a load balancer takes one of its own region, "+p.Place.Region+", so nothing was done.", "Ask ACM for one there.")
	}
	if c.Alias == "" || c.Certificate != "" && c.Certificate != "auto" {
		return nil
	}
	all, err := c.room.Cloud.Certificates(ctx, p.Target)
	if c.Certificate == "" {
		if err == nil {
			if _, err = lb.CertificateFor(all, c.alias(), now); err == nil {
				p.Notes = append(p.Notes, "It answers by HTTP alone. ACM has a certificate for "+c.alias()+": "+commands.Mono("--certificate auto")+" serves HTTPS.")
			}
		}
		return nil // it was only a look
	}
	if err != nil {
		return err
	}
	best, err := lb.CertificateFor(all, c.alias(), now)
	if err != nil {
		return err
	}
	p.Certificate = best.ARN
	p.Notes = append(p.Notes, "The certificate for "+strings.Join(best.Domains, ", ")+" ends at "+commands.At(best.ExpiresAt)+".")
	return nil
}

// parameters are what the template is filled with.
func (c *Up) parameters(p blueprint, script string, tags map[string]string) map[string]string {
	var subnets []string
	for _, s := range p.Subnets {
		subnets = append(subnets, s.ID)
	}
	values := map[string]string{
		"AppName": c.Name, "Vpc": p.VPC.ID, "Subnets": strings.Join(subnets, ","), "InstanceType": c.InstanceType, "KeyName": c.KeyName, "InstanceProfile": "", "Port": strconv.Itoa(c.Port),
		"HealthCheckPath": c.HealthCheckPath, "Certificate": p.Certificate, "Alias": c.alias(), "Zone": p.Zone.ID,
		"Owner": tags[commands.OwnerTag], "Request": tags[commands.RequestTag],
	}
	if c.InstanceProfile != "" {
		values["InstanceProfile"] = c.profile()
	}
	setImage(values, p.Image)
	setCount(values, c.Count)
	setScript(values, script)
	return values
}

func setImage(values map[string]string, image aws.Image) {
	values["Image"], values["RootDevice"], values["RootGiB"] = image.ID, image.RootDevice, ""
	if image.RootGiB > 0 {
		values["RootGiB"] = strconv.Itoa(image.RootGiB)
	}
}

func setCount(values map[string]string, n int) {
	values["Machines"], values["MostMachines"] = strconv.Itoa(n), strconv.Itoa(n+1)
}

// scriptPieces is how many parameters hold the script, each up to scriptPiece bytes.
const (
	scriptPieces = 6
	scriptPiece  = 4096
)

func scriptPieceName(n int) string { return "UserData" + strconv.Itoa(n+1) }

// setScript writes a script in base64, as a launch template takes it, into the parameters that hold it.
func setScript(values map[string]string, script string) {
	encoded := base64.StdEncoding.EncodeToString([]byte(script))
	for n := range scriptPieces {
		piece := encoded[min(n*scriptPiece, len(encoded)):min((n+1)*scriptPiece, len(encoded))]
		values[scriptPieceName(n)] = piece
	}
}
