package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/commands"
)

// resource is one of a template. What is imported has to say what becomes of it when it leaves the stack, or when another takes its place: it
// stays.
type resource struct {
	Type                string
	DeletionPolicy      string
	UpdateReplacePolicy string
	Properties          map[string]any
}

// imported names an existing resource.
type imported struct {
	ResourceType       string
	LogicalResourceID  string `json:"LogicalResourceId"`
	ResourceIdentifier map[string]string
}

// cloudFormation writes a template, what is to be imported into it, and the lines that import it. Both files are JSON, which every reader of YAML reads.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
func (s standing) cloudFormation(name string) (blocks commands.Blocks, notes []string, err error) {
	things := slices.DeleteFunc(s.things(), func(t thing) bool { return t.kind.formation == "" })
	names := map[ref]string{}
	taken := map[string]bool{}
	for _, t := range things {
		base := t.kind.formation[strings.LastIndex(t.kind.formation, ":")+1:] + camel(t.label)
		logical := base
		for n := 2; taken[logical]; n++ {
			logical = fmt.Sprintf("%sNo%d", base, n)
		}
		taken[logical] = true
		names[ref(t.id)] = logical
	}
	resources := map[string]resource{}
	var list []imported
	add := func(name, kind string, properties map[string]any, identifier map[string]string) {
		resources[name] = resource{kind, "Retain", "Retain", properties}
		list = append(list, imported{kind, name, identifier})
	}
	for _, t := range things {
		name := names[ref(t.id)]
		properties := properties(t.attrs, names)
		if tags := tagList(t.tags); len(tags) > 0 && t.kind.tags == asList {
			properties["Tags"] = tags
		} else if len(tags) > 0 && t.kind.tags == asMap {
			properties["Tags"] = tagMap(t.tags)
		}
		switch t.kind {
		case group:
			properties["SecurityGroupIngress"] = s.ingress(t.id)
		case listener:
			s.balanced.listens(properties, t.id, names)
		case targets:
			properties["Targets"] = s.balanced.described(t.id, names)
		}
		known := t.known
		if known == nil {
			known = map[string]string{t.kind.identifier: t.id}
		}
		add(name, t.kind.formation, properties, known)
		switch t.kind {
		case gateway:
			s.attached(t.id, name, names, add)
		case table:
			notes = append(notes, s.routed(t.id, name, names, add)...)
		}
	}
	all := map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
	asks := parameters(things)
	if len(asks) > 0 {
		all["Parameters"] = asks
	}
	if len(s.network.Subnets) > 0 { // each stands in its zone: there is nothing to choose
		all["Metadata"] = map[string]any{"cfn-lint": map[string]any{"config": map[string]any{"ignore_checks": []string{"W3010"}}}}
	}
	template, err := indented(all)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range s.balanced.records {
		notes = append(notes, "The record "+r.Name+" in the zone "+r.zone+" is not in the template: it stays as it is.")
	}
	for _, d := range s.domains {
		if d.zone != "" {
			notes = append(notes, "The record "+d.Name+" in the zone "+d.zone+" is not in the template: it stays as it is.")
		}
	}
	notes = append(notes, s.notes()...)
	imports, err := indented(list)
	return commands.Blocks{
		commands.File{Name: name + ".template.json", Content: template}, commands.File{Name: name + ".import.json", Content: imports},
		commands.Text{Text: "These lines import it as a stack of its own. Look at what the third says before the last: it should import everything, and change nothing."},
		commands.Code{Text: s.lines(name, asks)},
	}, notes, err
}

// lines are those of the AWS CLI that import a template.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
func (s standing) lines(name string, asks map[string]any) string {
	which := " --stack-name " + name + " --change-set-name import"
	first := which + " --change-set-type IMPORT --template-body file://" + name + ".template.json --resources-to-import file://" + name + ".import.json" + s.called.capability()
	for n, key := range slices.Sorted(maps.Keys(asks)) {
		if n == 0 {
			first += " --parameters"
		}
		first += " ParameterKey=" + key + ",ParameterValue=VALUE"
	}
	return "aws cloudformation create-change-set" + first + "\naws cloudformation wait change-set-create-complete" + which +
		"\naws cloudformation describe-change-set" + which + "\naws cloudformation execute-change-set" + which
}

type adder func(name, kind string, properties map[string]any, identifier map[string]string)

// attached attaches a gateway to its VPC, which is a resource of its own.
func (s standing) attached(id, name string, names map[ref]string, add adder) {
	for _, g := range s.network.Gateways {
		if g.ID == id && g.VPCID != "" {
			add(name+"Attachment", "AWS::EC2::VPCGatewayAttachment", map[string]any{"InternetGatewayId": formed(ref(id), names), "VpcId": formed(ref(g.VPCID), names)},
				map[string]string{"AttachmentType": "IGW", "VpcId": g.VPCID})
		}
	}
}

// routed writes a table's routes and associations, which are resources of their own.
func (s standing) routed(id, name string, names map[ref]string, add adder) []string {
	t := s.tableOf(id)
	written, notes := routes(t)
	for n, r := range written {
		target, block := "GatewayId", "DestinationCidrBlock"
		if strings.HasPrefix(r.Target, "nat-") {
			target = "NatGatewayId"
		}
		switch {
		case strings.HasPrefix(r.Destination, "pl-"):
			block = "DestinationPrefixListId"
		case strings.Contains(r.Destination, ":"):
			block = "DestinationIpv6CidrBlock"
		}
		add(fmt.Sprintf("%sRoute%d", name, n+1), "AWS::EC2::Route", map[string]any{"RouteTableId": formed(ref(id), names), block: r.Destination, target: formed(ref(r.Target), names)},
			map[string]string{"RouteTableId": id, "CidrBlock": r.Destination})
	}
	for n, subnet := range slices.Sorted(maps.Keys(t.Subnets)) {
		add(fmt.Sprintf("%sSubnet%d", name, n+1), "AWS::EC2::SubnetRouteTableAssociation", map[string]any{"RouteTableId": formed(ref(id), names), "SubnetId": formed(ref(subnet), names)},
			map[string]string{"Id": t.Subnets[subnet]})
	}
	return notes
}

func (s standing) ingress(id string) []map[string]any {
	rules := []map[string]any{}
	for _, r := range s.groupOf(id).Ingress {
		rule := map[string]any{"IpProtocol": r.Protocol}
		if from, to := ports(r); r.Protocol != "-1" {
			rule["FromPort"], rule["ToPort"] = from, to
		}
		switch {
		case strings.HasPrefix(r.Peer, "sg-"):
			rule["SourceSecurityGroupId"] = r.Peer // by id: groups that let each other in would refer in a circle
		case strings.HasPrefix(r.Peer, "pl-"):
			rule["SourcePrefixListId"] = r.Peer
		case strings.Contains(r.Peer, ":"):
			rule["CidrIpv6"] = r.Peer
		default:
			rule["CidrIp"] = r.Peer
		}
		if r.Description != "" {
			rule["Description"] = r.Description
		}
		rules = append(rules, rule)
	}
	return rules
}

func tagList(tags map[string]string) []map[string]string {
	var out []map[string]string
	for _, key := range tagKeys(tags) {
		out = append(out, map[string]string{"Key": key, "Value": tags[key]})
	}
	return out
}

func tagMap(tags map[string]string) map[string]string {
	out := map[string]string{}
	for _, key := range tagKeys(tags) {
		out[key] = tags[key]
	}
	return out
}

// camel writes a name as CloudFormation takes it: letters and digits.
func camel(label string) string {
	var out strings.Builder
	for _, part := range strings.Split(label, "_") {
		if part != "" {
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return out.String()
}

func indented(value any) (string, error) {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encode the template: %w", err)
	}
	return string(raw) + "\n", nil
}
