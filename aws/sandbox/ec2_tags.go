package sandbox

import (
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagged gives every resource that is no instance, with its kind and where its tags are kept.
func (r *region) tagged(each func(id string, kind types.ResourceType, tags *[]types.Tag)) {
	for i := range r.subnets {
		each(*r.subnets[i].SubnetId, types.ResourceTypeSubnet, &r.subnets[i].Tags)
	}
	for i := range r.groups {
		each(*r.groups[i].GroupId, types.ResourceTypeSecurityGroup, &r.groups[i].Tags)
	}
	for i := range r.vpcs {
		each(*r.vpcs[i].VpcId, types.ResourceTypeVpc, &r.vpcs[i].Tags)
	}
	for i := range r.images {
		each(*r.images[i].ImageId, types.ResourceTypeImage, &r.images[i].Tags)
	}
	for i := range r.gateways {
		each(*r.gateways[i].InternetGatewayId, types.ResourceTypeInternetGateway, &r.gateways[i].Tags)
	}
	for i := range r.tables {
		each(*r.tables[i].RouteTableId, types.ResourceTypeRouteTable, &r.tables[i].Tags)
	}
	for i := range r.nats {
		each(*r.nats[i].NatGatewayId, types.ResourceTypeNatgateway, &r.nats[i].Tags)
	}
	for i := range r.volumes {
		each(*r.volumes[i].VolumeId, types.ResourceTypeVolume, &r.volumes[i].Tags)
	}
	for i := range r.addresses {
		each(*r.addresses[i].AllocationId, types.ResourceTypeElasticIp, &r.addresses[i].Tags)
	}
}

// taggable answers where the tags of a resource are kept.
func (r *region) taggable(id string) (*[]types.Tag, error) {
	var found *[]types.Tag
	r.tagged(func(one string, _ types.ResourceType, tags *[]types.Tag) {
		if one == id {
			found = tags
		}
	})
	if found != nil {
		return found, nil
	}
	if strings.HasPrefix(id, "i-") {
		list, err := r.named([]string{id})
		if err != nil {
			return nil, err
		}
		return &list[0].Tags, nil
	}
	return nil, refuse("InvalidID", "The ID '"+id+"' is not valid")
}

// describeTags answers tags by key and value, as far as those two filters go.
func describeTags(r *region, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	for _, f := range in.Filters {
		if name := awssdk.ToString(f.Name); name != "key" && name != "value" {
			return nil, refuse("InvalidParameterValue", "The filter '"+name+"' is invalid")
		}
	}
	out := &ec2.DescribeTagsOutput{}
	look := func(id string, kind types.ResourceType, tags *[]types.Tag) {
		for _, t := range *tags {
			if !slices.ContainsFunc(in.Filters, func(f types.Filter) bool {
				return !slices.Contains(f.Values, map[string]string{"key": *t.Key, "value": awssdk.ToString(t.Value)}[*f.Name])
			}) {
				out.Tags = append(out.Tags, types.TagDescription{ResourceId: &id, ResourceType: kind, Key: t.Key, Value: t.Value})
			}
		}
	}
	r.tagged(look)
	for _, one := range r.present() {
		look(*one.InstanceId, types.ResourceTypeInstance, &one.Tags)
	}
	return out, nil
}

// retag gives every resource the tags that with makes of its present ones, all or none.
func (r *region) retag(resources []string, dry *bool, with func([]types.Tag) []types.Tag) error {
	var kept []*[]types.Tag
	for _, id := range resources {
		tags, err := r.taggable(id)
		if err != nil {
			return err
		}
		kept = append(kept, tags)
	}
	if err := dryRun(dry); err != nil {
		return err
	}
	for _, tags := range kept {
		*tags = with(slices.Clone(*tags))
	}
	return nil
}

func createTags(r *region, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	err := r.retag(in.Resources, in.DryRun, func(tags []types.Tag) []types.Tag {
		for _, add := range in.Tags {
			tags = slices.DeleteFunc(tags, func(t types.Tag) bool { return *t.Key == *add.Key })
			tags = append(tags, types.Tag{Key: add.Key, Value: awssdk.String(awssdk.ToString(add.Value))})
		}
		return tags
	})
	return &ec2.CreateTagsOutput{}, err
}

// deleteTags removes tags by key, and by value too where one is given; no tags at all means every tag.
func deleteTags(r *region, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	err := r.retag(in.Resources, in.DryRun, func(tags []types.Tag) []types.Tag {
		return slices.DeleteFunc(tags, func(t types.Tag) bool {
			return len(in.Tags) == 0 || slices.ContainsFunc(in.Tags, func(gone types.Tag) bool {
				return *gone.Key == *t.Key && (gone.Value == nil || *gone.Value == *t.Value)
			})
		})
	})
	return &ec2.DeleteTagsOutput{}, err
}
