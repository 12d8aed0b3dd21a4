package sdk

import (
	"context"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Image answers an image by its id.
func (c *Cloud) Image(ctx context.Context, t aws.Target, id string) (aws.Image, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Image{}, err
	}
	out, err := ask(ctx, ready.ec2.DescribeImages, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil {
		return aws.Image{}, err
	}
	for _, i := range out.Images {
		if awssdk.ToString(i.ImageId) == id {
			return imageOf(i), nil
		}
	}
	return aws.Image{}, &Error{
		Code: "InvalidAMIID.NotFound", Operation: "DescribeImages", kind: kindNotFound,
		message: "AWS knows no image " + id + ".", hint: lookUp("InvalidAMIID.NotFound").hint,
	}
}

func imageOf(i types.Image) aws.Image {
	out := aws.Image{
		ID: awssdk.ToString(i.ImageId), Name: awssdk.ToString(i.Name), Platform: awssdk.ToString(i.PlatformDetails), State: string(i.State),
	}
	if i.StateReason != nil {
		out.Reason = awssdk.ToString(i.StateReason.Message)
	}
	return out
}
