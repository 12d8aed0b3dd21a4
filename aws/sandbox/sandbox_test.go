package sandbox_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/aws/sandbox"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// clock is a time that moves when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start makes a world whose changes take a second, a clock for it, and a client that tries every call once.
func start(t *testing.T) (*sandbox.World, *clock, *ec2.Client) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	w := sandbox.New(sandbox.Options{Now: c.Now, Settle: time.Second})
	return w, c, ec2.NewFromConfig(configOf(w, "us-east-1"))
}

func configOf(w *sandbox.World, region string) awssdk.Config {
	return awssdk.Config{
		Region: region, Credentials: w.Credentials(), APIOptions: []func(*middleware.Stack) error{w.Option()},
		Retryer: func() awssdk.Retryer { return awssdk.NopRetryer{} },
	}
}

func run(t *testing.T, client *ec2.Client, change func(*ec2.RunInstancesInput)) []string {
	t.Helper()
	in := &ec2.RunInstancesInput{
		ImageId: awssdk.String("ami-0123456789abcdef0"), InstanceType: types.InstanceTypeT3Micro,
		MinCount: awssdk.Int32(1), MaxCount: awssdk.Int32(1),
	}
	if change != nil {
		change(in)
	}
	out, err := client.RunInstances(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, i := range out.Instances {
		ids = append(ids, *i.InstanceId)
	}
	return ids
}

// wantCode checks AWS's error code, its HTTP status and that it carries a request id.
func wantCode(t *testing.T, err error, code string, status int) {
	t.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	var request interface{ ServiceRequestID() string }
	if !errors.As(err, &api) || !errors.As(err, &response) || !errors.As(err, &request) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if api.ErrorCode() != code || response.HTTPStatusCode() != status || len(request.ServiceRequestID()) != 36 {
		t.Errorf("got %s with %d and request id %q, want %s with %d",
			api.ErrorCode(), response.HTTPStatusCode(), request.ServiceRequestID(), code, status)
	}
}

func TestStatesFollowTheClock(t *testing.T) {
	t.Parallel()
	w, c, client := start(t)
	ids := run(t, client, nil)
	is := func(want types.InstanceStateName) {
		t.Helper()
		if got := w.Instances(); len(got) != 1 || string(got[0].State) != string(want) {
			t.Errorf("it is %+v, want %s", got, want)
		}
	}
	is(types.InstanceStateNamePending)
	_, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
	wantCode(t, err, "IncorrectInstanceState", 400)
	c.pass(time.Second)
	is(types.InstanceStateNameRunning)
	for range 2 { // stopping what stops is no error
		_, err = client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		if err != nil {
			t.Fatal(err)
		}
		is(types.InstanceStateNameStopping)
	}
	c.pass(time.Second)
	is(types.InstanceStateNameStopped)
	if _, err = client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids}); err != nil {
		t.Error(err)
	}
	_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
	if err != nil {
		t.Fatal(err)
	}
	is(types.InstanceStateNameShuttingDown)
	c.pass(time.Second)
	is(types.InstanceStateNameTerminated)
	for _, err := range []error{
		second(client.StartInstances(t.Context(), &ec2.StartInstancesInput{InstanceIds: ids})),
		second(client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})),
	} {
		wantCode(t, err, "IncorrectInstanceState", 400)
		if !strings.Contains(err.Error(), "is not in a state from which it can be st") {
			t.Errorf("it says %v", err)
		}
	}
	if _, err := client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids}); err != nil {
		t.Errorf("terminating what is terminated: %v", err)
	}
	c.pass(2 * time.Hour)
	if got := w.Instances(); len(got) != 0 {
		t.Errorf("it lingers: %+v", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTheSDKsOwnWaiterSeesTheStates(t *testing.T) {
	t.Parallel()
	_, c, client := start(t)
	ids := run(t, client, nil)
	c.pass(time.Second)
	waiter := ec2.NewInstanceRunningWaiter(client)
	if err := waiter.Wait(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids}, time.Minute); err != nil {
		t.Error(err)
	}
}

func TestStatusChecksTakeAMoment(t *testing.T) {
	t.Parallel()
	_, c, client := start(t)
	ids := run(t, client, nil)
	status := func() types.SummaryStatus {
		out, err := client.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: ids})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.InstanceStatuses) == 0 {
			return "none"
		}
		return out.InstanceStatuses[0].SystemStatus.Status
	}
	for _, want := range []types.SummaryStatus{"none", types.SummaryStatusInitializing, types.SummaryStatusInitializing, types.SummaryStatusInitializing, types.SummaryStatusOk} {
		if got := status(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		c.pass(time.Second)
	}
}

func TestMissingAndMalformedIDs(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	describe := func(ids ...string) error {
		return second(client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids}))
	}
	wantCode(t, describe("i-0aaaaaaaaaaaaaaaa"), "InvalidInstanceID.NotFound", 400)
	if err := describe("i-0aaaaaaaaaaaaaaaa"); !strings.Contains(err.Error(), "The instance ID 'i-0aaaaaaaaaaaaaaaa' does not exist") {
		t.Error(err)
	}
	if err := describe("i-0aaaaaaaaaaaaaaaa", "i-12345678"); !strings.Contains(err.Error(), "The instance IDs 'i-0aaaaaaaaaaaaaaaa, i-12345678' do not exist") {
		t.Error(err)
	}
	for _, id := range []string{"web", "i-", "i-xyz", "i-0AAAAAAAAAAAAAAAA", "i-123"} {
		wantCode(t, describe(id), "InvalidInstanceID.Malformed", 400)
	}
	_, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{"i-12345678"}, MaxResults: awssdk.Int32(5)})
	wantCode(t, err, "InvalidParameterCombination", 400)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	run(t, client, func(in *ec2.RunInstancesInput) { in.MinCount, in.MaxCount = awssdk.Int32(12), awssdk.Int32(12) })
	pages := ec2.NewDescribeInstancesPaginator(client, &ec2.DescribeInstancesInput{MaxResults: awssdk.Int32(5)})
	var sizes []int
	seen := map[string]bool{}
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(out.Reservations[0].Instances))
		for _, i := range out.Reservations[0].Instances {
			seen[*i.InstanceId] = true
		}
	}
	if len(sizes) != 3 || sizes[2] != 2 || len(seen) != 12 {
		t.Errorf("pages of %v with %d different instances", sizes, len(seen))
	}
	_, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{NextToken: awssdk.String("mine")})
	wantCode(t, err, "InvalidParameterValue", 400)
}

func TestTags(t *testing.T) {
	t.Parallel()
	w, _, client := start(t)
	ids := run(t, client, nil)
	resources := append(ids, "subnet-0123456789abcdef0")
	_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{
		Resources: resources, Tags: []types.Tag{{Key: awssdk.String("env"), Value: awssdk.String("prod")}, {Key: awssdk.String("Name"), Value: awssdk.String("x")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: []types.Filter{
		{Name: awssdk.String("tag:Name"), Values: []string{"x"}},
	}})
	if err != nil || len(out.Subnets) != 1 {
		t.Errorf("%d subnets named x, %v", len(out.Subnets), err)
	}
	_, err = client.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: ids, Tags: []types.Tag{
		{Key: awssdk.String("env"), Value: awssdk.String("test")}, {Key: awssdk.String("Name")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if in := w.Instances()[0]; in.Name != "" || in.Tags["env"] != "prod" {
		t.Errorf("tags %v", in.Tags)
	}
	_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{
		Resources: []string{ids[0], "i-0aaaaaaaaaaaaaaaa"}, Tags: []types.Tag{{Key: awssdk.String("a"), Value: awssdk.String("b")}},
	})
	wantCode(t, err, "InvalidInstanceID.NotFound", 400)
	if in := w.Instances()[0]; in.Tags["a"] != "" {
		t.Error("half of a refused call was done")
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	w, c, client := start(t)
	ids := run(t, client, nil)
	c.pass(time.Second)
	modify := func(in ec2.ModifyInstanceAttributeInput) error {
		in.InstanceId = &ids[0]
		return second(client.ModifyInstanceAttribute(t.Context(), &in))
	}
	if err := modify(ec2.ModifyInstanceAttributeInput{DisableApiTermination: &types.AttributeBooleanValue{Value: awssdk.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	_, err := client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
	wantCode(t, err, "OperationNotPermitted", 400)
	larger := ec2.ModifyInstanceAttributeInput{InstanceType: &types.AttributeValue{Value: awssdk.String("t3.large")}}
	wantCode(t, modify(larger), "IncorrectInstanceState", 400)
	if _, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids}); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Second)
	if err := modify(larger); err != nil || w.Instances()[0].Type != "t3.large" {
		t.Errorf("%v, %s", err, w.Instances()[0].Type)
	}
}

func TestAProtectedInstanceSavesItsZoneOnly(t *testing.T) {
	t.Parallel()
	w, _, client := start(t)
	guarded := run(t, client, func(in *ec2.RunInstancesInput) { in.DisableApiTermination = awssdk.Bool(true) })
	subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: []types.Filter{
		{Name: awssdk.String("availability-zone"), Values: []string{"us-east-1b"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	other := run(t, client, func(in *ec2.RunInstancesInput) { in.SubnetId = subnets.Subnets[0].SubnetId })
	_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: append(guarded, other...)})
	wantCode(t, err, "OperationNotPermitted", 400)
	if all := w.Instances(); all[0].State != "pending" || all[1].State != "shutting-down" {
		t.Errorf("they are %s and %s", all[0].State, all[1].State)
	}
}

func TestFaultsOnDemand(t *testing.T) {
	t.Parallel()
	w, _, client := start(t)
	w.Fail("DescribeVpcs", "RequestLimitExceeded", 1)
	w.Fail("STS.GetCallerIdentity", "AccessDenied", 1)
	_, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	wantCode(t, err, "RequestLimitExceeded", 503)
	if _, err = client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); err != nil {
		t.Error(err)
	}
	identity := sts.NewFromConfig(configOf(w, "us-east-1"))
	_, err = identity.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	wantCode(t, err, "AccessDenied", 403)

	w.LoseAnswer("RunInstances", 1)
	_, err = client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: awssdk.String("ami-0123456789abcdef0"), MinCount: awssdk.Int32(1), MaxCount: awssdk.Int32(1),
	})
	var lost *smithyhttp.RequestSendError
	if !errors.As(err, &lost) || len(w.Instances()) != 1 {
		t.Errorf("got %v, with %d instances", err, len(w.Instances()))
	}
	calls := w.Calls()
	if len(calls) != 4 || calls[2].Service != "STS" || calls[3].Operation != "RunInstances" || calls[3].Region != "us-east-1" {
		t.Errorf("calls %+v", calls)
	}
}

func TestWhatTheSandboxDoesNotKnowFailsByName(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	_, err := client.DescribeHosts(t.Context(), &ec2.DescribeHostsInput{})
	wantCode(t, err, "UnknownOperation", 400)
	if !strings.Contains(err.Error(), "EC2.DescribeHosts") {
		t.Error(err)
	}
	_, err = client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{Filters: []types.Filter{{Name: awssdk.String("colour"), Values: []string{"red"}}}})
	wantCode(t, err, "InvalidParameterValue", 400)
	_, err = client.StopInstances(t.Context(), &ec2.StopInstancesInput{})
	var invalid smithy.InvalidParamsError
	if !errors.As(err, &invalid) {
		t.Errorf("the SDK's own validation: %v", err)
	}
}

func TestOtherRegionsHaveADefaultNetworkAlone(t *testing.T) {
	t.Parallel()
	w, _, _ := start(t)
	client := ec2.NewFromConfig(configOf(w, "eu-west-1"))
	images, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: []types.Filter{
		{Name: awssdk.String("owner-id"), Values: []string{"123456789012"}},
	}})
	if err != nil || len(images.Images) != 0 {
		t.Errorf("%d images, %v", len(images.Images), err)
	}
	subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	if err != nil || len(subnets.Subnets) != 2 || *subnets.Subnets[0].AvailabilityZone != "eu-west-1a" {
		t.Errorf("%+v, %v", subnets, err)
	}
	regions, err := client.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{"eu-west-1"}})
	if err != nil || len(regions.Regions) != 1 {
		t.Errorf("%+v, %v", regions, err)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	w, _, client := start(t)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			out, err := client.RunInstances(context.WithoutCancel(t.Context()), &ec2.RunInstancesInput{
				ImageId: awssdk.String("ami-0123456789abcdef0"), MinCount: awssdk.Int32(1), MaxCount: awssdk.Int32(1), ClientToken: awssdk.String("same"),
			})
			if err != nil || len(out.Instances) != 1 {
				t.Errorf("%v", err)
			}
			w.Instances()
		})
	}
	group.Wait()
	if n := len(w.Instances()); n != 1 {
		t.Errorf("%d instances for one token", n)
	}
}

// A /20 has 4,096 addresses. AWS keeps five of them, and each interface has one.
func TestASubnetSaysHowManyAddressesAreFree(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	free := func() int32 {
		out, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-0123456789abcdef0"}})
		if err != nil {
			t.Fatal(err)
		}
		return awssdk.ToInt32(out.Subnets[0].AvailableIpAddressCount)
	}
	if got := free(); got != 4091 {
		t.Errorf("empty, it has %d", got)
	}
	run(t, client, func(in *ec2.RunInstancesInput) {
		in.SubnetId, in.MinCount, in.MaxCount = awssdk.String("subnet-0123456789abcdef0"), awssdk.Int32(2), awssdk.Int32(2)
	})
	if got := free(); got != 4089 {
		t.Errorf("with two instances it has %d", got)
	}
}
