package sdk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// QueueSources answers the event source mappings of a function.
func (c *Cloud) QueueSources(ctx context.Context, t aws.Target, function string) ([]aws.QueueSource, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.QueueSource
	in := &lambda.ListEventSourceMappingsInput{FunctionName: &function}
	for {
		out, err := ask(ctx, ready.lambda.ListEventSourceMappings, in)
		if err != nil {
			return nil, err
		}
		for _, m := range out.EventSourceMappings {
			all = append(all, aws.QueueSource{
				ID: awssdk.ToString(m.UUID), SourceARN: awssdk.ToString(m.EventSourceArn), State: awssdk.ToString(m.State), From: string(m.StartingPosition),
			})
		}
		if awssdk.ToString(out.NextMarker) == "" {
			return all, nil
		}
		in = &lambda.ListEventSourceMappingsInput{FunctionName: &function, Marker: out.NextMarker}
	}
}

// ReadQueue makes a function read a queue, or a stream from now on. A mapping between the two that is there already is the answer, and it is looked for before
// each try: two would read twice. One that is just being deleted is waited for, and so is a role that was given its rights just now, which may be refused
// for some seconds.
func (c *Cloud) ReadQueue(ctx context.Context, t aws.Target, function, queueARN string) (aws.QueueSource, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.QueueSource{}, err
	}
	in := &lambda.CreateEventSourceMappingInput{FunctionName: &function, EventSourceArn: &queueARN}
	if strings.Contains(queueARN, ":dynamodb:") {
		in.StartingPosition = types.EventSourcePositionLatest
	}
	var made aws.QueueSource
	err = c.insist(ctx, permitDelay, notReadYet, func() error {
		if there, _ := c.QueueSources(ctx, t, function); slices.ContainsFunc(there, func(one aws.QueueSource) bool {
			made = one
			return one.SourceARN == queueARN && one.State != "Deleting"
		}) {
			return nil // where AWS cannot be asked, its answer below decides
		}
		out, err := change(ctx, ready.lambda.CreateEventSourceMapping, in)
		if err == nil {
			made = aws.QueueSource{ID: awssdk.ToString(out.UUID), SourceARN: queueARN, State: awssdk.ToString(out.State)}
		}
		return err
	})
	if err != nil {
		return aws.QueueSource{}, err
	}
	return made, nil
}

// notReadYet tells what may pass by itself: a role that may not read yet, another mapping of the two that is going or not shown yet, and an answer that was lost.
func notReadYet(err error) bool {
	return notPermitted(err) || codeOf(err) == "ResourceConflictException" || isUncertain(err)
}

// notPermitted tells AWS's word for a role that may not read the queue, which is so for some seconds after it was given the right.
func notPermitted(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "InvalidParameterValueException" && mayNotRead(e.message)
}

// mayNotRead tells AWS's words for a role that may not read a queue or a stream.
func mayNotRead(message string) bool {
	return strings.Contains(message, "does not have permissions") || strings.Contains(message, "ensure the role can perform")
}

// WaitForQueue waits until a function reads a queue, or does so no longer: one that is deleted is gone from the list.
func (c *Cloud) WaitForQueue(ctx context.Context, t aws.Target, function, queueARN string, reads bool) error {
	state := ""
	err := c.poll(ctx, func() (bool, error) {
		all, err := c.QueueSources(ctx, t, function)
		if err != nil {
			return false, err
		}
		state = "gone"
		for _, one := range all {
			if one.SourceARN == queueARN {
				state = one.State
			}
		}
		if reads && state == "Disabled" {
			return true, &Error{kind: kindFailed, message: "The event source mapping of " + queueARN + " is there and switched off.", hint: "`lambda trigger remove " + function + " --on " + queueARN + "` takes it away, and the same line again makes one that reads."}
		}
		return reads == (state == "Enabled") && (reads || state == "gone"), nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return &Error{kind: kindFailed, message: "The event source mapping is still " + strings.ToLower(state) + ".", hint: "It may still get there: `lambda trigger list " + function + "` shows it.", err: err}
	}
	return err
}

// StopReadingQueue removes an event source mapping. One that is gone already is no error; one that is just being made or changed is waited for.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html
func (c *Cloud) StopReadingQueue(ctx context.Context, t aws.Target, id string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	inUse := func(err error) bool { return codeOf(err) == "ResourceInUseException" }
	return unlessGone(c.insist(ctx, permitDelay, inUse, func() error {
		_, err := repeat(ctx, ready.lambda.DeleteEventSourceMapping, &lambda.DeleteEventSourceMappingInput{UUID: &id})
		return err
	}))
}
