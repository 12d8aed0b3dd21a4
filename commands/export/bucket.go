package export

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var notices = kind{"aws_s3_bucket_notification", "", "", untagged /* a template has it in the bucket */} //nolint:gochecknoglobals // a constant

// noticed are the notifications of a bucket: Terraform has all of them in one resource.
// Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_notification
type noticed struct {
	bucket   string
	triggers []aws.BucketTrigger
}

// ofBucket tells whether a statement is one that lambda trigger add makes for a bucket.
func ofBucket(g aws.Grant) bool {
	return g.Principal == "s3.amazonaws.com" && strings.HasPrefix(g.ID, "deckhand-s3-")
}

// noticing adds the notifications that the function's statements are for. Where a bucket's cannot be written, that is a note.
func (c *Export) noticing(ctx context.Context, t aws.Target, f *called) {
	for _, g := range f.grants {
		bucket := lastOf(g.SourceARN)
		if !ofBucket(g) || slices.ContainsFunc(f.buckets, func(b noticed) bool { return b.bucket == bucket }) {
			continue
		}
		triggers, others, err := c.cloud.BucketNotices(ctx, t, bucket)
		own := func(t aws.BucketTrigger) bool {
			return slices.ContainsFunc(f.grants, func(g aws.Grant) bool { return g.ID == t.ID })
		}
		switch {
		case err != nil:
			f.words = append(f.words, "The notifications of the bucket "+bucket+" are not written: "+commands.Words(err).Message)
		case !slices.ContainsFunc(triggers, own):
			f.words = append(f.words, "The bucket "+bucket+" does not tell "+f.function.Name+" of anything now: its permission stands alone.")
		case others > 0 || !all(triggers, own):
			f.words = append(f.words, "The notifications of the bucket "+bucket+" are not written: it has others beside, and Terraform would take all that it is not told of away.")
		default:
			f.buckets = append(f.buckets, noticed{bucket, triggers})
		}
	}
}

func all[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(one T) bool { return !holds(one) })
}

// unformed tells what a template cannot hold.
func (f called) unformed() []string {
	var notes []string
	for _, b := range f.buckets {
		notes = append(notes, fmt.Sprintf("That the bucket %s tells %s is not in the template: CloudFormation has it in the bucket itself, which was not made here. It stays as it is.", b.bucket, f.function.Name))
	}
	return notes
}

func (b noticed) things(add adding, function part) {
	var blocks listed
	for _, t := range b.triggers {
		blocks = append(blocks, nested{
			{"id", "", t.ID}, {"lambda_function_arn", "", function}, {"events", "", texts(t.Events)}, {"filter_prefix", "", t.Prefix}, {"filter_suffix", "", t.Suffix},
		})
	}
	add(notices, b.bucket, b.bucket, nil, attr{"bucket", "", b.bucket}, attr{"lambda_function", "", blocks})
}
