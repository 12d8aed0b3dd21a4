package net

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"deckhand/commands"
)

// permission is one IpPermission, as AWS's operations and the AWS CLI write a rule.
type permission struct {
	IpProtocol       protocol //nolint:revive,staticcheck // AWS's own name
	FromPort, ToPort *int
	IpRanges         []struct{ CidrIp, Description string }             //nolint:revive,staticcheck // AWS's own name
	Ipv6Ranges       []struct{ CidrIpv6, Description string }           //nolint:revive // AWS's own name
	UserIdGroupPairs []struct{ GroupId, GroupName, Description string } //nolint:revive,staticcheck // AWS's own name
	PrefixListIds    []struct{ PrefixListId, Description string }
}

// protocol is one as deckhand names it; AWS and its CLI also write the number, with or without quotes.
type protocol string

func (p *protocol) UnmarshalJSON(raw []byte) error {
	word := strings.Trim(string(raw), `"`)
	numbers := map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": icmpv6, "all": allProtocols}
	*p = protocol(cmp.Or(numbers[word], word))
	return nil
}

// take reads --ip-permissions into the flags that say the same. One line is one protocol and port; its sources may be several.
func (c *Through) take() (description string, err error) {
	if err := c.spoken(); err != nil {
		return "", err
	}
	if len(c.Permissions) == 0 && len(c.From) == 0 {
		return "", commands.Misuse("It needs "+commands.Mono("--from")+".", "")
	}
	if len(c.Permissions) == 0 {
		return "", nil
	}
	if c.Port != "" || len(c.From) > 0 {
		return "", commands.Misuse("The rule is given twice, by "+commands.Mono("--ip-permissions")+" and by other flags.", "Leave one of them out.")
	}
	for i, raw := range commands.JSONElements(c.Permissions) {
		p, err := readPermission(raw)
		if err != nil {
			return "", err
		}
		if i > 0 && (string(p.IpProtocol) != c.Protocol || p.port() != c.Port) {
			return "", commands.Misuse("One line is one protocol and port, and "+commands.Mono("--ip-permissions")+" has several.", "Write a line for each: "+commands.Mono("--protocol tcp --port 443 --from 10.0.0.0/8")+".")
		}
		c.Protocol, c.Port = string(p.IpProtocol), p.port()
		for _, s := range p.sources() {
			c.From = append(c.From, s[0])
			if description != "" && s[1] != description && s[1] != "" {
				return "", commands.Misuse("One line has one description, and "+commands.Mono("--ip-permissions")+" has several.", "Write a line for each.")
			}
			description = s[1]
		}
	}
	c.Permissions = nil
	if !slices.Contains([]string{"tcp", "udp", "icmp", icmpv6, allProtocols}, c.Protocol) {
		return "", commands.Misuse(commands.Mono(c.Protocol)+" is no protocol that deckhand lets in.", "It takes tcp, udp, icmp, icmpv6 and -1.")
	}
	return description, nil
}

// spoken reads "443 from office" into the flags that say the same.
func (c *Through) spoken() error {
	if len(c.Words) == 0 {
		return nil
	}
	port, sources := c.Words[0], c.Words[1:]
	if kind, rest, both := strings.Cut(port, "/"); both {
		c.Protocol, port = kind, rest
	}
	if len(sources) > 0 && sources[0] == "from" {
		sources = sources[1:]
	}
	if c.Port != "" || len(c.From) > 0 && len(sources) > 0 {
		return commands.Misuse("The rule is given twice, in words and by flags.", "Leave one of them out.")
	}
	if !slices.Contains([]string{"tcp", "udp", "icmp", icmpv6}, c.Protocol) {
		return commands.Misuse(commands.Mono(c.Words[0])+" is no port.", "Write 443, 8000-8100 or udp/53.")
	}
	c.Port, c.From, c.Words = port, append(c.From, sources...), nil
	return nil
}

// sources are pairs of a source and its description.
func (p permission) sources() [][2]string {
	var out [][2]string
	for _, r := range p.IpRanges {
		out = append(out, [2]string{r.CidrIp, r.Description})
	}
	for _, r := range p.Ipv6Ranges {
		out = append(out, [2]string{r.CidrIpv6, r.Description})
	}
	for _, r := range p.UserIdGroupPairs {
		out = append(out, [2]string{cmp.Or(r.GroupId, r.GroupName), r.Description})
	}
	for _, r := range p.PrefixListIds {
		out = append(out, [2]string{r.PrefixListId, r.Description})
	}
	return out
}

// port is what --port says of it, empty for all.
func (p permission) port() string {
	if p.FromPort == nil || p.IpProtocol == allProtocols || *p.FromPort == -1 {
		return ""
	}
	from, to := *p.FromPort, *p.FromPort
	if p.ToPort != nil {
		to = *p.ToPort
	}
	if from == to && !strings.HasPrefix(string(p.IpProtocol), "icmp") {
		return strconv.Itoa(from)
	}
	return strconv.Itoa(from) + "-" + strconv.Itoa(to)
}

// readPermission reads one of them, in the AWS CLI's shorthand or as JSON.
func readPermission(raw string) (permission, error) {
	var p permission
	raw = strings.TrimSpace(raw)
	if !strings.HasPrefix(raw, "{") {
		object, err := commands.ShorthandJSON(raw)
		if err != nil {
			return p, err
		}
		raw = object
	}
	if err := json.Unmarshal([]byte(raw), &p); err != nil || p.IpProtocol == "" || slices.ContainsFunc(p.sources(), func(s [2]string) bool { return s[0] == "" }) || len(p.sources()) == 0 {
		return p, commands.Misuse(commands.Mono(raw)+" is no rule.", "It looks like "+commands.Mono("IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/8}]")+".")
	}
	return p, nil
}
