package sdk

import (
	"bytes"
	"context"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
)

// A bucket has one document of all its notifications, which is always written as a whole. It is read first, and what is not ours goes
// back as it was read, down to elements that this program does not know.

// notifications is the document, whatever its first element is called: S3-compatible endpoints differ there.
type notifications struct {
	Attrs []xml.Attr `xml:",any,attr"` // prefixes of namespaces, which the parts may use
	Parts []notice   `xml:",any"`
}

// notice is one element of the document, as it stands there.
type notice struct {
	XMLName xml.Name
	Inner   []byte `xml:",innerxml"`
}

const functionNotice = "CloudFunctionConfiguration"

type functionNotices struct {
	ID          string   `xml:"Id"`
	FunctionARN string   `xml:"CloudFunction"`
	Events      []string `xml:"Event"`
	Rules       []struct {
		Name  string
		Value string
	} `xml:"Filter>S3Key>FilterRule"`
}

// trigger reads an element; ok is false where it does not invoke a function.
func (n notice) trigger(bucket string) (t aws.BucketTrigger, ok bool) {
	if n.XMLName.Local != functionNotice {
		return t, false
	}
	var raw functionNotices
	if xml.Unmarshal(slices.Concat([]byte("<c>"), n.Inner, []byte("</c>")), &raw) != nil {
		return t, false
	}
	t = aws.BucketTrigger{ID: raw.ID, Bucket: bucket, FunctionARN: raw.FunctionARN, Events: raw.Events}
	for _, r := range raw.Rules {
		switch strings.ToLower(r.Name) {
		case "prefix":
			t.Prefix = r.Value
		case "suffix":
			t.Suffix = r.Value
		}
	}
	return t, true
}

// noticeOf writes a trigger as an element.
func noticeOf(t aws.BucketTrigger) notice {
	var out bytes.Buffer
	element := func(name, value string) {
		out.WriteString("<" + name + ">")
		_ = xml.EscapeText(&out, []byte(value)) // a buffer takes everything
		out.WriteString("</" + name + ">")
	}
	element("Id", t.ID)
	element("CloudFunction", t.FunctionARN)
	for _, e := range t.Events {
		element("Event", e)
	}
	if t.Prefix+t.Suffix != "" {
		out.WriteString("<Filter><S3Key>")
		for _, rule := range [][2]string{{"prefix", t.Prefix}, {"suffix", t.Suffix}} {
			if rule[1] != "" {
				out.WriteString("<FilterRule>")
				element("Name", rule[0])
				element("Value", rule[1])
				out.WriteString("</FilterRule>")
			}
		}
		out.WriteString("</S3Key></Filter>")
	}
	return notice{XMLName: xml.Name{Local: functionNotice}, Inner: out.Bytes()}
}

func (n notifications) document() []byte {
	var out bytes.Buffer
	out.WriteString(`<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`)
	for _, a := range n.Attrs {
		if a.Name.Space == "xmlns" {
			out.WriteString(" xmlns:" + a.Name.Local + `="`)
			_ = xml.EscapeText(&out, []byte(a.Value)) // a buffer takes everything
			out.WriteString(`"`)
		}
	}
	out.WriteString(">")
	for _, p := range n.Parts {
		out.WriteString("<" + p.XMLName.Local + ">")
		out.Write(p.Inner)
		out.WriteString("</" + p.XMLName.Local + ">")
	}
	out.WriteString("</NotificationConfiguration>")
	return out.Bytes()
}

func (n notifications) triggers(bucket string) []aws.BucketTrigger {
	var all []aws.BucketTrigger
	for _, p := range n.Parts {
		if t, ok := p.trigger(bucket); ok {
			all = append(all, t)
		}
	}
	return all
}

func readNotifications(ctx context.Context, b buckets, bucket string) (notifications, error) {
	var n notifications
	out, err := ask(ctx, b.getNotifications, &aws.BucketCall{Bucket: bucket})
	if err != nil || len(bytes.TrimSpace(out.XML)) == 0 {
		return n, err
	}
	if err := xml.Unmarshal(out.XML, &n); err != nil {
		return n, &Error{Operation: "GetBucketNotificationConfiguration", kind: kindFailed, message: "The notifications of the bucket " + bucket + " could not be read.", err: err}
	}
	return n, nil
}

// BucketTriggers answers the notifications of a bucket that invoke functions.
func (c *Cloud) BucketTriggers(ctx context.Context, t aws.Target, bucket string) ([]aws.BucketTrigger, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	n, err := readNotifications(ctx, ready.buckets, bucket)
	return n.triggers(bucket), err
}

// BucketNotices answers the notifications of a bucket that invoke functions, and how many others it has.
func (c *Cloud) BucketNotices(ctx context.Context, t aws.Target, bucket string) (triggers []aws.BucketTrigger, others int, err error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, 0, err
	}
	n, err := readNotifications(ctx, ready.buckets, bucket)
	triggers = n.triggers(bucket)
	return triggers, len(n.Parts) - len(triggers), err
}

// permitDelay is how long S3 may not know yet that it may invoke a function.
const permitDelay = 30 * time.Second

// AddBucketTrigger adds a notification beside those that are there. The same again changes nothing. S3 tries the function's permission, which
// may take some seconds to be known; until then its refusal is tried again.
func (c *Cloud) AddBucketTrigger(ctx context.Context, t aws.Target, trigger aws.BucketTrigger) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, permitDelay)
	defer cancel()
	var last error
	err = c.poll(limited, func() (bool, error) {
		n, err := readNotifications(ctx, ready.buckets, trigger.Bucket)
		if err != nil {
			return true, err
		}
		wanted := noticeOf(trigger)
		n.Parts = slices.DeleteFunc(n.Parts, func(p notice) bool {
			there, ok := p.trigger(trigger.Bucket)
			return ok && there.ID == trigger.ID
		})
		n.Parts = append(n.Parts, wanted)
		_, last = repeat(ctx, ready.buckets.putNotifications, &aws.BucketCall{Bucket: trigger.Bucket, XML: n.document()})
		if codeOf(last) == "InvalidArgument" && strings.Contains(last.Error(), "validate") {
			return false, nil
		}
		return true, last
	})
	if limited.Err() != nil && last != nil {
		return last
	}
	return err
}

// RemoveBucketTrigger removes a notification by its id; one that is gone is no error, and the others stay.
func (c *Cloud) RemoveBucketTrigger(ctx context.Context, t aws.Target, bucket, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	n, err := readNotifications(ctx, ready.buckets, bucket)
	if err != nil {
		return unless(err, "NoSuchBucket")
	}
	before := len(n.Parts)
	n.Parts = slices.DeleteFunc(n.Parts, func(p notice) bool {
		there, ok := p.trigger(bucket)
		return ok && there.ID == id
	})
	if len(n.Parts) == before {
		return nil
	}
	_, err = repeat(ctx, ready.buckets.putNotifications, &aws.BucketCall{Bucket: bucket, XML: n.document()})
	return unless(err, "NoSuchBucket")
}
