package sandbox

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// The sandbox has one queue, jobs, and one bucket, uploads, in the region where it begins. What is put into them invokes functions.

func addTriggers(table map[string]operation) {
	table["Lambda.CreateEventSourceMapping"] = on(createEventSourceMapping)
	table["Lambda.DeleteEventSourceMapping"] = on(deleteEventSourceMapping)
	table["Lambda.ListEventSourceMappings"] = on(listEventSourceMappings)
	table["S3.GetBucketNotificationConfiguration"] = on(getNotifications)
	table["S3.PutBucketNotificationConfiguration"] = on(putNotifications)
}

// sources is what functions are triggered by, besides rules.
type sources struct {
	mappings      []types.EventSourceMappingConfiguration
	notifications []byte // of the bucket; empty: none
	subscriptions []subscription
}

func (r *region) begins() bool {
	return r.account == r.world.options.AccountID && r.name == r.world.options.Region
}

func (r *region) hasQueue(arn string) bool {
	return r.begins() && arn == "arn:aws:sqs:"+r.name+":"+r.account+":jobs"
}

func createEventSourceMapping(r *region, in *lambda.CreateEventSourceMappingInput) (*lambda.CreateEventSourceMappingOutput, error) {
	f, err := r.functionNamed(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	arn := awssdk.ToString(in.EventSourceArn)
	role := r.rolesOf()[(*f.Role)[strings.LastIndex(*f.Role, "/")+1:]]
	for _, m := range r.mappings {
		if *m.FunctionArn == *f.FunctionArn && *m.EventSourceArn == arn {
			return nil, refuse("ResourceConflictException", "An event source mapping with SQS arn (\" "+arn+" \") and function (\" "+*f.FunctionName+
				" \") already exists. Please update or delete the existing mapping with UUID "+*m.UUID)
		}
	}
	if err := r.unreadable(arn, string(in.StartingPosition), role); err != nil {
		return nil, err
	}
	now := r.now()
	id := strings.TrimPrefix(r.world.id("mapping"), "mapping-")
	m := types.EventSourceMappingConfiguration{
		UUID: awssdk.String(id[:8] + "-" + id[8:12] + "-4000-a000-" + id[5:17]), EventSourceArn: &arn, FunctionArn: f.FunctionArn,
		BatchSize: orElse(in.BatchSize, 10), State: awssdk.String("Enabled"), StateTransitionReason: awssdk.String("USER_INITIATED"), LastModified: &now, StartingPosition: in.StartingPosition,
	}
	r.mappings = append(slices.Clone(r.mappings), m)
	m.State = awssdk.String("Creating")
	return copied[lambda.CreateEventSourceMappingOutput](m), nil
}

// says tells whether one of a role's policies names an action.
func (r *role) says(action string) bool {
	for _, p := range r.policies {
		if strings.Contains(p, action) {
			return true
		}
	}
	return false
}

func deleteEventSourceMapping(r *region, in *lambda.DeleteEventSourceMappingInput) (*lambda.DeleteEventSourceMappingOutput, error) {
	for i, m := range r.mappings {
		if *m.UUID == *in.UUID {
			r.mappings = slices.Delete(slices.Clone(r.mappings), i, i+1)
			m.State = awssdk.String("Deleting")
			return copied[lambda.DeleteEventSourceMappingOutput](m), nil
		}
	}
	return nil, refuse("ResourceNotFoundException", "The resource you requested does not exist.")
}

func listEventSourceMappings(r *region, in *lambda.ListEventSourceMappingsInput) (*lambda.ListEventSourceMappingsOutput, error) {
	var kept []types.EventSourceMappingConfiguration
	for _, m := range r.mappings {
		if in.FunctionName == nil || plainName(*m.FunctionArn) == plainName(*in.FunctionName) {
			kept = append(kept, m)
		}
	}
	part, next, err := page(kept, in.Marker, orElse(in.MaxItems, 100))
	return &lambda.ListEventSourceMappingsOutput{EventSourceMappings: part, NextMarker: next}, err
}

// SendMessage puts a message into the queue; the functions that read it run. It answers how many did.
func (w *World) SendMessage() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	ran := 0
	for _, r := range w.places {
		for _, m := range r.mappings {
			if f := r.functions[plainName(*m.FunctionArn)]; f != nil && r.hasQueue(*m.EventSourceArn) {
				r.play(f, f.FunctionConfiguration, r.now())
				ran++
			}
		}
	}
	return ran
}

// notices is the part of a bucket's notifications that the sandbox plays.
type notices struct {
	XMLName   xml.Name `xml:"NotificationConfiguration"`
	Functions []struct {
		ID       string `xml:"Id"`
		Function string `xml:"CloudFunction"`
		Rules    []struct {
			Name, Value string
		} `xml:"Filter>S3Key>FilterRule"`
	} `xml:"CloudFunctionConfiguration"`
}

const bucketName = "uploads"

func (r *region) bucket(name string) error {
	switch {
	case name != bucketName:
		return refuse("NoSuchBucket", "The specified bucket does not exist")
	case !r.begins():
		return refuse("PermanentRedirect", "The bucket is in the region "+r.world.options.Region)
	}
	return nil
}

func getNotifications(r *region, in *aws.BucketCall) (*aws.BucketCall, error) {
	if err := r.bucket(in.Bucket); err != nil {
		return nil, err
	}
	if len(r.notifications) == 0 {
		return &aws.BucketCall{XML: []byte(`<?xml version="1.0" encoding="UTF-8"?><NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)}, nil
	}
	return &aws.BucketCall{XML: bytes.Clone(r.notifications)}, nil
}

func putNotifications(r *region, in *aws.BucketCall) (*aws.BucketCall, error) {
	if err := r.bucket(in.Bucket); err != nil {
		return nil, err
	}
	var n notices
	if err := xml.Unmarshal(in.XML, &n); err != nil {
		return nil, refuse("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	for _, one := range n.Functions {
		f := r.functions[plainName(one.Function)]
		if f == nil || !f.lets("s3.amazonaws.com", "arn:aws:s3:::"+in.Bucket) {
			return nil, refuse("InvalidArgument", "Unable to validate the following destination configurations")
		}
	}
	r.notifications = bytes.Clone(in.XML)
	return &aws.BucketCall{}, nil
}

// PutObject puts an object into the bucket; the functions that its notifications name run. It answers how many did.
func (w *World) PutObject(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	ran := 0
	for _, r := range w.places {
		var n notices
		if len(r.notifications) == 0 || xml.Unmarshal(r.notifications, &n) != nil {
			continue
		}
		for _, one := range n.Functions {
			fits := true
			for _, rule := range one.Rules {
				fits = fits && (rule.Name != "prefix" || strings.HasPrefix(key, rule.Value)) && (rule.Name != "suffix" || strings.HasSuffix(key, rule.Value))
			}
			if f := r.functions[plainName(one.Function)]; fits && f != nil && f.lets("s3.amazonaws.com", "arn:aws:s3:::"+bucketName) {
				r.play(f, f.FunctionConfiguration, r.now())
				ran++
			}
		}
	}
	return ran
}

// Notify puts a configuration of somebody else's into the bucket's notifications, as it stands.
func (w *World) Notify(document string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at(w.options.AccountID, w.options.Region).notifications = []byte(document)
}

// Notifications answers the bucket's notifications as S3 holds them.
func (w *World) Notifications() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.at(w.options.AccountID, w.options.Region).notifications)
}
