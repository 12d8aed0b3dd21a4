package lambda

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

const gateway = "apigateway.amazonaws.com"

// pointing looks for what invokes the function. What outlives it is found by its name and ARN where it is gone already; the notifications of buckets are
// not, because nothing but its own policy says which buckets.
func (c *Delete) pointing(ctx context.Context, b *belongings) error {
	if !b.There && b.Place.AccountID == "" {
		return nil // nobody knows its ARN
	}
	p := b.picked
	p.Function.ARN = cmp.Or(p.Function.ARN, "arn:"+p.Place.Partition()+":lambda:"+p.Place.Region+":"+p.Place.AccountID+":function:"+p.Function.Name)
	grants, err := c.cloud.FunctionGrants(ctx, b.Target, b.Function.Name) // none where the function is gone
	if err != nil {
		return err
	}
	if err := c.rules(ctx, p, grants, b); err != nil {
		return err
	}
	queues, err := c.cloud.QueueSources(ctx, b.Target, b.Function.Name)
	if failed(err) {
		return err
	}
	b.Queues = slices.DeleteFunc(queues, func(q aws.QueueSource) bool { return q.State == "Deleting" })
	if err := c.log(ctx, b); err != nil || !b.There {
		return err
	}
	return c.granted(ctx, grants, b)
}

// left answers the statements given to routes that are no more; none where nobody can tell.
func (r Routes) left(ctx context.Context, t aws.Target, grants []aws.Grant) (map[string]string, error) {
	if r.Left == nil {
		return nil, nil
	}
	return r.Left(ctx, t, grants)
}

// log looks whether there is a log group: Lambda makes it when the function runs first. Where nobody may look, there may be one.
func (c *Delete) log(ctx context.Context, b *belongings) error {
	own := "/aws/lambda/" + b.Function.Name
	if b.There {
		own = ownLog(b.Function)
	}
	if own == "" {
		return nil
	}
	_, err := c.cloud.LogGroup(ctx, b.Target, own)
	switch {
	case err == nil, b.There && commands.Words(err).Kind == commands.Denied:
		b.LogGroup = own
	case failed(err):
		return err
	}
	return nil
}

// ownLog is the log group that Lambda made for the function; "" where somebody named another one, into which others may write.
func ownLog(f aws.Function) string {
	if f.LogGroup != "/aws/lambda/"+f.Name {
		return ""
	}
	return f.LogGroup
}

// rules tells the rules that deckhand made for the function from others that invoke it. One that lost its target when a removal of it was cut short is
// known by the function's policy.
func (c *Delete) rules(ctx context.Context, p picked, grants []aws.Grant, b *belongings) error {
	aimed, err := c.cloud.RulesFor(ctx, p.Target, p.Function.ARN)
	if err != nil {
		return err
	}
	names := slices.Clone(aimed)
	for _, g := range grants {
		if name := lastOf(g.SourceARN); g.Principal == eventBridge && name == g.ID && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		rule, err := c.cloud.EventRule(ctx, p.Target, name)
		switch {
		case failed(err):
			return err
		case rule.Tags[functionTag] == p.Function.Name:
			b.Rules = append(b.Rules, name)
		case err == nil && slices.Contains(aimed, name):
			b.Others = append(b.Others, "the rule "+commands.Mono(name))
		}
	}
	return nil
}

// granted reads who may invoke the function: buckets that tell it something, and routes of APIs.
func (c *Delete) granted(ctx context.Context, grants []aws.Grant, b *belongings) error {
	looked := map[string]bool{}
	left, err := c.routes.left(ctx, b.Target, grants)
	if failed(err) {
		left = nil // what cannot be looked at counts as standing
	}
	for _, g := range grants {
		bucket := lastOf(g.SourceARN)
		switch {
		case g.Principal == sns && plainTopic(g.SourceARN):
			there, err := c.cloud.Subscriptions(ctx, atTopic(b.picked, g.SourceARN), g.SourceARN, b.Function.ARN)
			if failed(err) && strings.HasPrefix(g.ID, topicMark) {
				return err
			}
			b.subscribed(there, g)
		case g.Principal == gateway && left[g.ID] != "":
		case g.Principal == gateway:
			b.Others = append(b.Others, routeWords(g.SourceARN))
		case g.Principal != s3 || bucket == "" || looked[bucket]:
		default:
			looked[bucket] = true
			there, err := c.cloud.BucketTriggers(ctx, b.Target, bucket)
			if failed(err) && strings.HasPrefix(g.ID, bucketMark) {
				return err
			}
			b.told(there)
		}
	}
	slices.Sort(b.Others)
	b.Others = slices.Compact(b.Others)
	return nil
}

// subscribed tells the subscriptions that deckhand made for the function from others that invoke it.
func (b *belongings) subscribed(there []aws.Subscription, g aws.Grant) {
	for _, s := range there {
		if g.ID == topicGrant(s.TopicARN) {
			b.Topics = append(b.Topics, s)
		} else {
			b.Others = append(b.Others, "a subscription to the topic "+commands.Mono(lastOf(s.TopicARN)))
		}
	}
}

// told tells the notifications that deckhand made for the function from others that invoke it.
func (b *belongings) told(there []aws.BucketTrigger) {
	for _, t := range there {
		switch {
		case t.FunctionARN != b.Function.ARN:
		case strings.HasPrefix(t.ID, bucketMark):
			b.Buckets = append(b.Buckets, t)
		default:
			b.Others = append(b.Others, "the notification "+commands.Mono(t.ID)+" of the bucket "+commands.Mono(t.Bucket))
		}
	}
}

// routeWords reads arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
func routeWords(arn string) string {
	parts := strings.SplitN(arn[strings.LastIndex(arn, ":")+1:], "/", 4)
	if len(parts) < 4 {
		return "the API " + commands.Mono(cmp.Or(parts[0], "that may invoke it"))
	}
	return "the route " + commands.Mono(parts[2]+" /"+parts[3]) + " of the API " + commands.Mono(parts[0])
}

func (b belongings) othersWords() string {
	return "These lead to the function, stay, and find nothing then: " + strings.Join(b.Others, ", ") + "."
}
