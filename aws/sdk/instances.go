package sdk

import (
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	pageSize     = 1000 // the most AWS gives at once
	filterValues = 200  // the most AWS takes in one filter
)

// Instances answers the instances that match a query, in AWS's order. Ids that do not exist are left out.
func (c *Cloud) Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	var all []aws.Instance
	err := c.EachPage(ctx, t, q, func(page []aws.Instance, _ bool) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}

// EachPage gives the instances that match a query to each, page by page as AWS answers, and whether AWS has more; a page is
// never empty. An error of each ends it and is answered as it is.
func (c *Cloud) EachPage(ctx context.Context, t aws.Target, q aws.InstanceQuery, each func(page []aws.Instance, more bool) error) error {
	ready, t, err := c.at(t)
	if err != nil {
		return err
	}
	if len(q.IDs) <= filterValues {
		return c.eachPage(ctx, ready, t, filtersOf(q), each)
	}
	for from := 0; from < len(q.IDs); from += filterValues {
		part, to := q, min(from+filterValues, len(q.IDs))
		part.IDs = q.IDs[from:to]
		err := c.eachPage(ctx, ready, t, filtersOf(part), func(page []aws.Instance, more bool) error {
			return each(page, more || to < len(q.IDs))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Cloud) eachPage(
	ctx context.Context, ready *clients, t aws.Target, filters []types.Filter, each func([]aws.Instance, bool) error,
) error {
	if slices.ContainsFunc(filters, func(f types.Filter) bool { return len(f.Values) == 0 }) {
		return nil // nothing is one of no values
	}
	in := &ec2.DescribeInstancesInput{Filters: sentOf(filters), MaxResults: awssdk.Int32(pageSize)}
	pages := ec2.NewDescribeInstancesPaginator(ready.ec2, in, func(o *ec2.DescribeInstancesPaginatorOptions) {
		o.StopOnDuplicateToken = true
	})
	for pages.HasMorePages() {
		watched, a := withAttempt(ctx)
		out, err := pages.NextPage(watched)
		if err != nil {
			return explain(err, a, false)
		}
		var page []aws.Instance
		for _, r := range out.Reservations {
			c.ownerOf(t.Account).set(awssdk.ToString(r.OwnerId))
			for _, in := range r.Instances {
				if matches(in, r, filters) {
					page = append(page, instanceOf(in))
				}
			}
		}
		if len(page) == 0 {
			continue
		}
		if err := each(page, pages.HasMorePages()); err != nil {
			return err
		}
	}
	return nil
}

// sentOf are the filters that AWS is given. A token beside tags is only compared here: some AWS-compatible endpoints do not know that filter.
func sentOf(filters []types.Filter) (sent []types.Filter) {
	tagged := false
	for _, f := range filters {
		tagged = tagged || strings.HasPrefix(*f.Name, "tag:")
	}
	for _, f := range filters {
		if !tagged || *f.Name != "client-token" {
			sent = append(sent, f)
		}
	}
	return sent
}

// filtersOf writes a query as AWS's filters.
func filtersOf(q aws.InstanceQuery) []types.Filter {
	var filters []types.Filter
	add := func(name string, values []string) {
		filters = append(filters, types.Filter{Name: awssdk.String(name), Values: values})
	}
	if len(q.IDs) > 0 {
		add("instance-id", literals(q.IDs))
	}
	if len(q.Names) > 0 {
		add("tag:Name", q.Names)
	}
	if len(q.PrivateIPs) > 0 {
		add("private-ip-address", literals(q.PrivateIPs))
	}
	if len(q.States) > 0 {
		var states []string
		for _, s := range q.States {
			states = append(states, string(s))
		}
		add("instance-state-name", states)
	}
	if q.ClientToken != "" {
		add("client-token", []string{literal(q.ClientToken)})
	}
	for _, key := range slices.Sorted(maps.Keys(q.Tags)) {
		value := q.Tags[key]
		if value != "*" {
			value = literal(value)
		}
		add("tag:"+key, []string{value})
	}
	for _, name := range slices.Sorted(maps.Keys(q.Filters)) {
		add(name, q.Filters[name])
	}
	return filters
}

// Statuses answers the status checks of instances, of those that do not run too. An id that does not exist is an error.
func (c *Cloud) Statuses(ctx context.Context, t aws.Target, ids []string) ([]aws.InstanceStatus, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.InstanceStatus
	for part := range slices.Chunk(ids, 100) { // the most AWS takes by id
		in := &ec2.DescribeInstanceStatusInput{InstanceIds: part, IncludeAllInstances: awssdk.Bool(true)}
		for {
			out, err := ask(ctx, ready.ec2.DescribeInstanceStatus, in)
			if err != nil {
				return nil, err
			}
			for _, s := range out.InstanceStatuses {
				all = append(all, statusOf(s))
			}
			if awssdk.ToString(out.NextToken) == "" {
				break
			}
			in = &ec2.DescribeInstanceStatusInput{InstanceIds: part, IncludeAllInstances: in.IncludeAllInstances, NextToken: out.NextToken}
		}
	}
	return all, nil
}

// TerminationProtected tells whether an instance refuses to be terminated.
func (c *Cloud) TerminationProtected(ctx context.Context, t aws.Target, id string) (bool, error) {
	return c.protected(ctx, t, id, types.InstanceAttributeNameDisableApiTermination, "terminated")
}

// StopProtected tells whether an instance refuses to be stopped.
func (c *Cloud) StopProtected(ctx context.Context, t aws.Target, id string) (bool, error) {
	return c.protected(ctx, t, id, types.InstanceAttributeNameDisableApiStop, "stopped")
}

func (c *Cloud) protected(ctx context.Context, t aws.Target, id string, attribute types.InstanceAttributeName, from string) (bool, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return false, err
	}
	out, err := ask(ctx, ready.ec2.DescribeInstanceAttribute, &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: attribute})
	if err != nil {
		return false, err
	}
	on := out.DisableApiTermination
	if attribute == types.InstanceAttributeNameDisableApiStop {
		on = out.DisableApiStop
	}
	if on == nil {
		return false, &Error{
			Operation: "DescribeInstanceAttribute", kind: kindFailed,
			message: "AWS did not say whether " + id + " is protected against being " + from + ".", hint: "Try again in a moment.",
		}
	}
	return awssdk.ToBool(on.Value), nil
}
