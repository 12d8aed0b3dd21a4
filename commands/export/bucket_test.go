package export

import (
	"context"
	"errors"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

func (r region) BucketNotices(_ context.Context, _ aws.Target, bucket string) ([]aws.BucketTrigger, int, error) {
	for _, b := range r.called.buckets {
		if b.bucket == bucket {
			return b.triggers, r.others, r.unread
		}
	}
	return nil, 0, nil
}

// noticing is a function that a bucket tells of two kinds of objects.
func noticing() region {
	there := counting()
	there.called.rules, there.called.aliases, there.called.queues, there.called.grants = nil, nil, nil, nil
	b := noticed{bucket: "uploads"}
	for _, id := range []string{"deckhand-s3-counter-1", "deckhand-s3-counter-2"} {
		there.called.grants = append(there.called.grants, aws.Grant{ID: id, Principal: "s3.amazonaws.com", SourceARN: "arn:aws:s3:::uploads", SourceAccount: "123456789012"})
		b.triggers = append(b.triggers, aws.BucketTrigger{ID: id, Bucket: "uploads", FunctionARN: lambdaARN, Events: []string{"s3:ObjectCreated:*"}, Prefix: id + "/", Suffix: ".jpg"})
	}
	there.called.buckets = []noticed{b}
	return there
}

func TestBucketOfAFunctionAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, noticing(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 4, 0)
	for _, want := range []string{
		"to = aws_s3_bucket_notification.uploads\n  id = \"uploads\"", `bucket = "uploads"`, "lambda_function {\n    id = \"deckhand-s3-counter-1\"\n    lambda_function_arn = aws_lambda_function.counter.arn",
		`events = ["s3:ObjectCreated:*"]`, `filter_prefix = "deckhand-s3-counter-2/"`, `filter_suffix = ".jpg"`, `source_account = "123456789012"`, "id = \"counter/deckhand-s3-counter-2\"",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestBucketOfAFunctionAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, noticing(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	_, text := formation(t, report, 3)
	if words := loosened(report); !strings.Contains(text, `"SourceAccount": "123456789012"`) || !strings.Contains(words, "That the bucket uploads tells counter is not in the template") {
		t.Error(words)
	}
}

func TestNotificationThatTheRequestMade(t *testing.T) {
	t.Parallel()
	there := noticing()
	there.by, there.notice = "lambda trigger add", "deckhand-s3-counter-1"
	there.called.buckets[0].triggers = there.called.buckets[0].triggers[:1]
	report, err := exportedFrom(t, there, "export R-43 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-43.tf")
	whole(t, text, 2, 0)
	if strings.Contains(text, "aws_lambda_function\"") || strings.Contains(text, "counter-2") || !strings.Contains(text, `lambda_function_arn = "`+lambdaARN+`"`) {
		t.Error(text)
	}
	there.notice = "deckhand-s3-counter-7"
	if _, err = exportedFrom(t, there, "export R-43 --as terraform"); commands.Words(err).Kind != commands.NotFound {
		t.Error(err)
	}
}

func TestBucketThatIsNotWritten(t *testing.T) {
	t.Parallel()
	beside, foreign, silent, unread := noticing(), noticing(), noticing(), noticing()
	beside.others = 1
	foreign.called.buckets[0].triggers[1].ID = "theirs"
	silent.called.buckets = nil
	unread.unread = errors.New("no answer")
	for want, there := range map[string]region{
		"are not written: it has others beside": beside, "it has others beside, and Terraform": foreign,
		"does not tell counter of anything now": silent, "of the bucket uploads are not written: ": unread,
	} {
		report, err := exportedFrom(t, there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		if words := loosened(report); !strings.Contains(words, want) || strings.Contains(words, "aws_s3_bucket_notification") {
			t.Errorf("%q is missing, or what is not whole is written, in\n%s", want, words)
		}
	}
}
