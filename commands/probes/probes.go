// Package probes is the commands on probes: small functions in regions of AWS, or inside of a VPC, from which checks look. See docs/probes.md.
package probes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/probe"
	"deckhand/commands/schedule"
	"deckhand/commands/where"
)

// Cloud is the door to AWS. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Maker
	Remover
}

// Reader looks at probes.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	// Function and Role answer an error of kind NotFound where there is none.
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	Role(ctx context.Context, t aws.Target, name string) (aws.Role, error)
	RolesUnder(ctx context.Context, t aws.Target, path string) ([]aws.Role, error)
	// FunctionPrice answers an error where the price cannot be told for certain.
	FunctionPrice(ctx context.Context, t aws.Target) (aws.FunctionPrice, error)
}

// Maker makes probes. Asking twice makes one: each is known again by its tags.
type Maker interface {
	EnsureRole(ctx context.Context, t aws.Target, n aws.NewRole) (aws.Role, error)
	CreateFunction(ctx context.Context, t aws.Target, n aws.NewFunction) (aws.Function, error)
	UpdateFunctionCode(ctx context.Context, t aws.Target, name string, code aws.FunctionCode, architectures []string) error
	// WaitForFunction waits until a function is ready; an error says why it will not be.
	WaitForFunction(ctx context.Context, t aws.Target, name string, progress func(aws.Function)) (aws.Function, error)
}

// Remover removes probes. What is gone already is no error.
type Remover interface {
	DeleteFunction(ctx context.Context, t aws.Target, name string) error
	DeleteRole(ctx context.Context, t aws.Target, name string) error
}

// Checks knows from where checks look.
type Checks interface {
	Checks(ctx context.Context) ([]check.Check, error)
}

// Room is what the commands close over.
type Room struct {
	Cloud  Cloud
	Checks Checks
	Acts   schedule.Acts // remove roles that AWS needs a while longer
}

// probeTag is the tag of a probe's function and role: where it looks from, without the account, "eu-west-1/inside".
const probeTag = "deckhand:probe"

// rolePath is where the roles of probes stand, each under its region, so that IAM, which belongs to no region, knows all probes of an account.
const rolePath = "/" + probe.FunctionName + "/"

// Commands is the probe commands.
func Commands(r Room) []commands.Command {
	look := []string{"lambda:GetFunction", "lambda:GetFunctionConfiguration", "iam:GetRole"}
	return []commands.Command{
		{
			Name:    "probe create",
			Summary: "Make a small function in a region, or inside of a VPC, from which checks look; bring one that is there up to date",
			Example: "probe create --region eu-west-1", Undo: commands.Mono("probe delete") + " of the same region.",
			Risk: commands.Change,
			Rights: append([]string{
				"lambda:CreateFunction", "lambda:TagResource", "lambda:UpdateFunctionCode", "iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy", "iam:PassRole",
				"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "pricing:GetProducts",
			}, look...),
			New: func() commands.Runner { return &Create{room: r} },
		},
		{
			Name:    "probe list",
			Aliases: []string{"probe ls", "probes"},
			Summary: "List the probes of every region, and which checks look from them",
			Example: "probe list",
			Rights:  append([]string{"iam:ListRoles"}, look...),
			New:     func() commands.Runner { return &List{room: r} },
		},
		{
			Name:    "probe show",
			Summary: "Show a probe: its function, its network, its price, and the checks that look from it",
			Example: "probe show eu-west-1",
			Rights:  append([]string{"pricing:GetProducts"}, look...),
			New:     func() commands.Runner { return &Show{room: r} },
		},
		{
			Name:    "probe delete",
			Aliases: []string{"probe remove", "probe rm"},
			Summary: "Remove a probe with its role, or with --all every probe of every region",
			Example: "probe delete eu-west-1", Undo: commands.Mono("probe create") + " of the same region; a probe keeps nothing that could be lost.",
			Risk: commands.Change,
			Rights: append([]string{
				"lambda:DeleteFunction", "iam:ListRoles", "iam:ListRolePolicies", "iam:DeleteRolePolicy", "iam:ListAttachedRolePolicies", "iam:DetachRolePolicy", "iam:DeleteRole",
			}, look...),
			New: func() commands.Runner { return &Delete{room: r} },
		},
	}
}

// Spot is the arguments that say which probe.
type Spot struct {
	where.Target
	Spot string `arg:"place" value:"PLACE" help:"Where it looks from: eu-west-1, or eu-west-1/NAME."`
	Name string `flag:"name" value:"NAME" help:"Name of the probe, where a region has several: small letters, digits and dashes."`
}

// Settle fills in what the line leaves open.
func (s *Spot) Settle(account, region string) string {
	if s.Spot != "" {
		return ""
	}
	return s.Target.Settle(account, region)
}

// place reads which probe the line means. The region may still be open. Errors are of kind Usage.
func (s *Spot) place() (probe.Place, error) {
	if one, more, several := strings.Cut(s.Region+s.Spot, ","); several {
		next, _, _ := strings.Cut(more, ",")
		return probe.Place{}, commands.Misuse("A line is about one probe.", "Write it once for "+commands.Mono(one)+", then for "+commands.Mono(next)+".")
	}
	p := probe.Place{Account: s.Account, Region: s.Region, Name: s.Name}
	if s.Spot != "" {
		said, err := probe.ParsePlace(s.Spot)
		switch {
		case err != nil:
			return p, commands.Misuse(commands.Mono(s.Spot)+" is no probe's place.", "Write a region, such as "+commands.Mono("eu-west-1")+", with the probe's name where it has one: "+commands.Mono("eu-west-1/inside")+".")
		case said.Region == "":
			return p, commands.Misuse("Here the bot itself looks: no probe is needed.", "Say "+commands.Mono("--from here")+" in a check.")
		case p.Region != "" && p.Region != said.Region, p.Name != "" && said.Name != "" && p.Name != said.Name, p.Account != "" && said.Account != "" && p.Account != said.Account:
			return p, commands.Misuse("The line says two places.", "Say one: "+commands.Mono(said.String())+".")
		}
		if said.Account == "" {
			said.Account = p.Account
		}
		if said.Name == "" {
			said.Name = p.Name
		}
		p = said
	}
	if p.Name != "" && !probe.PlaceName(p.Name) {
		return p, commands.Misuse(commands.Mono(p.Name)+" is no name of a probe.", "Names have up to 20 small letters, digits and dashes.")
	}
	return p, nil
}

// Validate refuses what is no probe's place.
func (s *Spot) Validate() error {
	_, err := s.place()
	return err
}

// picked is the probe that a line means, with its region filled in.
type picked struct {
	probe.Place
	At aws.Place
}

func (s *Spot) pick(ctx context.Context, cloud Reader) (picked, error) {
	p, err := s.place()
	if err != nil {
		return picked{}, err
	}
	at := cloud.Place(ctx, target(p))
	p.Region = at.Region
	return picked{p, at}, nil
}

func target(p probe.Place) aws.Target { return aws.Target{Account: p.Account, Region: p.Region} }

// tag is the value of a probe's tag: the place without the account, which is the one that it stands in.
func tag(p probe.Place) string { return probe.Place{Region: p.Region, Name: p.Name}.String() }

func roleName(p probe.Place) string { return p.Function() + "-" + p.Region }

func (p picked) resource(tags map[string]string) commands.Resource {
	return commands.Resource{ID: "function/" + p.Function(), Name: p.String(), Tags: tags}
}

// found is what stands of a probe.
type found struct {
	Place    probe.Place
	Function aws.Function // the zero value where there is none
	Role     string       // "" where there is none
}

// find looks for a probe. What carries its name and not its tag was not made as a probe, and is not in it.
func (r Room) find(ctx context.Context, p probe.Place) (found, error) {
	f := found{Place: p}
	function, err := r.Cloud.Function(ctx, target(p), p.Function(), "")
	if err != nil && !missing(err) {
		return f, err
	}
	if err == nil && function.Tags[probeTag] == tag(p) {
		function.Environment = nil
		f.Function = function
	}
	role, err := r.Cloud.Role(ctx, target(p), roleName(p))
	if err != nil && !missing(err) {
		return f, err
	}
	if err == nil && role.Tags[probeTag] == tag(p) {
		f.Role = role.Name
	}
	return f, nil
}

func (f found) there() bool { return f.Function.Name != "" || f.Role != "" }

func missing(err error) bool { return commands.Words(err).Kind == commands.NotFound }

// candidates are the places where probes of an account may stand: where its roles say so, and where checks look from.
func (r Room) candidates(ctx context.Context, account string) ([]probe.Place, error) {
	roles, err := r.Cloud.RolesUnder(ctx, aws.Target{Account: account}, rolePath)
	if err != nil {
		return nil, err
	}
	var places []probe.Place
	for _, role := range roles {
		region := strings.Trim(strings.TrimPrefix(role.Path, rolePath), "/")
		name := strings.TrimPrefix(strings.TrimSuffix(role.Name, "-"+region), probe.FunctionName)
		p, err := probe.ParsePlace(probe.Place{Account: account, Region: region, Name: strings.TrimPrefix(name, "-")}.String())
		if err == nil && p.Region != "" && roleName(p) == role.Name {
			places = append(places, p)
		}
	}
	watching, err := r.watching(ctx)
	if err != nil {
		return nil, err
	}
	for p := range watching {
		if p.Account == account && p.Region != "" && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	commands.Order(places, func(a, b probe.Place) int { return strings.Compare(a.String(), b.String()) })
	return places, nil
}

// watching are the names of the checks that look from each place.
func (r Room) watching(ctx context.Context) (map[probe.Place][]string, error) {
	checks, err := r.Checks.Checks(ctx)
	if err != nil {
		return nil, err
	}
	by := map[probe.Place][]string{}
	for _, c := range checks {
		for _, p := range c.Places() {
			by[p] = append(by[p], c.Name)
		}
	}
	return by, nil
}

// all finds the probes of an account, at most a few at a time.
func (r Room) all(ctx context.Context, account string) ([]found, error) {
	places, err := r.candidates(ctx, account)
	if err != nil {
		return nil, err
	}
	out := make([]found, 0, len(places))
	for _, p := range places {
		f, err := r.find(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// network says where a probe's function stands.
func network(f aws.Function) string {
	if len(f.Subnets) == 0 {
		return "the internet"
	}
	return "inside of " + commands.And(commands.Monos(f.Subnets)) + ", in " + commands.And(commands.Monos(f.Groups))
}

// Memory of a probe's function, in MB: handshakes need more of a processor than the least has.
const memory = 256

// glance is how long looking at prices may take.
const glance = 10 * time.Second

// price says what looking costs: "$0.20 a million looks, and $0.0000042 for each second".
func (r Room) price(ctx context.Context, p probe.Place) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	rate, err := r.Cloud.FunctionPrice(ctx, target(p))
	if err != nil {
		return "unknown: " + commands.Words(err).Message
	}
	second := rate.USDPerGBSecond * memory / 1024
	const monthly = 30 * 24 * 60
	return fmt.Sprintf("nothing by itself; a look every minute that takes a second is $%.2f a month (%s a look and %s a second)",
		monthly*(rate.USDPerCall+second), dollars(rate.USDPerCall), dollars(second))
}

// LookPrice is what a look costs that takes so long, in dollars.
func LookPrice(rate aws.FunctionPrice, takes time.Duration) float64 {
	return rate.USDPerCall + rate.USDPerGBSecond*memory/1024*takes.Seconds()
}

func dollars(v float64) string { return "$" + strings.TrimRight(fmt.Sprintf("%.9f", v), "0") }
