package lb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Create is lb create.
type Create struct {
	where.Target
	commands.Term
	HealthCheck
	Name             string            `arg:"name" alias:"name" required:"" value:"NAME" help:"Name of the load balancer and its target group."`
	Port             int               `flag:"port" value:"PORT" help:"Port that it answers at; 80, or 443 for HTTPS and TLS."`
	Protocol         string            `flag:"protocol" value:"PROTOCOL" help:"HTTP or HTTPS; TCP, TLS or UDP for a network load balancer."`
	Alias            string            `flag:"alias" value:"NAME" help:"DNS name that shall lead to it, in a hosted zone of Route 53."`
	Targets          []string          `flag:"targets" value:"INSTANCE" help:"Instances behind it, by name, id or private IP."`
	TargetPort       int               `flag:"target-port" value:"PORT" help:"Port that the targets listen at; the same, or 80 behind HTTPS and TLS."`
	Subnets          []string          `flag:"subnets" value:"SUBNET" help:"Subnets by id or name; one in each zone of the targets' VPC where none is named."`
	SecurityGroupIDs []string          `flag:"security-group-ids" alias:"security-groups,sg" value:"GROUP" help:"Security groups by id or name; the targets' own where none is named."`
	Scheme           string            `flag:"scheme" enum:"internet-facing,internal" default:"internet-facing" help:"Who can reach it."`
	Type             string            `flag:"type" enum:"application,network" default:"application" help:"Kind of load balancer."`
	Certificate      string            `flag:"certificate" value:"ARN" help:"Certificate for HTTPS and TLS: an ARN, or auto for the one of ACM that fits the alias."`
	Redirect         *bool             `flag:"redirect" help:"Send browsers from HTTP at port 80 on to HTTPS; so by itself where HTTPS is at port 443, --no-redirect does not."`
	Tag              map[string]string `flag:"tag" alias:"tags,tag-specifications" value:"KEY=VALUE" help:"Tag for everything that is made."`
	OverwriteAlias   bool              `flag:"overwrite-alias" help:"Let the alias replace a record that leads elsewhere."`
	Watch            *bool             `flag:"check" help:"Watch its address with a health check of deckhand; --no-check does not."`

	cloud Cloud
	book  check.Book
}

// settled is what the flags mean, defaults filled in.
type settled struct {
	protocol, targetProtocol string
	port, targetPort         int
	secure                   bool
	redirect                 bool // from port 80
}

func (c *Create) settle() settled {
	s := settled{protocol: strings.ToUpper(c.Protocol), port: c.Port, targetPort: c.TargetPort}
	if s.protocol == "" {
		s.protocol = map[string]string{"application": "HTTP", "network": "TCP"}[c.Type]
		if c.Type == "application" && (s.port == 443 || c.Certificate != "") {
			s.protocol = "HTTPS"
		}
	}
	s.secure = s.protocol == "HTTPS" || s.protocol == "TLS"
	if s.port == 0 {
		s.port = 80
		if s.secure {
			s.port = 443
		}
	}
	if s.targetPort == 0 {
		s.targetPort = s.port
		if s.secure {
			s.targetPort = 80
		}
	}
	s.targetProtocol = map[string]string{"HTTP": "HTTP", "HTTPS": "HTTP", "TLS": "TCP"}[s.protocol]
	if s.targetProtocol == "" {
		s.targetProtocol = s.protocol
	}
	if s.redirect = s.protocol == "HTTPS" && s.port == 443; c.Redirect != nil {
		s.redirect = *c.Redirect
	}
	return s
}

// doors are the listeners in words.
func (s settled) doors() string {
	words := fmt.Sprintf("%s, port %d", s.protocol, s.port)
	if s.redirect {
		words += "; HTTP at port 80 redirects there"
	}
	return words
}

// Validate tells what can be known without AWS.
func (c *Create) Validate() error {
	s := c.settle()
	allowed, other, kind := []string{"HTTP", "HTTPS"}, []string{"TCP", "TLS", "UDP", "TCP_UDP"}, "network"
	if c.Type == "network" {
		allowed, other, kind = other, allowed, "application"
	}
	switch {
	case !IsName(c.Name):
		return commands.Misuse(commands.Mono(c.Name)+" cannot be the name of a load balancer.", "It has up to 32 letters, digits and hyphens, no hyphen at either end, and does not begin with internal-.")
	case s.port < 1 || s.port > 65535 || s.targetPort < 1 || s.targetPort > 65535:
		return commands.Misuse("A port is a number from 1 to 65535.", "")
	case contains(other, s.protocol):
		return commands.Misuse(fmt.Sprintf("%s is no protocol of a load balancer of type %s.", commands.Mono(s.protocol), c.Type), "It may be "+strings.Join(allowed, ", ")+"; "+commands.Mono("--type "+kind)+" makes one that takes "+s.protocol+".")
	case !contains(allowed, s.protocol):
		return commands.Misuse(fmt.Sprintf("%s is no protocol of a load balancer of type %s.", commands.Mono(s.protocol), c.Type), "It may be "+strings.Join(allowed, ", ")+".")
	case s.secure && c.Certificate == "":
		return commands.Misuse(s.protocol+" needs a certificate.", "Give its ARN with "+commands.Mono("--certificate")+", or "+commands.Mono("--certificate auto")+" for the one that fits the alias.")
	case !s.secure && c.Certificate != "":
		return commands.Misuse("A certificate goes with HTTPS or TLS, and the protocol is "+s.protocol+".", "Say "+commands.Mono("--protocol HTTPS")+", or leave the certificate out.")
	case c.Certificate == "auto" && c.Alias == "":
		return commands.Misuse(commands.Mono("--certificate auto")+" chooses by the alias, and there is none.", "Name it with "+commands.Mono("--alias")+".")
	case c.Certificate != "" && c.Certificate != "auto" && !strings.HasPrefix(c.Certificate, "arn:"):
		return commands.Misuse(commands.Mono(c.Certificate)+" is not the ARN of a certificate.", "It begins with arn:aws:acm:.")
	case c.Alias != "" && !IsDNSName(c.Alias):
		return commands.Misuse(commands.Mono(c.Alias)+" is not a DNS name.", "It looks like myapp.example.com.")
	case s.redirect && (s.protocol != "HTTPS" || s.port == 80):
		return commands.Misuse("A redirect leads from HTTP at port 80 to HTTPS at another port, and this is "+s.protocol+fmt.Sprintf(" at port %d.", s.port), "Leave "+commands.Mono("--redirect")+" out, or say "+commands.Mono("--protocol HTTPS")+".")
	case c.Watch != nil && *c.Watch && c.nameless():
		return commands.Misuse("A check of HTTPS opens a name that the certificate is for, and no alias leads to it.", "Name it with "+commands.Mono("--alias")+", or add a check of the name that you use with "+commands.Mono("check add")+".")
	case len(c.Targets) == 0 && len(c.Subnets) == 0:
		return commands.Misuse("The line does not say what stands behind the load balancer, nor where it shall be.", "Name instances with "+commands.Mono("--targets")+".")
	}
	return c.validate(c.Type)
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// Scope is the load balancer that would be and the instances behind it.
func (c *Create) Scope(ctx context.Context) (commands.Scope, error) {
	scope := commands.Scope{
		Account: c.Account, Region: c.cloud.Place(ctx, c.At()).Region,
		Resources: []commands.Resource{{ID: "new load balancer", Name: c.Name, Tags: c.Tag}},
	}
	some, err := instances(ctx, c.cloud, c.At(), c.Targets)
	for _, i := range some {
		scope.Resources = append(scope.Resources, commands.Resource{ID: i.ID, Name: i.Name, Tags: i.Tags})
	}
	return scope, err
}

// tags are put on everything that is made.
func (c *Create) tags(run *commands.Run) map[string]string {
	tags := run.Tags("", c.Tag)
	if c.Alias != "" {
		tags[aliasTag] = tagged(c.alias())
	}
	return tags
}

func (c *Create) alias() string { return strings.ToLower(strings.TrimSuffix(c.Alias, ".")) }

// line is the line that asks for the same again.
func (c *Create) line() string {
	s := c.settle()
	words := []string{"lb create", "--name", c.Name, "--type", c.Type, "--scheme", c.Scheme, "--protocol", s.protocol,
		"--port", fmt.Sprint(s.port), "--target-port", fmt.Sprint(s.targetPort)}
	out := strings.Join(words, " ")
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				out += " --" + flag + " " + commands.Quote(v)
			}
		}
	}
	add("alias", c.Alias)
	add("targets", c.Targets...)
	add("subnets", c.Subnets...)
	add("security-group-ids", c.SecurityGroupIDs...)
	add("certificate", c.Certificate)
	c.flags(add)
	for _, key := range slices.Sorted(maps.Keys(c.Tag)) {
		add("tag", key+"="+c.Tag[key])
	}
	if c.OverwriteAlias {
		out += " --overwrite-alias"
	}
	if c.Watch != nil && !*c.Watch {
		out += " --no-check"
	}
	if c.Redirect != nil && !*c.Redirect {
		out += " --no-redirect"
	} else if s.redirect && s.port != 443 {
		out += " --redirect"
	}
	return out + where.Flags(c.At())
}

// Plan tells what would be made, and looks up everything that it needs.
func (c *Create) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	s := c.settle()
	report := commands.Report{
		Title: "Would make the load balancer " + c.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: append(c.fields(p), []commands.Field{
			{Name: "Listener", Value: s.doors()},
			{Name: "Target group", Value: fmt.Sprintf("%s, port %d, health checks %s", s.targetProtocol, s.targetPort, c.words(c.Type))},
			{Name: "Targets", Value: orWord(labels(p.Instances), "none")},
			{Name: "Alias", Value: c.aliasWords(p)},
			{Name: "Watched", Value: c.watchWords()},
			{Name: "Price", Value: c.Bill(ctx).Words()},
		}...)}},
	}
	notes := append(p.Notes, "A load balancer costs money from the moment it is there, whether it is used or not; "+commands.Mono(where.Line(c.At(), "lb delete", c.Name))+" removes it with everything that is made here.")
	report.Body = append(report.Body, commands.Text{Text: strings.Join(notes, "\n")})
	return report, nil
}

const glance = 10 * time.Second // the longest that looking at prices may take

// Bill is what the load balancer would cost.
func (c *Create) Bill(ctx context.Context) commands.Bill {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	b := commands.Bill{Without: "addresses, requests and traffic"}
	price, err := c.cloud.BalancerPrice(ctx, c.At(), c.Type)
	b.Add("a load balancer", price.USDPerHour, err)
	return b
}

func orWord(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (c *Create) aliasWords(p blueprint) string {
	if c.Alias == "" {
		return "none"
	}
	return commands.Mono(c.alias()) + " in the hosted zone " + p.Zone.Name
}

func (c *Create) watchWords() string {
	if name := c.checkName(); name != "" {
		return "by the check " + commands.Mono(name) + ", every minute"
	}
	if c.Type == "application" && c.nameless() {
		return "no: no certificate fits AWS's own name for it, and no alias leads to it"
	}
	return "no"
}

// fields are what the plan and the report both say.
func (c *Create) fields(p blueprint) []commands.Field {
	var subnets []string
	for _, s := range p.Subnets {
		subnets = append(subnets, named(s.Name, s.ID)+" in "+s.Zone)
	}
	return []commands.Field{
		{Name: "Type", Value: c.Type + ", " + c.Scheme},
		{Name: "VPC", Value: commands.Mono(p.VPC)},
		{Name: "Subnets", Value: commands.And(subnets)},
		{Name: "Security groups", Value: orWord(strings.Join(commands.Monos(p.Groups), ", "), "none")},
	}
}

// planned answers what the line meant when it was first looked up: what was approved is what is made.
func (c *Create) planned(ctx context.Context, run *commands.Run) (blueprint, error) {
	return commands.Repeat(ctx, run, "look up targets, subnets and names", func(ctx context.Context) (blueprint, error) {
		return c.resolve(ctx, run.Now)
	})
}
