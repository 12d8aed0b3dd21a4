package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// The SDK's waiters answer an instance that ended with "waiter state transitioned to Failure", and nothing of which
// instance and why; so the waiting is done here.

const (
	// grace is how long AWS's answers may still be those from before a change: a new instance is missing,
	// a started one is still called stopped.
	grace = 15 * time.Second
	// hiccups is how many looks in a row may fail before a wait gives up.
	hiccups = 5
)

// WaitForState waits until every instance is in a state. Progress, which may be nil, is told after each look.
// It ends early, with an error that names the instances, their states and AWS's reasons, when some cannot get there any more;
// and when ctx is done. The answer is what was seen last, in the order of ids, with an error too. An instance that AWS no longer shows counts as
// terminated.
func (c *Cloud) WaitForState(
	ctx context.Context, t aws.Target, ids []string, want aws.InstanceState, progress func([]aws.Instance),
) ([]aws.Instance, error) {
	if len(ids) == 0 {
		return nil, nil // a query for no ids would be one for all instances
	}
	w := stateWait{ids: ids, want: want, begun: time.Now(), moved: map[string]bool{}}
	err := c.poll(ctx, func() (bool, error) {
		seen, err := c.Instances(ctx, t, aws.InstanceQuery{IDs: ids})
		if err != nil && codeOf(err) != "InvalidInstanceID.NotFound" { // so new that AWS does not show it yet
			return false, err
		}
		w.look(seen)
		if progress != nil {
			progress(w.seen)
		}
		return w.judge(time.Now())
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		err = w.cutShort(ctx)
	}
	return w.seen, err
}

// soon makes a call on things that may be so new that AWS does not know all of them yet: while it says so, and has done nothing, the call is
// made again, for as long as patience.
// Source: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func soon[In, Out, Opt any](
	ctx context.Context, c *Cloud, how func(context.Context, call[In, Out, Opt], In) (Out, error), do call[In, Out, Opt], in In,
) (out Out, err error) {
	begun := time.Now()
	over := c.poll(ctx, func() (bool, error) {
		out, err = how(ctx, do, in)
		return !slices.Contains(tooNew(), codeOf(err)) || time.Since(begun) > c.patience(in) || aws.IsRehearsal(ctx), nil
	})
	if err == nil {
		err = over
	}
	return out, err
}

const (
	doubt  = 2 * time.Second // how long what this process did not make may be unknown
	lately = 2 * time.Minute
)

// The kinds of things that are asked about soon after they were made.
const (
	freshAPI = iota // with its parts
	freshFunction
	freshRule
	freshLogGroup
	fresh // how many kinds
)

// making notes that something of a kind is made.
func (c *Cloud) making(kind int) { c.made[kind].Store(time.Now().UnixNano()) }

// patience is how long AWS may say that it does not know what a call is about: as long as grace where this process may have made it. An API, a function and
// a rule have been looked at before, and are missing for good where none was made lately.
func (c *Cloud) patience(in any) time.Duration {
	var kind int
	switch in.(type) {
	case *lambda.AddPermissionInput:
		kind = freshFunction
	case *eventbridge.PutTargetsInput:
		kind = freshRule
	case *cloudwatchlogs.PutRetentionPolicyInput:
		kind = freshLogGroup
	case *apigatewayv2.CreateRouteInput, *apigatewayv2.CreateIntegrationInput, *apigatewayv2.CreateAuthorizerInput, *apigatewayv2.CreateStageInput:
		kind = freshAPI
	default:
		return grace
	}
	if time.Since(time.Unix(0, c.made[kind].Load())) > lately {
		return doubt
	}
	return grace
}

// shown waits, for as long as grace, until AWS shows what it has just made, so that what follows finds it by its name: the next step, or
// the line that a person sends a second later. It answers nothing: the thing is made, whether it shows or not.
// Source: as soon.
func shown[In, Out, Opt any](ctx context.Context, c *Cloud, look call[In, Out, Opt], in In) {
	_, _ = soon(ctx, c, ask[In, Out, Opt], look, in)
}

func tooNew() []string {
	return []string{
		"InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidGroup.NotFound", "InvalidInternetGatewayID.NotFound", "InvalidGatewayID.NotFound",
		"InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound", "InvalidNatGatewayID.NotFound", "NatGatewayNotFound",
		"NoSuchEntity", "LoadBalancerNotFound", "TargetGroupNotFound", // IAM, load balancers
		"NotFoundException", "ResourceNotFoundException", // API Gateway; EventBridge, Lambda, CloudWatch Logs
		"InvalidAllocationID.NotFound", "InvalidElasticIpID.NotFound",
	}
}

// poll looks until look says that it is over, with growing pauses. A look that fails because AWS does not answer is
// tried again a few times.
func (c *Cloud) poll(ctx context.Context, look func() (over bool, err error)) error {
	pause, failed := c.settings.PollMin, 0
	for {
		over, err := look()
		switch {
		case over:
			return err
		case err == nil:
			failed = 0
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			var e *Error
			if failed++; !errors.As(err, &e) || e.kind != kindUnavailable || failed > hiccups {
				return err
			}
			c.settings.Log.WarnContext(ctx, "a look at AWS failed, the wait goes on", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(pause*3/2, c.settings.PollMax)
	}
}

// stateWait is a wait under way.
type stateWait struct {
	ids   []string
	want  aws.InstanceState
	begun time.Time
	seen  []aws.Instance
	moved map[string]bool // instances that were seen to obey the change
}

// look takes in what AWS shows now.
func (w *stateWait) look(seen []aws.Instance) {
	slices.SortFunc(seen, func(a, b aws.Instance) int { return slices.Index(w.ids, a.ID) - slices.Index(w.ids, b.ID) })
	w.seen = seen
	for _, in := range seen {
		if in.State == aws.Pending || in.State == aws.Stopping || in.State == aws.ShuttingDown {
			w.moved[in.ID] = true
		}
	}
}

// judge tells whether the wait is over, and how. Over without an error is success.
func (w *stateWait) judge(now time.Time) (over bool, err error) {
	late := now.Sub(w.begun) >= grace
	there, lost := len(w.missing()), []aws.Instance{}
	for _, in := range w.seen {
		switch {
		case in.State == w.want:
			there++
		case w.hopeless(in, late):
			lost = append(lost, in)
		}
	}
	if len(lost) > 0 {
		return true, w.failure(lost)
	}
	if missing := w.missing(); len(missing) > 0 && w.want != aws.Terminated {
		if !late {
			return false, nil
		}
		return true, &Error{
			Code: "InvalidInstanceID.NotFound", kind: kindNotFound,
			message: "AWS does not show " + strings.Join(missing, ", ") + ".", hint: lookUp("InvalidInstanceID.NotFound").hint,
		}
	}
	return there == len(w.ids), nil
}

// hopeless tells whether an instance can no longer get to the state that is wanted.
func (w *stateWait) hopeless(in aws.Instance, late bool) bool {
	switch in.State {
	case aws.Terminated, aws.ShuttingDown:
		return w.want != aws.Terminated
	case aws.Stopped, aws.Stopping:
		// Stopped again for another reason than a person's wish is news; with that reason it may be an old answer.
		fell := in.State == aws.Stopped && w.moved[in.ID] && !strings.HasPrefix(in.StateReason, "Client.UserInitiated")
		return w.want == aws.Running && (late || fell)
	default:
		return false
	}
}

func (w *stateWait) missing() []string {
	return slices.DeleteFunc(slices.Clone(w.ids), func(id string) bool {
		return slices.ContainsFunc(w.seen, func(in aws.Instance) bool { return in.ID == id })
	})
}

func (w *stateWait) failure(lost []aws.Instance) error {
	var parts []string
	for _, in := range lost {
		part := fmt.Sprintf("%s is %s instead of %s", label(in), in.State, w.want)
		if in.StateReason != "" {
			part += ": " + strings.TrimSuffix(oneLine(redact(in.StateReason)), ".")
		}
		parts = append(parts, part)
	}
	return &Error{
		kind: kindFailed, message: strings.Join(parts, "; ") + ".",
		hint: "`vm show " + lost[0].ID + "` shows its present state.",
	}
}

// cutShort is the error for a wait whose time is up: which instances are where.
func (w *stateWait) cutShort(ctx context.Context) error {
	var parts []string
	for _, in := range w.seen {
		if in.State != w.want {
			parts = append(parts, fmt.Sprintf("%s is still %s", label(in), in.State))
		}
	}
	if w.want != aws.Terminated || len(w.seen) == 0 {
		for _, id := range w.missing() {
			parts = append(parts, id+" was not seen yet")
		}
	}
	return timeIsUp(ctx, parts, time.Since(w.begun), w.ids[0])
}

func timeIsUp(ctx context.Context, parts []string, took time.Duration, id string) error {
	if len(parts) == 0 {
		parts = []string{"The wait ended"}
	}
	return &Error{
		kind: kindFailed, message: strings.Join(parts, "; ") + " after " + took.Round(time.Second).String() + ".",
		hint: "It may still get there: `vm show " + id + "` shows its present state.", err: ctx.Err(),
	}
}

func label(in aws.Instance) string {
	if in.Name == "" {
		return in.ID
	}
	return in.Name + " (" + in.ID + ")"
}

// WaitForStatusOK waits until both status checks of every instance have passed. Progress, which may be nil, is told
// after each look. Checks that fail are waited for until ctx is done, because they can recover; an instance that does
// not run is an error.
func (c *Cloud) WaitForStatusOK(ctx context.Context, t aws.Target, ids []string, progress func([]aws.InstanceStatus)) error {
	var seen []aws.InstanceStatus
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) {
		now, err := c.Statuses(ctx, t, ids)
		early := time.Since(begun) < grace
		if codeOf(err) == "InvalidInstanceID.NotFound" && early {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		seen = now
		if progress != nil {
			progress(seen)
		}
		return judgeStatuses(seen, len(ids), early)
	})
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	var parts []string
	for _, s := range seen {
		if !s.OK() {
			parts = append(parts, fmt.Sprintf("Status checks of %s are still %s (system) and %s (instance)", s.ID, s.System, s.Instance))
		}
	}
	return timeIsUp(ctx, parts, time.Since(begun), ids[0])
}

func judgeStatuses(seen []aws.InstanceStatus, count int, early bool) (over bool, err error) {
	ok := 0
	for _, s := range seen {
		switch {
		case s.OK():
			ok++
		case s.Instance == "not-applicable" && !early:
			return true, &Error{
				kind: kindFailed, message: s.ID + " does not run, so it has no status checks.",
				hint: "`vm show " + s.ID + "` shows its present state.",
			}
		}
	}
	return ok == count, nil
}
