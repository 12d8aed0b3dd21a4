package lb

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
)

// What an application's load balancer is chosen by is the same as here.

// OneInEachZone answers the subnet of each zone that is worth most, by zone.
func OneInEachZone(all []aws.Subnet, worth func(aws.Subnet) int) []aws.Subnet {
	best := map[string]aws.Subnet{}
	for _, s := range all {
		there, ok := best[s.Zone]
		if !ok || cmp.Or(cmp.Compare(worth(s), worth(there)), strings.Compare(there.ID, s.ID)) > 0 {
			best[s.Zone] = s
		}
	}
	var out []aws.Subnet
	for _, zone := range slices.Sorted(maps.Keys(best)) {
		out = append(out, best[zone])
	}
	return out
}

// Open tells whether the internet reaches what stands in a subnet: its route table leads there. Where no table of its VPC is known to, it answers
// by whether the subnet gives public addresses.
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types
func Open(s aws.Subnet, tables []aws.RouteTable) bool {
	known, open := routed(s, tables)
	return open || !known && (s.ZoneMain || s.Public)
}

// routed tells whether some table of a subnet's VPC leads to the internet, and whether the subnet's own does.
func routed(s aws.Subnet, tables []aws.RouteTable) (known, open bool) {
	own := false
	for _, t := range tables {
		if t.VPCID != s.VPCID {
			continue
		}
		out := slices.ContainsFunc(t.Routes, func(r aws.Route) bool { return r.Destination == "0.0.0.0/0" && strings.HasPrefix(r.Target, "igw-") })
		known = known || out
		if _, its := t.Subnets[s.ID]; its || t.Main && !own {
			open, own = out, own || its
		}
	}
	return known, open
}

// Reached leaves out the subnets that the internet does not reach, where the others are in enough zones: a load balancer answers in each of its zones,
// and one in two of them would not be heard.
func Reached(all []aws.Subnet, tables []aws.RouteTable, zones int) []aws.Subnet {
	open := slices.DeleteFunc(slices.Clone(all), func(s aws.Subnet) bool { return !Open(s, tables) })
	seen := map[string]bool{}
	for _, s := range open {
		seen[s.Zone] = true
	}
	if len(seen) < zones {
		return all
	}
	return open
}

const endsSoon = 14 * 24 * time.Hour

// CertificateFor chooses the certificate that lasts longest among those that fit a host. One that ends within two weeks is an error.
func CertificateFor(all []aws.Certificate, host string, now time.Time) (aws.Certificate, error) {
	fitting := slices.DeleteFunc(slices.Clone(all), func(x aws.Certificate) bool {
		return !slices.ContainsFunc(x.Domains, func(d string) bool { return fits(d, host) })
	})
	if len(fitting) == 0 {
		return aws.Certificate{}, &commands.Error{
			Kind: commands.NotFound, Message: "ACM has no issued certificate for " + commands.Mono(host) + " in this region, so nothing was done.",
			Hint: "Request one in ACM, or give the ARN of another with " + commands.Mono("--certificate") + ".",
		}
	}
	best := slices.MaxFunc(fitting, func(a, b aws.Certificate) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	if best.ExpiresAt.Before(now.Add(endsSoon)) {
		return best, &commands.Error{
			Kind: commands.Conflict, Message: "The certificate for " + strings.Join(best.Domains, ", ") + " ends at " + commands.At(best.ExpiresAt) + ", within two weeks, so nothing was done.",
			Hint: "Renew it in ACM first; " + commands.Mono("--certificate "+best.ARN) + " takes it all the same.",
		}
	}
	return best, nil
}

// fits tells whether a certificate's name covers a host; an asterisk stands for one label.
func fits(domain, host string) bool {
	domain = strings.ToLower(domain)
	if rest, ok := strings.CutPrefix(domain, "*."); ok {
		_, parent, _ := strings.Cut(host, ".")
		return parent == rest
	}
	return domain == host
}

// IsDNSName tells whether a text can be a name that leads to a load balancer.
func IsDNSName(text string) bool {
	return len(text) <= 253 && spelling.Host(strings.TrimPrefix(text, "*."))
}

// IsName tells whether a text can be the name of a load balancer.
func IsName(text string) bool {
	return spelling.Fits(text, 32, spelling.Alphanumeric, spelling.Alphanumeric+"-") && !strings.HasSuffix(text, "-") && !strings.HasPrefix(text, "internal-")
}

// HealthTable shows targets with AWS's state and reason in words.
func HealthTable(some []aws.TargetHealth, names map[string]string) commands.Table {
	return healthTable(some, names)
}

// Healthy counts the healthy ones.
func Healthy(some []aws.TargetHealth) int { return healthy(some) }

// Why puts AWS's reason for a target's state into words.
func Why(h aws.TargetHealth) string {
	why, cause := explain(h)
	return strings.TrimSuffix(why+": "+cause, ": ")
}
