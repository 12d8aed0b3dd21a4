package sandbox

import (
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

func addQuotas(table map[string]operation) {
	table["EC2.DescribeInstanceTypes"] = on(describeInstanceTypes)
	table["EC2.DescribeInstanceTypeOfferings"] = on(describeInstanceTypeOfferings)
	table["Service Quotas.GetServiceQuota"] = on(getServiceQuota)
	table["Service Quotas.GetAWSDefaultServiceQuota"] = on(getDefaultQuota)
}

// standardQuota is the limit of vCPUs of on-demand instances of the families that the sandbox has.
const (
	standardQuota = "L-1216C47A"
	standardName  = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
	standardLimit = 1152
)

// LimitVCPUs sets how many vCPUs the running on-demand instances of each account and region may have together; it begins with 1152.
func (w *World) LimitVCPUs(limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.vcpuLimit = limit
}

func families() []string {
	return []string{
		"c3", "c4", "c5", "c5a", "c6a", "c6g", "c6i", "c7a", "c7g", "c7i", "c8g", "m1", "m3", "m4", "m5", "m5a", "m6a", "m6g", "m6i",
		"m7a", "m7g", "m7i", "m8g", "r3", "r4", "r5", "r5a", "r6a", "r6g", "r6i", "r7a", "r7g", "r7i", "r8g", "t1", "t2", "t3", "t3a", "t4g",
	}
}

func sizes() []string {
	return []string{
		"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
	}
}

// sizesOf are the sizes that types of a family have: the burstable ones end at 2xlarge.
func sizesOf(family string) []string {
	switch all := sizes(); {
	case !slices.Contains(families(), family):
		return nil
	case family == "t1":
		return []string{"micro"}
	case strings.HasPrefix(family, "t"):
		return all[:slices.Index(all, "4xlarge")]
	default:
		return all
	}
}

// vcpusOf answers the default vCPUs of a type that exists.
func vcpusOf(name string) int32 {
	family, size, _ := strings.Cut(name, ".")
	if small := slices.Index(sizes(), size) < slices.Index(sizes(), "large"); small {
		if slices.Contains([]string{"t3", "t3a", "t4g"}, family) || family == "t2" && size == "medium" {
			return 2
		}
		return 1
	}
	return map[string]int32{
		"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64, "24xlarge": 96,
	}[size]
}

// offeredIn tells whether a type that exists is offered in a zone: types of early generations are not in newer zones.
func offeredIn(name, zone string) bool {
	family, _, _ := strings.Cut(name, ".")
	early := slices.Contains([]string{"c3", "m1", "m3", "r3", "t1"}, family)
	return !early || strings.HasSuffix(zone, "a")
}

func describeInstanceTypes(_ *region, in *ec2.DescribeInstanceTypesInput) (*ec2.DescribeInstanceTypesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if len(in.InstanceTypes) == 0 {
		return nil, refuse("InvalidParameterValue", "The sandbox describes instance types by name alone.")
	}
	out := &ec2.DescribeInstanceTypesOutput{}
	var unknown []string
	for _, name := range in.InstanceTypes {
		architecture, known := architectureOf(string(name))
		if !known {
			unknown = append(unknown, string(name))
			continue
		}
		vcpus := vcpusOf(string(name))
		out.InstanceTypes = append(out.InstanceTypes, types.InstanceTypeInfo{
			InstanceType:  name,
			ProcessorInfo: &types.ProcessorInfo{SupportedArchitectures: []types.ArchitectureType{types.ArchitectureType(architecture)}},
			VCpuInfo:      &types.VCpuInfo{DefaultVCpus: &vcpus},
			MemoryInfo:    &types.MemoryInfo{SizeInMiB: awssdk.Int64(int64(vcpus) * 2048)},
		})
	}
	if len(unknown) > 0 {
		return nil, refuse("InvalidInstanceType", "The following supplied instance types do not exist: ["+strings.Join(unknown, ", ")+"]")
	}
	return out, nil
}

func describeInstanceTypeOfferings(r *region, in *ec2.DescribeInstanceTypeOfferingsInput) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	var places []string
	switch in.LocationType {
	case types.LocationTypeRegion, "":
		places = []string{r.name}
	case types.LocationTypeAvailabilityZone:
		places = []string{r.name + "a", r.name + "b"}
	default:
		return nil, refuse("InvalidParameterValue", "The sandbox knows regions and availability zones.")
	}
	var all []types.InstanceTypeOffering
	for _, family := range families() {
		for _, size := range sizesOf(family) {
			for _, at := range places {
				name := family + "." + size
				if at == r.name || offeredIn(name, at) {
					all = append(all, types.InstanceTypeOffering{
						InstanceType: types.InstanceType(name), Location: awssdk.String(at), LocationType: in.LocationType,
					})
				}
			}
		}
	}
	kept, err := pick(all, nil, in.Filters, finder[types.InstanceTypeOffering]{
		field: func(x types.InstanceTypeOffering, name string) ([]string, bool) {
			switch name {
			case "instance-type":
				return []string{string(x.InstanceType)}, true
			case "location":
				return one(x.Location), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeInstanceTypeOfferingsOutput{InstanceTypeOfferings: part, NextToken: next}, err
}

// checkRoom refuses a launch or start that the quota, or the zone, has no room for.
func (r *region) checkRoom(name types.InstanceType, zone string, instances int) error {
	if !offeredIn(string(name), zone) {
		return refuse("Unsupported", "Your requested instance type ("+string(name)+") is not supported in your requested Availability Zone ("+
			zone+"). Please retry your request by not specifying an Availability Zone or choosing "+r.name+"a.")
	}
	used := 0
	for _, in := range r.present() {
		if in.is(pending, running) {
			used += int(vcpusOf(string(in.InstanceType)))
		}
	}
	if used+instances*int(vcpusOf(string(name))) > r.world.vcpuLimit {
		return refuse("VcpuLimitExceeded", messageOf("VcpuLimitExceeded"))
	}
	return nil
}

func getServiceQuota(r *region, in *servicequotas.GetServiceQuotaInput) (*servicequotas.GetServiceQuotaOutput, error) {
	if *in.ServiceCode != "ec2" || *in.QuotaCode != standardQuota {
		return nil, refuse("NoSuchResourceException", "The request failed because the specified resource doesn't exist.")
	}
	value := float64(r.world.vcpuLimit)
	return &servicequotas.GetServiceQuotaOutput{Quota: &quotatypes.ServiceQuota{
		ServiceCode: in.ServiceCode, ServiceName: awssdk.String("Amazon Elastic Compute Cloud (Amazon EC2)"), QuotaCode: in.QuotaCode,
		QuotaName: awssdk.String(standardName), Value: &value, Adjustable: true, Unit: awssdk.String("None"),
	}}, nil
}

// getDefaultQuota knows one quota more, which the account never had a value of its own for.
func getDefaultQuota(r *region, in *servicequotas.GetAWSDefaultServiceQuotaInput) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
	if *in.QuotaCode == "L-417A185B" {
		return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: &quotatypes.ServiceQuota{
			ServiceCode: in.ServiceCode, QuotaCode: in.QuotaCode, QuotaName: awssdk.String("Running On-Demand P instances"), Value: awssdk.Float64(0),
		}}, nil
	}
	own, err := getServiceQuota(r, &servicequotas.GetServiceQuotaInput{ServiceCode: in.ServiceCode, QuotaCode: in.QuotaCode})
	if err != nil {
		return nil, err
	}
	return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: own.Quota}, nil
}
