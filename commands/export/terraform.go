package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"deckhand/aws"
)

// terraform writes everything with a block that imports it.
// Source: https://developer.hashicorp.com/terraform/language/import
func (s standing) terraform() (text string, notes []string) {
	things := slices.DeleteFunc(s.things(), func(t thing) bool { return t.kind.terraform == "" })
	names := map[ref]string{}
	for _, t := range things {
		names[ref(t.id)] = t.kind.terraform + "." + t.label
	}
	var out strings.Builder
	for i, t := range things {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "import {\n  to = %s.%s\n  id = %s\n}\n\nresource %s %s {\n", t.kind.terraform, t.label, quote(cmp.Or(t.importID, t.id)), quote(t.kind.terraform), quote(t.label))
		writeAttrs(&out, t.attrs, names, "  ")
		switch t.kind {
		case listener:
			s.balanced.writeAction(&out, t.id, names)
		case group:
			writeIngress(&out, s.groupOf(t.id))
		case table:
			written, words := routes(s.tableOf(t.id))
			notes = append(notes, words...)
			for _, r := range written {
				target := "gateway_id"
				if strings.HasPrefix(r.Target, "nat-") {
					target = "nat_gateway_id"
				}
				fmt.Fprintf(&out, "\n  route {\n    %s = %s\n    %s = %s\n  }\n", blockName(r.Destination), quote(r.Destination), target, hcl(ref(r.Target), names))
			}
		}
		writeTags(&out, t.tags)
		out.WriteString("}\n")
		switch t.kind {
		case machine: // the provider keeps a hash of the first script, and takes the hash of that for a change where no script is written
			fmt.Fprintf(&out, "\n# Reads the script of the first boot, which is not written here.\ndata \"aws_instance\" %s {\n  instance_id = %s\n  get_user_data = true\n}\n", quote(t.label), quote(t.id))
		case table:
			s.associations(&out, t, names)
		case targets:
			if s.balanced.attachments(&out, t, names) {
				notes = append(notes, "Terraform cannot import the targets of "+names[ref(t.id)]+": they stand in comments, and stay registered as they are.")
			}
		case balancer:
			s.balanced.aliases(&out, t)
		}
	}
	return aligned(out.String()), append(notes, s.notes()...)
}

// aligned puts the equals signs of neighbouring lines below each other, as terraform fmt does. No value is longer than its line.
func aligned(text string) string {
	lines := strings.Split(text, "\n")
	for first := 0; first < len(lines); {
		next, width := first, 0
		for ; next < len(lines) && signOf(lines[next]) > 0; next++ {
			width = max(width, utf8.RuneCountInString(lines[next][:signOf(lines[next])]))
		}
		for ; first < next; first++ {
			at := signOf(lines[first])
			lines[first] = lines[first][:at] + strings.Repeat(" ", width-utf8.RuneCountInString(lines[first][:at])) + lines[first][at:]
		}
		first++
	}
	return strings.Join(lines, "\n")
}

// signOf is where the equals sign of a line stands, with its space; -1 where there is none, or where it opens a table.
func signOf(line string) int {
	start := len(line) - len(strings.TrimLeft(line, " "))
	key, _ := strconv.QuotedPrefix(line[start:]) // a quoted key may have such a sign inside
	at := strings.Index(line[start+len(key):], " = ")
	if at < 0 || strings.HasSuffix(line, "{") {
		return -1
	}
	return start + len(key) + at
}

func writeTags(out *strings.Builder, tags map[string]string) {
	keys := tagKeys(tags)
	if len(keys) == 0 {
		return
	}
	out.WriteString("\n  tags = {\n")
	for _, key := range keys {
		fmt.Fprintf(out, "    %s = %s\n", quote(key), quote(tags[key]))
	}
	out.WriteString("  }\n")
}

// associations gives subnets their table.
func (s standing) associations(out *strings.Builder, t thing, names map[ref]string) {
	for n, id := range slices.Sorted(maps.Keys(s.tableOf(t.id).Subnets)) {
		label := fmt.Sprintf("%s_%d", t.label, n+1)
		fmt.Fprintf(out, "\nimport {\n  to = aws_route_table_association.%s\n  id = %s\n}\n\n", label, quote(id+"/"+t.id))
		fmt.Fprintf(out, "resource \"aws_route_table_association\" %s {\n  subnet_id = %s\n  route_table_id = %s\n}\n", quote(label), hcl(ref(id), names), hcl(ref(t.id), names))
	}
}

// writeIngress writes a block for all rules that differ in their peer alone: that is how the provider reads them back. Other groups are named by
// id, because two that let each other in would refer to each other in a circle.
func writeIngress(out *strings.Builder, g aws.SecurityGroup) {
	type opening struct {
		protocol, description string
		from, to              int
	}
	var order []opening
	peers := map[opening]map[string][]string{}
	for _, r := range g.Ingress {
		from, to := ports(r)
		o := opening{r.Protocol, r.Description, from, to}
		if peers[o] == nil {
			order, peers[o] = append(order, o), map[string][]string{}
		}
		name := peerName(r.Peer)
		if r.Peer == g.ID {
			name = "self"
		}
		peers[o][name] = append(peers[o][name], quote(r.Peer))
	}
	for _, o := range order {
		fmt.Fprintf(out, "\n  ingress {\n    protocol = %s\n    from_port = %d\n    to_port = %d\n", quote(o.protocol), o.from, o.to)
		for _, name := range slices.Sorted(maps.Keys(peers[o])) {
			value := "[" + strings.Join(peers[o][name], ", ") + "]"
			if name == "self" {
				value = "true"
			}
			fmt.Fprintf(out, "    %s = %s\n", name, value)
		}
		if o.description != "" {
			fmt.Fprintf(out, "    description = %s\n", quote(o.description))
		}
		out.WriteString("  }\n")
	}
}

func peerName(peer string) string {
	switch {
	case strings.HasPrefix(peer, "sg-"):
		return "security_groups"
	case strings.HasPrefix(peer, "pl-"):
		return "prefix_list_ids"
	case strings.Contains(peer, ":"):
		return "ipv6_cidr_blocks"
	}
	return "cidr_blocks"
}

func blockName(destination string) string {
	switch {
	case strings.HasPrefix(destination, "pl-"):
		return "destination_prefix_list_id"
	case strings.Contains(destination, ":"):
		return "ipv6_cidr_block"
	}
	return "cidr_block"
}

// quote writes a string of HCL, in which ${ and %{ would begin a template.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(text) + `"`
}
