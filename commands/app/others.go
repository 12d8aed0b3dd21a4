package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// groupTag is what an Auto Scaling group marks its machines with.
const groupTag = "aws:autoscaling:groupName"

// others are the things of others that stand on an application.
type others struct {
	Keep   []string // what AWS would stop at, half-way through the deletion, in words
	Behind []string // machines behind the load balancer that stay, in words
	Unseen string   // why not everything was looked for; "" where it was
}

// strangers looks for what others have put on an application, and answers the machines that are its own. CloudFormation finds what is in the way
// only when it comes to it, with the machines gone by then.
func (c *Down) strangers(ctx context.Context, t aws.Target, v *view) (o others, own []aws.Instance) {
	groups := map[string]string{}
	for _, part := range []struct{ name, words string }{{"BalancerGroup", "the security group of the load balancer"}, {"MachineGroup", "the security group of the machines"}} {
		if id := realOf(v.parts, part.name); id != "" {
			groups[id] = part.words
		}
	}
	n, err := c.room.Cloud.Network(ctx, t, v.stack.Parameters["Vpc"])
	o.miss(err)
	machines := slices.Clone(v.machines)
	var more []string
	inGroup := func(i aws.Interface) bool {
		return slices.ContainsFunc(i.Groups, func(id string) bool { return groups[id] != "" })
	}
	for _, i := range n.Interfaces {
		known := slices.ContainsFunc(machines, func(m aws.Instance) bool { return m.ID == i.InstanceID })
		if i.InstanceID != "" && inGroup(i) && !known {
			more = append(more, i.InstanceID)
		}
	}
	if len(more) > 0 {
		found, err := c.room.Cloud.Instances(ctx, t, aws.InstanceQuery{IDs: more})
		o.miss(err)
		machines = append(machines, found...)
	}
	foreign := foreigners(machines, realOf(v.parts, machinePart), v.stack.Name)
	for _, i := range n.Interfaces {
		at := slices.IndexFunc(foreign, func(m aws.Instance) bool { return m.ID == i.InstanceID })
		switch {
		case !inGroup(i):
		case at >= 0:
			o.Keep = append(o.Keep, "the instance "+named(foreign[at].Name, i.InstanceID)+", which is in one of its security groups")
		case i.InstanceID == "" && !strings.HasPrefix(i.Description, "ELB app/"+v.stack.Name+"/"):
			o.Keep = append(o.Keep, "the network interface "+named(i.Description, i.ID)+", which is in one of its security groups")
		}
	}
	for _, g := range n.Groups {
		for id, words := range groups {
			refers := slices.ContainsFunc(g.Ingress, func(r aws.Rule) bool { return r.Peer == id }) || slices.Contains(g.Sends, id)
			if groups[g.ID] == "" && refers {
				o.Keep = append(o.Keep, fmt.Sprintf("a rule of the security group %s, which names %s (%s)", named(g.Name, g.ID), words, commands.Mono(id)))
			}
		}
	}
	o.onBalancer(ctx, c.room.Cloud, t, v)
	for _, m := range v.machines {
		if slices.ContainsFunc(foreign, func(f aws.Instance) bool { return f.ID == m.ID }) {
			o.Behind = append(o.Behind, named(m.Name, m.ID))
		} else {
			own = append(own, m)
		}
	}
	slices.Sort(o.Keep)
	return o, own
}

// foreigners are the machines that the Auto Scaling group did not launch. Where none carries a mark of it, as with an endpoint that sets
// none, nothing can be told.
func foreigners(machines []aws.Instance, group, app string) []aws.Instance {
	own := func(m aws.Instance) bool {
		return m.Tags[groupTag] == group && group != "" || m.Tags[commands.AppTag] == app
	}
	if !slices.ContainsFunc(machines, own) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(machines), own)
}

// onBalancer looks at the listeners that others have added to the load balancer, and whether it is protected.
func (o *others) onBalancer(ctx context.Context, cloud Surroundings, t aws.Target, v *view) {
	balancer := realOf(v.parts, "LoadBalancer")
	if balancer == "" {
		return
	}
	listeners, err := cloud.Listeners(ctx, t, balancer)
	o.miss(err)
	for _, l := range listeners {
		if !slices.ContainsFunc(v.parts, func(p aws.StackPart) bool { return p.Real == l.ARN }) {
			o.Keep = append(o.Keep, fmt.Sprintf("the listener for %s at port %d of its load balancer (%s)", l.Protocol, l.Port, commands.Mono(l.ARN)))
		}
	}
	protected, err := cloud.BalancerProtected(ctx, t, balancer)
	o.miss(err)
	if protected {
		o.Keep = append(o.Keep, "the deletion protection of its load balancer ("+commands.Mono(balancer)+")")
	}
}

// miss notes that something could not be looked at, unless it is gone: AWS refuses the deletion itself where it has to.
func (o *others) miss(err error) {
	if err != nil && o.Unseen == "" && commands.Words(err).Kind != commands.NotFound {
		o.Unseen = "Not everything that others may have on it was looked for: " + commands.Words(err).Message
	}
}

// refusal tells what is in the way: nothing is deleted as long as some of it would stay.
func (o others) refusal(name string) error {
	if len(o.Keep) == 0 {
		return nil
	}
	return &commands.Error{
		Kind: commands.Conflict, Message: "In the way of taking " + name + " down: " + strings.Join(o.Keep, "; ") + ". AWS would stop there with the rest gone, so nothing was done.",
		Hint: "Take that away first, then send the line again.",
	}
}

func (o others) words() string {
	var words []string
	if len(o.Behind) > 0 {
		words = append(words, "What others have registered behind it stays, and gets no requests of it: "+commands.And(o.Behind)+".")
	}
	if o.Unseen != "" {
		words = append(words, o.Unseen)
	}
	return strings.Join(words, " ")
}
