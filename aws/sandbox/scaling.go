package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// scalingGroup is an Auto Scaling group of a stack: it keeps a number of machines running, launched from a launch template.
type scalingGroup struct {
	part    *part
	name    string
	desired int
	subnets []string
	targets []string       // target groups, by ARN
	launch  map[string]any // the launch template's data
	tags    []ec2types.Tag
	members []string          // instance ids, oldest first
	from    map[string]string // by member: what it was launched from

	signals map[string]bool // ids of the machines that are said to be ready
	refused bool            // somebody said that one never will be
	needed  int             // signals that are waited for; 0: none
	til     time.Time       // when they must have come
	old     []string        // members that an update replaces
}

// heals is how many minutes a group takes to replace a machine that does not run.
const heals = 25

func makeScaling(p *part, properties map[string]any) error {
	p.real = p.generated()
	g := &scalingGroup{part: p, name: p.real, signals: map[string]bool{}, from: map[string]string{}}
	if err := g.configure(properties); err != nil {
		return err
	}
	p.scaling = g
	if signal, ok := under(p.resource.CreationPolicy, "ResourceSignal"); ok {
		solved, err := (solver{p.stack}).solve(signal)
		if err != nil {
			return err
		}
		signal, _ = solved.(map[string]any)
		g.needed, g.til = int(numberOf(signal, "Count")), p.stack.region.now().Add(p.stack.region.patience(textOf(signal, "Timeout")))
	}
	for len(g.members) < g.desired {
		if err := g.add(); err != nil {
			return err
		}
	}
	return nil
}

func under(node any, key string) (map[string]any, bool) {
	m, _ := node.(map[string]any)
	below, ok := m[key].(map[string]any)
	return below, ok
}

var minutesISO = regexp.MustCompile(`^PT(\d+)M$`)

// patience reads a duration such as PT15M, five minutes where there is none.
func (r *region) patience(text string) time.Duration {
	found := minutesISO.FindStringSubmatch(text)
	if found == nil {
		return r.minutes(5)
	}
	n, _ := strconv.Atoi(found[1])
	return r.minutes(float64(n))
}

// configure takes over the properties of the group and the present data of its launch template.
func (g *scalingGroup) configure(properties map[string]any) error {
	from, _ := properties["LaunchTemplate"].(map[string]any)
	id := textOf(from, "LaunchTemplateId")
	for _, p := range g.part.stack.parts {
		if p.real != id {
			continue
		}
		data, _, err := g.part.stack.properties(p)
		if err != nil {
			return err
		}
		g.launch, _ = data["LaunchTemplateData"].(map[string]any)
	}
	if g.launch == nil {
		return refuse("InvalidRequest", "You must use a valid fully-formed launch template. The specified launch template, with template ID "+id+", does not exist.")
	}
	g.desired = int(numberOf(properties, "DesiredCapacity"))
	g.subnets, g.targets = texts(properties["VPCZoneIdentifier"]), texts(properties["TargetGroupARNs"])
	g.tags = append(g.part.ec2Tags(), ec2types.Tag{Key: awssdk.String("aws:autoscaling:groupName"), Value: &g.name})
	for _, t := range mapsOf(properties["Tags"]) {
		if t["PropagateAtLaunch"] == true {
			g.tags = append(g.tags, ec2types.Tag{Key: awssdk.String(textOf(t, "Key")), Value: awssdk.String(textOf(t, "Value"))})
		}
	}
	_, err := g.part.stack.region.checkLaunch(g.input())
	return err
}

// input is the launch of one machine, in the subnets by turns.
func (g *scalingGroup) input() *ec2.RunInstancesInput {
	in := &ec2.RunInstancesInput{
		MinCount: awssdk.Int32(1), MaxCount: awssdk.Int32(1), ImageId: maybe(textOf(g.launch, "ImageId")),
		InstanceType: ec2types.InstanceType(textOf(g.launch, "InstanceType")), KeyName: maybe(textOf(g.launch, "KeyName")),
		UserData: maybe(textOf(g.launch, "UserData")), SecurityGroupIds: texts(g.launch["SecurityGroupIds"]),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeInstance, Tags: g.tags}},
		MetadataOptions:   &ec2types.InstanceMetadataOptionsRequest{HttpTokens: ec2types.HttpTokensStateRequired},
	}
	if len(g.subnets) > 0 {
		in.SubnetId = &g.subnets[len(g.members)%len(g.subnets)]
	}
	return in
}

func (g *scalingGroup) add() error {
	out, err := runInstances(g.part.stack.region, g.input())
	if err != nil {
		return err
	}
	id := *out.Instances[0].InstanceId
	g.members, g.from[id] = append(g.members, id), fmt.Sprint(g.launch)
	return nil
}

// drop terminates a machine and takes it away from the target groups.
func (g *scalingGroup) drop(id string) {
	r := g.part.stack.region
	for _, arn := range g.targets {
		if group, err := r.targetGroup(&arn); err == nil {
			_, _ = deregisterTargets(r, &elb.DeregisterTargetsInput{TargetGroupArn: group.TargetGroupArn, Targets: []elbtypes.TargetDescription{{Id: &id}}})
		}
	}
	if list, err := r.named([]string{id}); err == nil && !list[0].is(shuttingDown, terminated) {
		list[0].enter(shuttingDown, r.now())
		list[0].setPublicIP("", "")
	}
	g.members = slices.DeleteFunc(g.members, func(m string) bool { return m == id })
}

// pass does what the group does by itself: it puts running machines behind the load balancer, and replaces those that are gone.
func (g *scalingGroup) pass() {
	if g.part.status == "DELETE_IN_PROGRESS" || g.part.status == "DELETE_COMPLETE" {
		return
	}
	r := g.part.stack.region
	for _, id := range slices.Clone(g.members) {
		list, err := r.named([]string{id})
		switch {
		case err != nil || list[0].is(shuttingDown, terminated):
			g.drop(id)
		case list[0].is(stopped) && r.now().Sub(list[0].since) > r.minutes(heals):
			g.drop(id)
		case list[0].is(running):
			g.enlist(id)
		}
	}
	for len(g.members) < g.desired {
		if g.add() != nil {
			return // tried again at the next look
		}
	}
}

func (g *scalingGroup) enlist(id string) {
	r := g.part.stack.region
	for _, arn := range g.targets {
		group, err := r.targetGroup(&arn)
		if err != nil || slices.ContainsFunc(group.members, func(m member) bool { return m.id == id }) {
			continue
		}
		_, _ = registerTargets(r, &elb.RegisterTargetsInput{TargetGroupArn: &arn, Targets: []elbtypes.TargetDescription{{Id: &id}}})
	}
}

// scalingReady waits for the signals that a policy wants, and goes on with the batches of an update.
func scalingReady(p *part) (bool, error) {
	g, r := p.scaling, p.stack.region
	g.pass()
	got := 0
	for _, id := range g.members {
		if g.signals[id] && !slices.Contains(g.old, id) {
			got++
		}
	}
	switch {
	case g.refused:
		g.refused = false
		return false, refuse("GeneralServiceException", "Received 1 FAILURE signal(s) out of "+fmt.Sprint(g.needed)+". Unable to satisfy 100% MinSuccessfulInstancesPercent requirement")
	case got < g.needed && r.now().After(g.til):
		needed := g.needed
		g.needed = 0
		return false, refuse("GeneralServiceException", fmt.Sprintf("Received %d SUCCESS signal(s) out of %d. Unable to satisfy 100%% MinSuccessfulInstancesPercent requirement", got, needed))
	case got < g.needed:
		return false, nil
	case len(g.old) > 0:
		g.drop(g.old[0])
		if g.old = g.old[1:]; len(g.old) > 0 {
			return false, g.nextBatch()
		}
	}
	g.needed = 0
	for len(g.members) > g.desired {
		g.drop(g.members[0])
	}
	return true, nil
}

// changeScaling takes over new properties. A new version of the launch template replaces the machines one after the other, each after
// its successor is ready.
func changeScaling(p *part, properties map[string]any) error {
	g := p.scaling
	if err := g.configure(properties); err != nil {
		return err
	}
	g.needed, g.old, g.refused = 0, nil, false
	for _, id := range slices.Clone(g.members) {
		switch outdated := g.from[id] != fmt.Sprint(g.launch); {
		case outdated && len(g.members) > g.desired:
			g.drop(id)
		case outdated:
			g.old = append(g.old, id)
		}
	}
	if len(g.old) == 0 {
		return nil
	}
	return g.nextBatch()
}

// nextBatch launches the successor of the first old machine.
func (g *scalingGroup) nextBatch() error {
	if err := g.add(); err != nil {
		return err
	}
	g.signals = map[string]bool{}
	g.needed = 1
	rolling, _ := under(g.part.resource.UpdatePolicy, "AutoScalingRollingUpdate")
	g.til = g.part.stack.region.now().Add(g.part.stack.region.patience(textOf(rolling, "PauseTime")))
	return nil
}

func removeScaling(p *part) error {
	if p.scaling == nil {
		return nil
	}
	for _, id := range slices.Clone(p.scaling.members) {
		p.scaling.drop(id)
	}
	return nil
}

func scalingGone(p *part) bool {
	group := maybe(p.real)
	for _, in := range p.stack.region.present() {
		for _, t := range in.Tags {
			if *t.Key == "aws:autoscaling:groupName" && awssdk.ToString(t.Value) == awssdk.ToString(group) && !in.is(terminated) {
				return false
			}
		}
	}
	return true
}
