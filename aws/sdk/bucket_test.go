package sdk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// someoneElses is a configuration with elements of every kind, one of which this program has never heard of.
const someoneElses = `<?xml version="1.0" encoding="UTF-8"?>
<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TopicConfiguration><Id>theirs</Id><Topic>arn:aws:sns:us-east-1:123456789012:t</Topic><Event>s3:ObjectRemoved:*</Event></TopicConfiguration><NewKindConfiguration><Deep><A>1 &amp; 2</A></Deep></NewKindConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>`

func trigger(id, prefix string) aws.BucketTrigger {
	return aws.BucketTrigger{ID: id, Bucket: "uploads", FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:f", Events: []string{"s3:ObjectCreated:*"}, Prefix: prefix}
}

// bucketServer is a bucket behind HTTP, as S3 answers at a custom endpoint.
func bucketServer(t *testing.T, config string) (*sdk.Cloud, *string, *[]*http.Request) {
	t.Helper()
	held, seen := config, []*http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r)
		_, notification := r.URL.Query()["notification"]
		switch {
		case r.URL.Path == "/elsewhere":
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
			w.WriteHeader(http.StatusMovedPermanently)
			_, _ = io.WriteString(w, "<Error><Code>PermanentRedirect</Code><Message>Use another endpoint.</Message></Error>")
		case r.URL.Path != "/uploads" || !notification:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>")
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, held)
		default:
			body, _ := io.ReadAll(r.Body)
			held = string(body)
		}
	}))
	t.Cleanup(server.Close)
	c, err := sdk.New(t.Context(), sdk.Settings{
		Region: "us-east-1", EndpointURL: server.URL, Credentials: awssdk.NewCredentialsCache(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")),
	})
	must(t, err)
	return c, &held, &seen
}

func TestABucketsOtherNotificationsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	c, held, seen := bucketServer(t, someoneElses)
	must(t, c.AddBucketTrigger(t.Context(), here, trigger("one", "a&b/")))
	must(t, c.AddBucketTrigger(t.Context(), here, trigger("two", "")))
	told, others, err := c.BucketNotices(t.Context(), here, "uploads")
	must(t, err)
	if len(told) != 2 || others != 3 {
		t.Errorf("%d functions are told, and %d others", len(told), others)
	}
	must(t, c.AddBucketTrigger(t.Context(), here, trigger("one", "a&b/"))) // again: no second one
	all, err := c.BucketTriggers(t.Context(), here, "uploads")
	must(t, err)
	if len(all) != 2 || all[1].Prefix != "a&b/" || all[0].ID != "two" {
		t.Errorf("the bucket has %+v", all)
	}
	must(t, c.RemoveBucketTrigger(t.Context(), here, "uploads", "one"))
	must(t, c.RemoveBucketTrigger(t.Context(), here, "uploads", "one"))
	must(t, c.RemoveBucketTrigger(t.Context(), here, "uploads", "two"))
	for _, theirs := range []string{"<Id>theirs</Id>", "<NewKindConfiguration><Deep><A>1 &amp; 2</A></Deep></NewKindConfiguration>", "<EventBridgeConfiguration></EventBridgeConfiguration>"} {
		if !strings.Contains(*held, theirs) {
			t.Errorf("%s is lost: %s", theirs, *held)
		}
	}
	if strings.Contains(*held, "CloudFunctionConfiguration") {
		t.Errorf("ours is left: %s", *held)
	}
	for _, r := range *seen {
		if r.Method == http.MethodPut && (r.Header.Get("Content-Md5") == "" || r.Header.Get("X-Amz-Content-Sha256") == "") {
			t.Errorf("a request without its sums: %v", r.Header)
		}
		if !strings.Contains(r.Header.Get("Authorization"), "/us-east-1/s3/aws4_request") {
			t.Errorf("signed as %q", r.Header.Get("Authorization"))
		}
	}
}

func TestTheNamespacesOfABucketsNotificationsGoBackWithThem(t *testing.T) {
	t.Parallel()
	const one = `<ns0:NotificationConfiguration xmlns:ns0="http://s3.amazonaws.com/doc/2006-03-01/"><ns0:QueueConfiguration><ns0:Id>theirs</ns0:Id></ns0:QueueConfiguration></ns0:NotificationConfiguration>`
	c, held, _ := bucketServer(t, one)
	must(t, c.AddBucketTrigger(t.Context(), here, trigger("one", "")))
	if !strings.Contains(*held, `xmlns:ns0="http://s3.amazonaws.com/doc/2006-03-01/"`) || !strings.Contains(*held, "<ns0:Id>theirs</ns0:Id>") {
		t.Error(*held)
	}
}

func TestABucketThatIsNotThereOrElsewhere(t *testing.T) {
	t.Parallel()
	c, _, _ := bucketServer(t, "")
	_, err := c.BucketTriggers(t.Context(), here, "nowhere")
	wantError(t, err, "not_found", "does not exist")
	_, err = c.BucketTriggers(t.Context(), here, "elsewhere")
	wantError(t, err, "failed", "eu-west-1")
	if all, err := c.BucketTriggers(t.Context(), here, "uploads"); err != nil || len(all) != 0 {
		t.Errorf("an empty configuration: %v, %v", all, err)
	}
}

func TestQueuesAndBucketsInvokeAFunction(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		f, err := c.CreateFunction(ctx, here, aws.NewFunction{
			Name: "f", Code: aws.FunctionCode{S3Bucket: "b", S3Key: "k"},
			FunctionSettings: aws.FunctionSettings{Granted: true, Runtime: "python3.13", Handler: "a.b", Role: "arn:aws:iam::123456789012:role/lambda-ex"},
		})
		must(t, err)
		_, err = c.ReadQueue(ctx, here, "f", "arn:aws:sqs:us-east-1:123456789012:jobs")
		wantError(t, err, "usage", "ReceiveMessage")
		must(t, c.AllowRole(ctx, here, "lambda-ex", "queue", `{"Action":["sqs:ReceiveMessage"]}`))
		for range 2 { // the second time it is there already
			_, err = c.ReadQueue(ctx, here, "f", "arn:aws:sqs:us-east-1:123456789012:jobs")
			must(t, err)
		}
		must(t, c.WaitForQueue(ctx, here, "f", "arn:aws:sqs:us-east-1:123456789012:jobs", true))
		w.Notify(someoneElses)
		one := trigger("one", "in/")
		wantError(t, c.AddBucketTrigger(ctx, here, one), "failed", "Unable to validate")
		must(t, c.GrantInvoke(ctx, here, "f", aws.Grant{ID: "one", Principal: "s3.amazonaws.com", SourceARN: "arn:aws:s3:::uploads"}, "123456789012"))
		must(t, c.AddBucketTrigger(ctx, here, one))
		if got := []int{w.SendMessage(), w.PutObject("in/x"), w.PutObject("out/x")}; got[0] != 1 || got[1] != 1 || got[2] != 0 {
			t.Errorf("ran %v for %s", got, f.Name)
		}
	})
}
