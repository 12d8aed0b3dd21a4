package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func addELB(table map[string]operation) {
	const service = "Elastic Load Balancing v2."
	table[service+"CreateLoadBalancer"] = on(createLoadBalancer)
	table[service+"DescribeLoadBalancers"] = on(describeLoadBalancers)
	table[service+"DescribeLoadBalancerAttributes"] = on(describeBalancerAttributes)
	table[service+"DeleteLoadBalancer"] = on(deleteLoadBalancer)
	table[service+"CreateTargetGroup"] = on(createTargetGroup)
	table[service+"DescribeTargetGroups"] = on(describeTargetGroups)
	table[service+"DescribeTargetGroupAttributes"] = on(describeTargetGroupAttributes)
	table[service+"DeleteTargetGroup"] = on(deleteTargetGroup)
	table[service+"CreateListener"] = on(createListener)
	table[service+"DescribeListeners"] = on(describeListeners)
	table[service+"DeleteListener"] = on(deleteListener)
	table[service+"RegisterTargets"] = on(registerTargets)
	table[service+"DeregisterTargets"] = on(deregisterTargets)
	table[service+"DescribeTargetHealth"] = on(describeTargetHealth)
	table[service+"DescribeTags"] = on(describeBalancerTags)
	table[service+"AddTags"] = on(addBalancerTags)
}

// balancing is what Elastic Load Balancing holds in a region.
type balancing struct {
	balancers []*balancer
	targets   []*targetGroup
	listeners []types.Listener
	tags      map[string]map[string]string // by ARN
}

type balancer struct {
	types.LoadBalancer
	made      time.Time
	protected bool // against deletion
}

// Canonical hosted zones of load balancers' names, for the regions that people try first.
// Source: https://docs.aws.amazon.com/general/latest/gr/elb.html
func hostedZoneOf(kind types.LoadBalancerTypeEnum, region string) string {
	application := map[string]string{
		"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-2": "Z1H1FL5HABSF5", "eu-west-1": "Z32O12XQLNTSW2", "eu-central-1": "Z215JYRZR1TBD5",
	}
	network := map[string]string{
		"us-east-1": "Z26RNL4JYFTOTI", "us-east-2": "ZLMOA37VPKANP", "us-west-2": "Z18D5FSROUN65G", "eu-west-1": "Z2IFOLAFXWLO4F", "eu-central-1": "Z3F0SRJ5LGBH90",
	}
	zones := application
	if kind == types.LoadBalancerTypeEnumNetwork {
		zones = network
	}
	if id := zones[region]; id != "" {
		return id
	}
	return strings.ToUpper("Z" + digits(region, 13))
}

// digits are n hexadecimal digits made of a seed.
func digits(seed string, n int) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])[:n]
}

var balancerName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)

func checkName(what, name string) error {
	switch {
	case len(name) > 32:
		return refuse("ValidationError", fmt.Sprintf("The %s name '%s' cannot be longer than '32' characters", what, name))
	case strings.HasPrefix(name, "internal-"), !balancerName.MatchString(name):
		return refuse("ValidationError", fmt.Sprintf(
			"The %s name '%s' can only contain characters that are alphanumeric characters and hyphens(-), and cannot begin or end with a hyphen", what, name))
	}
	return nil
}

func createLoadBalancer(r *region, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	b := &balancer{made: r.now()}
	b.LoadBalancerName, b.Type, b.Scheme = in.Name, in.Type, in.Scheme
	if b.Type == "" {
		b.Type = types.LoadBalancerTypeEnumApplication
	}
	if b.Scheme == "" {
		b.Scheme = types.LoadBalancerSchemeEnumInternetFacing
	}
	if err := checkName("load balancer", *in.Name); err != nil {
		return nil, err
	}
	if err := r.place(b, in.Subnets); err != nil {
		return nil, err
	}
	if err := r.guard(b, in.SecurityGroups); err != nil {
		return nil, err
	}
	for _, there := range r.balancers {
		if *there.LoadBalancerName != *in.Name {
			continue
		}
		if there.Type != b.Type || there.Scheme != b.Scheme || !slices.Equal(there.SecurityGroups, b.SecurityGroups) ||
			!slices.Equal(subnetsOf(there.LoadBalancer), subnetsOf(b.LoadBalancer)) {
			return nil, refuse("DuplicateLoadBalancerName", "A load balancer with the same name '"+*in.Name+"' exists, but with different settings")
		}
		return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{there.now(r)}}, nil
	}
	r.nameBalancer(b)
	r.balancers = append(r.balancers, b)
	r.tag(*b.LoadBalancerArn, in.Tags)
	return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{b.now(r)}}, nil
}

func subnetsOf(b types.LoadBalancer) []string {
	var ids []string
	for _, z := range b.AvailabilityZones {
		ids = append(ids, *z.SubnetId)
	}
	slices.Sort(ids)
	return ids
}

// place puts a load balancer into its subnets.
func (r *region) place(b *balancer, subnets []string) error {
	zones := map[string]bool{}
	for _, id := range subnets {
		s, ok := r.subnet(id)
		if !ok {
			return refuse("SubnetNotFound", "The subnet ID '"+id+"' does not exist")
		}
		if b.VpcId != nil && *b.VpcId != *s.VpcId {
			return refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '"+*b.VpcId+"'")
		}
		if zones[*s.AvailabilityZone] {
			return refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		zones[*s.AvailabilityZone], b.VpcId = true, s.VpcId
		b.AvailabilityZones = append(b.AvailabilityZones, types.AvailabilityZone{ZoneName: s.AvailabilityZone, SubnetId: s.SubnetId})
	}
	open := slices.ContainsFunc(r.gateways, func(g ec2Gateway) bool { return attachedTo(g) == awssdk.ToString(b.VpcId) })
	if b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && len(subnets) > 0 && !open {
		return refuse("InvalidSubnet", "VPC "+*b.VpcId+" has no internet gateway")
	}
	least := 1
	if b.Type == types.LoadBalancerTypeEnumApplication {
		least = 2
	}
	if len(subnets) < least {
		return refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	return nil
}

// guard gives a load balancer its security groups: an application load balancer always has one.
func (r *region) guard(b *balancer, groups []string) error {
	for _, g := range r.groups {
		if b.Type == types.LoadBalancerTypeEnumApplication && len(groups) == 0 && *g.VpcId == *b.VpcId && *g.GroupName == "default" {
			groups = []string{*g.GroupId}
		}
	}
	for _, id := range groups {
		at := slices.IndexFunc(r.groups, func(g ec2Group) bool { return *g.GroupId == id })
		if at < 0 || *r.groups[at].VpcId != *b.VpcId {
			return refuse("InvalidSecurityGroup", "One or more security groups are invalid")
		}
	}
	b.SecurityGroups = slices.Sorted(slices.Values(groups))
	return nil
}

func (r *region) nameBalancer(b *balancer) {
	r.world.issued++
	name, seed := *b.LoadBalancerName, fmt.Sprint("balancer/", r.world.issued)
	id, kind := digits(seed, 16), "app"
	number := 1_000_000_000 + (r.world.issued*7_919_317)%1_000_000_000
	b.DNSName = awssdk.String(strings.ToLower(fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", name, number, r.name)))
	if b.Scheme == types.LoadBalancerSchemeEnumInternal {
		b.DNSName = awssdk.String("internal-" + *b.DNSName)
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork {
		kind, b.DNSName = "net", awssdk.String(strings.ToLower(fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", name, id, r.name)))
	}
	b.LoadBalancerArn = awssdk.String(r.elbARN("loadbalancer/" + kind + "/" + name + "/" + id))
	b.CanonicalHostedZoneId = awssdk.String(hostedZoneOf(b.Type, r.name))
	b.CreatedTime, b.IpAddressType = &b.made, types.IpAddressTypeIpv4
}

func (r *region) elbARN(rest string) string {
	return "arn:aws:elasticloadbalancing:" + r.name + ":" + r.account + ":" + rest
}

// active tells since when a load balancer answers; ok is false while it is provisioning.
func (b *balancer) active(r *region) (since time.Time, ok bool) {
	since = b.made.Add(r.world.options.Settle)
	return since, !r.now().Before(since)
}

// now is a load balancer as AWS shows it.
func (b *balancer) now(r *region) types.LoadBalancer {
	out := b.LoadBalancer
	out.State = &types.LoadBalancerState{Code: types.LoadBalancerStateEnumProvisioning}
	if _, ok := b.active(r); ok {
		out.State = &types.LoadBalancerState{Code: types.LoadBalancerStateEnumActive}
	}
	return out
}

func (r *region) balancer(arn *string) (*balancer, error) {
	for _, b := range r.balancers {
		if *b.LoadBalancerArn == awssdk.ToString(arn) {
			return b, nil
		}
	}
	return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
}

func describeLoadBalancers(r *region, in *elb.DescribeLoadBalancersInput) (*elb.DescribeLoadBalancersOutput, error) {
	if len(in.Names) > 0 && len(in.LoadBalancerArns) > 0 {
		return nil, refuse("ValidationError", "Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	out := &elb.DescribeLoadBalancersOutput{}
	var kept []types.LoadBalancer
	for _, b := range r.balancers {
		if among(in.Names, b.LoadBalancerName) && among(in.LoadBalancerArns, b.LoadBalancerArn) {
			kept = append(kept, b.now(r))
		}
	}
	if len(kept) < len(in.Names)+len(in.LoadBalancerArns) {
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	var err error
	out.LoadBalancers, out.NextMarker, err = page(kept, in.Marker, in.PageSize)
	return out, err
}

func among(wanted []string, value *string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, awssdk.ToString(value))
}

// deleteLoadBalancer deletes a load balancer and its listeners; one that is gone is as good.
func describeBalancerAttributes(r *region, in *elb.DescribeLoadBalancerAttributesInput) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	b, err := r.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeLoadBalancerAttributesOutput{Attributes: []types.LoadBalancerAttribute{
		{Key: awssdk.String("deletion_protection.enabled"), Value: awssdk.String(strconv.FormatBool(b.protected))},
	}}, nil
}

// ProtectLoadBalancer switches the protection of a load balancer against deletion on.
func (w *World) ProtectLoadBalancer(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.places {
		for _, b := range r.balancers {
			b.protected = b.protected || *b.LoadBalancerName == name
		}
	}
}

func deleteLoadBalancer(r *region, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	if b, err := r.balancer(in.LoadBalancerArn); err == nil && b.protected {
		return nil, refuse("OperationNotPermitted", "Load balancer '"+*in.LoadBalancerArn+"' cannot be deleted because deletion protection is enabled")
	}
	r.balancers = slices.DeleteFunc(r.balancers, func(b *balancer) bool { return *b.LoadBalancerArn == *in.LoadBalancerArn })
	r.listeners = slices.DeleteFunc(r.listeners, func(l types.Listener) bool { return *l.LoadBalancerArn == *in.LoadBalancerArn })
	delete(r.tags, *in.LoadBalancerArn)
	return &elb.DeleteLoadBalancerOutput{}, nil
}

func (r *region) tag(arn string, tags []types.Tag) {
	if r.tags == nil {
		r.tags = map[string]map[string]string{}
	}
	own := map[string]string{}
	maps.Copy(own, r.tags[arn])
	for _, t := range tags {
		own[*t.Key] = awssdk.ToString(t.Value)
	}
	r.tags[arn] = own
}

func addBalancerTags(r *region, in *elb.AddTagsInput) (*elb.AddTagsOutput, error) {
	for _, arn := range in.ResourceArns {
		if _, ok := r.tags[arn]; !ok {
			return nil, refuse("LoadBalancerNotFound", "One or more resources not found: "+arn)
		}
	}
	for _, arn := range in.ResourceArns {
		r.tag(arn, in.Tags)
	}
	return &elb.AddTagsOutput{}, nil
}

func describeBalancerTags(r *region, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
	if len(in.ResourceArns) > 20 {
		return nil, refuse("ValidationError", "Too many resource ARNs: the maximum is 20")
	}
	out := &elb.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		own, ok := r.tags[arn]
		if !ok {
			return nil, refuse("LoadBalancerNotFound", "One or more resources not found: "+arn)
		}
		one := types.TagDescription{ResourceArn: awssdk.String(arn)}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			one.Tags = append(one.Tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(own[key])})
		}
		out.TagDescriptions = append(out.TagDescriptions, one)
	}
	return out, nil
}
