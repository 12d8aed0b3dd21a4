package sdk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// InstanceTypes answers what AWS says of instance types. A name that AWS does not know is an error.
func (c *Cloud) InstanceTypes(ctx context.Context, t aws.Target, names []string) ([]aws.InstanceType, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.InstanceType
	for part := range slices.Chunk(names, 100) { // the most AWS takes by name
		in := &ec2.DescribeInstanceTypesInput{}
		for _, name := range part {
			in.InstanceTypes = append(in.InstanceTypes, types.InstanceType(name))
		}
		out, err := ask(ctx, ready.ec2.DescribeInstanceTypes, in)
		if err != nil {
			return nil, err
		}
		for _, i := range out.InstanceTypes {
			if slices.Contains(part, string(i.InstanceType)) {
				all = append(all, instanceTypeOf(i))
			}
		}
	}
	return all, nil
}

func instanceTypeOf(i types.InstanceTypeInfo) aws.InstanceType {
	out := aws.InstanceType{Name: string(i.InstanceType)}
	if i.ProcessorInfo != nil {
		for _, a := range i.ProcessorInfo.SupportedArchitectures {
			out.Architectures = append(out.Architectures, string(a))
		}
	}
	if i.VCpuInfo != nil {
		out.VCPUs = int(awssdk.ToInt32(i.VCpuInfo.DefaultVCpus))
	}
	if i.MemoryInfo != nil {
		out.MemoryMiB = int(awssdk.ToInt64(i.MemoryInfo.SizeInMiB))
	}
	return out
}

// Offering answers in which zones of the region a type is offered. An endpoint that offers nothing at all knows nothing
// of offerings, and is an error.
func (c *Cloud) Offering(ctx context.Context, t aws.Target, name string) (aws.Offering, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return aws.Offering{}, err
	}
	zones, err := offerings(ctx, ready.ec2, types.LocationTypeAvailabilityZone, name)
	if err != nil || len(zones) > 0 {
		var offer aws.Offering
		for _, o := range zones {
			offer.Zones = append(offer.Zones, awssdk.ToString(o.Location))
		}
		slices.Sort(offer.Zones)
		return offer, err
	}
	all, err := offerings(ctx, ready.ec2, types.LocationTypeRegion, "")
	if err != nil {
		return aws.Offering{}, err
	}
	if len(all) == 0 {
		return aws.Offering{}, &Error{
			Operation: "DescribeInstanceTypeOfferings", kind: kindFailed, message: "AWS lists no instance types at all for " + t.Region + ".",
		}
	}
	return aws.Offering{Near: near(name, all)}, nil
}

func offerings(ctx context.Context, client *ec2.Client, by types.LocationType, name string) ([]types.InstanceTypeOffering, error) {
	in := &ec2.DescribeInstanceTypeOfferingsInput{LocationType: by, MaxResults: awssdk.Int32(pageSize)}
	if name != "" {
		in.MaxResults, in.Filters = nil, []types.Filter{filter("instance-type", literal(name))}
	}
	var all []types.InstanceTypeOffering
	for {
		out, err := ask(ctx, client.DescribeInstanceTypeOfferings, in)
		if err != nil {
			return nil, err
		}
		for _, o := range out.InstanceTypeOfferings {
			if name == "" || string(o.InstanceType) == name { // an endpoint may ignore the filter
				all = append(all, o)
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &ec2.DescribeInstanceTypeOfferingsInput{LocationType: by, MaxResults: in.MaxResults, Filters: in.Filters, NextToken: out.NextToken}
	}
}

// near answers the types of the same family; where the region has none, those of the same size whose family begins alike.
func near(name string, all []types.InstanceTypeOffering) []string {
	family, size, _ := strings.Cut(name, ".")
	var kin, alike []string
	for _, o := range all {
		other := string(o.InstanceType)
		switch otherFamily, otherSize, _ := strings.Cut(other, "."); {
		case otherFamily == family:
			kin = append(kin, other)
		case otherSize == size && letters(otherFamily) == letters(family):
			alike = append(alike, other)
		}
	}
	if len(kin) == 0 {
		kin = alike
	}
	slices.SortFunc(kin, func(a, b string) int { // those that begin most like it first
		return cmp.Or(cmp.Compare(shared(b, name), shared(a, name)), strings.Compare(a, b))
	})
	const few = 5
	return kin[:min(few, len(kin))]
}

// shared is how many bytes two names have in common from their beginning.
func shared(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// letters is what a family's name begins with: "m" of "m7i-flex", "inf" of "inf2".
func letters(family string) string {
	end := strings.IndexAny(family, "0123456789-.")
	if end < 0 {
		return family
	}
	return family[:end]
}

// onDemandQuota answers the quota that covers the running on-demand instances of a family.
// Source: https://docs.aws.amazon.com/general/latest/gr/ec2-service.html
func onDemandQuota(name string) (code string, known bool) {
	switch letters(name) {
	case "a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z":
		return "L-1216C47A", true
	case "f":
		return "L-74FC7D96", true
	case "g", "gr", "vt":
		return "L-DB2E81BA", true
	case "p":
		return "L-417A185B", true
	case "x":
		return "L-7295265B", true
	case "inf":
		return "L-1945791B", true
	case "trn":
		return "L-2C3B7624", true
	case "dl":
		return "L-6E869C2A", true
	case "hpc":
		return "L-F7808C92", true
	case "u":
		return "L-43DA4232", true
	default:
		return "", false
	}
}

// VCPUQuota answers how much of the on-demand vCPU quota that covers a type is used.
func (c *Cloud) VCPUQuota(ctx context.Context, t aws.Target, name string) (aws.VCPUQuota, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return aws.VCPUQuota{}, err
	}
	code, known := onDemandQuota(name)
	if !known {
		return aws.VCPUQuota{}, &Error{kind: kindNotFound, message: "deckhand does not know which quota covers " + name + "."}
	}
	quota, err := limitOf(ctx, ready.quotas, code)
	if err != nil {
		return quota, err
	}
	own, err := c.InstanceTypes(ctx, t, []string{name})
	if err != nil {
		return quota, err
	}
	if len(own) != 1 || own[0].VCPUs == 0 {
		return quota, &Error{Operation: "DescribeInstanceTypes", kind: kindFailed, message: "AWS does not say how many vCPUs " + name + " has."}
	}
	quota.Each = own[0].VCPUs
	quota.Used, err = c.vcpusInUse(ctx, ready, t, code)
	return quota, err
}

// limitOf answers the account's own limit, or AWS's default where none was ever set.
func limitOf(ctx context.Context, client quotaCalls, code string) (aws.VCPUQuota, error) {
	service := "ec2"
	out, err := ask(ctx, client.GetServiceQuota, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	var quota aws.VCPUQuota
	switch {
	case codeOf(err) == "NoSuchResourceException":
		standard, err := ask(ctx, client.GetAWSDefaultServiceQuota, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
		if err != nil {
			return quota, err
		}
		if q := standard.Quota; q != nil && q.Value != nil {
			return aws.VCPUQuota{Name: awssdk.ToString(q.QuotaName), Limit: int(*q.Value)}, nil
		}
	case err != nil:
		return quota, err
	case out.Quota != nil && out.Quota.Value != nil:
		return aws.VCPUQuota{Name: awssdk.ToString(out.Quota.QuotaName), Limit: int(*out.Quota.Value)}, nil
	}
	return quota, &Error{Operation: "GetServiceQuota", kind: kindFailed, message: fmt.Sprintf("AWS names no value for the quota %s.", code)}
}

// vcpusInUse counts the vCPUs of the on-demand instances under a quota: as many as each was launched with, and the type's
// default where AWS does not say.
func (c *Cloud) vcpusInUse(ctx context.Context, ready *clients, t aws.Target, code string) (int, error) {
	in := &ec2.DescribeInstancesInput{
		Filters: []types.Filter{filter("instance-state-name", "pending", "running")}, MaxResults: awssdk.Int32(pageSize),
	}
	used, unsaid := 0, map[string]int{} // instances by type whose vCPUs AWS does not say
	for {
		out, err := ask(ctx, ready.ec2.DescribeInstances, in)
		if err != nil {
			return 0, err
		}
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				if !matches(i, r, in.Filters) || i.InstanceLifecycle != "" { // spot instances have quotas of their own
					continue
				}
				if covers, _ := onDemandQuota(string(i.InstanceType)); covers != code {
					continue
				}
				if o := i.CpuOptions; o != nil && awssdk.ToInt32(o.CoreCount) > 0 {
					used += int(*o.CoreCount) * max(1, int(awssdk.ToInt32(o.ThreadsPerCore)))
				} else {
					unsaid[string(i.InstanceType)]++
				}
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			break
		}
		in = &ec2.DescribeInstancesInput{Filters: in.Filters, MaxResults: in.MaxResults, NextToken: out.NextToken}
	}
	if len(unsaid) == 0 {
		return used, nil
	}
	kinds, err := c.InstanceTypes(ctx, t, slices.Sorted(maps.Keys(unsaid)))
	for _, kind := range kinds {
		used += kind.VCPUs * unsaid[kind.Name]
	}
	return used, err
}

// SubnetZone answers the availability zone of a subnet, given by id or name.
func (c *Cloud) SubnetZone(ctx context.Context, t aws.Target, subnet string) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	f := finder{ready.ec2}
	if !strings.HasPrefix(subnet, "subnet-") {
		found, err := f.subnetNamed(ctx, subnet)
		return awssdk.ToString(found.AvailabilityZone), err
	}
	found, err := f.subnets(ctx, filter("subnet-id", literal(subnet)))
	if err != nil {
		return "", err
	}
	for _, s := range found {
		if awssdk.ToString(s.SubnetId) == subnet {
			return awssdk.ToString(s.AvailabilityZone), nil
		}
	}
	return "", &Error{kind: kindNotFound, message: "AWS knows no subnet " + subnet + ".", hint: lookUp("InvalidSubnetID.NotFound").hint}
}
