package net

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Tree is net show.
type Tree struct {
	where.Target
	Name string `arg:"name" alias:"vpc,vpc-id" value:"NAME" help:"VPC by name or id; all of the region where none is named."`

	cloud Cloud
}

// Run shows what is in a VPC, and what is connected to what.
func (c *Tree) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	place, n, id, err := inside(ctx, c.cloud, c.At(), c.Name)
	if err != nil {
		return commands.Report{}, err
	}
	var lines []string
	shown := 0
	for _, v := range partsOf(n, vpc) {
		if id == "" || v.ID == id {
			lines = append(lines, branch(n, v)...)
			shown++
		}
	}
	for _, g := range n.Gateways {
		if id == "" && g.VPCID == "" {
			lines = append(lines, "internet gateway "+plain(g.Name, g.ID)+", attached to nothing")
		}
	}
	report := commands.Report{Title: commands.Count(shown, "VPC"), Where: where.Words(place)}
	if id != "" {
		report.Title = "Network " + c.Name
	}
	if len(lines) > 0 {
		report.Body = commands.Blocks{commands.Code{Text: strings.Join(lines, "\n")}}
	}
	return report, nil
}

func plain(name, id string) string {
	if name == "" {
		return id
	}
	return commands.Unmarked(name) + " (" + id + ")"
}

// inhabitant writes what has an address in a subnet: "web-1 (i-1) running 10.20.0.5 198.51.100.7".
func inhabitant(i aws.Interface) string {
	words := []string{commands.Terminal().Render(holder(i))}
	if i.InstanceID != "" {
		words = []string{plain(i.InstanceName, i.InstanceID), i.InstanceState}
	}
	return strings.Join(slices.DeleteFunc(append(words, i.IP, i.PublicIP), func(w string) bool { return w == "" }), " ")
}

// branch draws one VPC.
func branch(n aws.Network, v part) []string {
	out := []string{"VPC " + plain(v.Name, v.ID) + " " + v.Words[0][1] + mark(v)}
	var under [][]string
	for _, s := range partsOf(n, subnet) {
		if s.VPC != v.ID {
			continue
		}
		lines := []string{fmt.Sprintf("subnet %s %s in %s", plain(s.Name, s.ID), s.Words[0][1], s.Words[1][1])}
		for _, i := range n.Interfaces {
			if i.SubnetID == s.ID {
				lines = append(lines, inhabitant(i))
			}
		}
		under = append(under, lines)
	}
	for _, g := range n.Gateways {
		if g.VPCID == v.ID {
			under = append(under, []string{"internet gateway " + plain(g.Name, g.ID)})
		}
	}
	for _, t := range n.Tables {
		if t.VPCID == v.ID {
			under = append(under, tableLines(t))
		}
	}
	for _, g := range partsOf(n, group) {
		if g.VPC == v.ID {
			lines := []string{"security group " + plain(g.Name, g.ID)}
			for _, x := range n.Groups {
				for _, r := range x.Ingress {
					if x.ID == g.ID {
						lines = append(lines, "lets in "+ruleWords(r))
					}
				}
			}
			under = append(under, lines)
		}
	}
	for i, lines := range under {
		joint, rail := "├─ ", "│  "
		if i == len(under)-1 {
			joint, rail = "└─ ", "   "
		}
		out = append(out, joint+lines[0])
		for j, l := range lines[1:] {
			twig := "├─ "
			if j == len(lines)-2 {
				twig = "└─ "
			}
			out = append(out, rail+twig+l)
		}
	}
	return out
}

func mark(v part) string {
	if v.Words[2][1] == "yes" {
		return " (default)"
	}
	return ""
}

func tableLines(t aws.RouteTable) []string {
	first := "route table " + plain(t.Name, t.ID)
	if t.Main {
		first += ", main"
	}
	lines := []string{first}
	for _, r := range t.Routes {
		lines = append(lines, routeWords(r))
	}
	var ids []string
	for id := range t.Subnets {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		lines = append(lines, "for "+id)
	}
	return lines
}
