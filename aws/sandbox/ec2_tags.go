package sandbox

import (
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// taggable answers where the tags of a resource are kept.
func (r *region) taggable(id string) (*[]types.Tag, error) {
	for i := range r.subnets {
		if *r.subnets[i].SubnetId == id {
			return &r.subnets[i].Tags, nil
		}
	}
	for i := range r.groups {
		if *r.groups[i].GroupId == id {
			return &r.groups[i].Tags, nil
		}
	}
	for i := range r.vpcs {
		if *r.vpcs[i].VpcId == id {
			return &r.vpcs[i].Tags, nil
		}
	}
	for i := range r.images {
		if *r.images[i].ImageId == id {
			return &r.images[i].Tags, nil
		}
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
