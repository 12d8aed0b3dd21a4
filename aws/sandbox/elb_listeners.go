package sandbox

import (
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func createListener(r *region, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	b, err := r.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if err := r.checkListener(b, in); err != nil {
		return nil, err
	}
	l := types.Listener{
		LoadBalancerArn: in.LoadBalancerArn, Protocol: in.Protocol, Port: in.Port, Certificates: in.Certificates,
		DefaultActions: slices.Clone(in.DefaultActions), SslPolicy: in.SslPolicy,
	}
	if len(in.Certificates) > 0 && in.SslPolicy == nil {
		l.SslPolicy = awssdk.String("ELBSecurityPolicy-TLS13-1-2-2021-06")
	}
	for _, there := range r.listeners {
		if *there.LoadBalancerArn != *in.LoadBalancerArn || *there.Port != *in.Port {
			continue
		}
		if there.Protocol != in.Protocol || forwardsTo(there) != forwardsTo(l) || redirectsTo(there) != redirectsTo(l) {
			return nil, refuse("DuplicateListener", "A listener already exists on this port for this load balancer '"+*in.LoadBalancerArn+"'")
		}
		return &elb.CreateListenerOutput{Listeners: []types.Listener{there}}, nil
	}
	_, path, _ := strings.Cut(*in.LoadBalancerArn, ":loadbalancer/")
	l.ListenerArn = awssdk.String(r.elbARN("listener/" + path + "/" + digits(r.world.id("listener"), 16)))
	r.listeners = append(r.listeners, l)
	r.tag(*l.ListenerArn, in.Tags)
	return &elb.CreateListenerOutput{Listeners: []types.Listener{l}}, nil
}

func (r *region) checkListener(b *balancer, in *elb.CreateListenerInput) error {
	known := []types.ProtocolEnum{types.ProtocolEnumHttp, types.ProtocolEnumHttps}
	if b.Type == types.LoadBalancerTypeEnumNetwork {
		known = []types.ProtocolEnum{types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp}
	}
	secure := in.Protocol == types.ProtocolEnumHttps || in.Protocol == types.ProtocolEnumTls
	switch {
	case in.Port == nil || *in.Port < 1 || *in.Port > 65535:
		return refuse("ValidationError", "A listener port must be specified")
	case !slices.Contains(known, in.Protocol):
		return refuse("ValidationError", "Listener protocol '"+string(in.Protocol)+"' is not supported with this load balancer type")
	case secure && len(in.Certificates) != 1:
		return refuse("ValidationError", "A certificate must be specified for "+string(in.Protocol)+" listeners")
	case secure && !strings.HasPrefix(awssdk.ToString(in.Certificates[0].CertificateArn), "arn:aws:"):
		return refuse("CertificateNotFound", "Certificate '"+awssdk.ToString(in.Certificates[0].CertificateArn)+"' not found")
	}
	for _, a := range in.DefaultActions {
		if a.Type == types.ActionTypeEnumRedirect && a.RedirectConfig != nil && b.Type == types.LoadBalancerTypeEnumApplication {
			if a.RedirectConfig.StatusCode == "" {
				return refuse("ValidationError", "A redirect status code must be specified")
			}
			continue
		}
		if a.Type != types.ActionTypeEnumForward {
			return refuse("ValidationError", "The sandbox keeps listeners that forward or redirect alone.")
		}
		g, err := r.targetGroup(a.TargetGroupArn)
		if err != nil {
			return err
		}
		layer7 := strings.HasPrefix(string(g.Protocol), "HTTP")
		if layer7 != (b.Type == types.LoadBalancerTypeEnumApplication) {
			return refuse("IncompatibleProtocols", "The listener protocol and the target group protocol are not compatible")
		}
		if *g.VpcId != *b.VpcId {
			return refuse("InvalidConfigurationRequest", "The target group '"+*g.TargetGroupArn+"' is not in the VPC of the load balancer")
		}
		for _, arn := range r.groupNow(g).LoadBalancerArns {
			if arn != *b.LoadBalancerArn {
				return refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: "+*g.TargetGroupArn)
			}
		}
	}
	return nil
}

func describeListeners(r *region, in *elb.DescribeListenersInput) (*elb.DescribeListenersOutput, error) {
	if in.LoadBalancerArn != nil {
		if _, err := r.balancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
	}
	var kept []types.Listener
	for _, l := range r.listeners {
		if (in.LoadBalancerArn == nil || *l.LoadBalancerArn == *in.LoadBalancerArn) && among(in.ListenerArns, l.ListenerArn) {
			kept = append(kept, l)
		}
	}
	if len(kept) < len(in.ListenerArns) {
		return nil, refuse("ListenerNotFound", "One or more listeners not found")
	}
	out := &elb.DescribeListenersOutput{}
	var err error
	out.Listeners, out.NextMarker, err = page(kept, in.Marker, in.PageSize)
	return out, err
}

func deleteListener(r *region, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
	before := len(r.listeners)
	r.listeners = slices.DeleteFunc(slices.Clone(r.listeners), func(l types.Listener) bool { return *l.ListenerArn == *in.ListenerArn })
	if len(r.listeners) == before {
		return nil, refuse("ListenerNotFound", "One or more listeners not found")
	}
	delete(r.tags, *in.ListenerArn)
	return &elb.DeleteListenerOutput{}, nil
}

// Balancer is a load balancer of the world, for whoever plays its part on a network.
type Balancer struct {
	ARN     string
	Name    string
	DNSName string
	Aliases []string // names whose alias records lead to it
	Active  bool
	Doors   []Door
}

// Door is one listener.
type Door struct {
	Protocol string
	Port     int
	Healthy  []string // instance ids of the targets behind it that are healthy
	Silent   bool     // it has targets to send requests to, and none is healthy: then all of them get requests, and nothing answers
	Shut     bool     // the load balancer's groups let nobody on the internet in
	Unasked  bool     // one of these groups is a VPC's own or of net up, which nobody has to have chosen
	Names    []string // those of its certificate
	Redirect string   // the port of HTTPS that it redirects to; "" where it forwards
}

// LoadBalancers answers every load balancer of every account and region.
func (w *World) LoadBalancers() []Balancer {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Balancer
	for _, r := range w.places {
		for _, b := range r.balancers {
			_, active := b.active(r)
			out := Balancer{
				ARN: *b.LoadBalancerArn, Name: *b.LoadBalancerName, DNSName: *b.DNSName, Active: active, Aliases: w.aliasesOf(*b.DNSName),
			}
			for _, l := range r.listeners {
				if *l.LoadBalancerArn == out.ARN {
					out.Doors = append(out.Doors, r.door(b, l))
				}
			}
			all = append(all, out)
		}
	}
	slices.SortFunc(all, func(a, b Balancer) int { return strings.Compare(a.ARN, b.ARN) })
	return all
}

// redirectsTo answers the port that a listener redirects to; "" where it forwards.
func redirectsTo(l types.Listener) string {
	for _, a := range l.DefaultActions {
		if a.RedirectConfig != nil {
			return awssdk.ToString(a.RedirectConfig.Port)
		}
	}
	return ""
}

func (r *region) door(b *balancer, l types.Listener) Door {
	out := Door{Protocol: string(l.Protocol), Port: int(*l.Port), Redirect: redirectsTo(l), Shut: r.lockedOut(b, *l.Port), Unasked: r.unasked(b)}
	if len(l.Certificates) > 0 && awssdk.ToString(l.Certificates[0].CertificateArn) == r.certificate() {
		out.Names = certified()
	}
	arn := forwardsTo(l)
	g, err := r.targetGroup(&arn)
	if err != nil {
		return out
	}
	for _, m := range g.present(r) {
		state := r.healthOf(g, m).State
		if state == types.TargetHealthStateEnumHealthy {
			out.Healthy = append(out.Healthy, m.id)
		}
		out.Silent = out.Silent || state == types.TargetHealthStateEnumUnhealthy
	}
	out.Silent = out.Silent && len(out.Healthy) == 0
	return out
}

// TagLoadBalancer puts a tag on a load balancer.
func (w *World) TagLoadBalancer(arn, key, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.places {
		if _, err := r.balancer(&arn); err == nil {
			r.tag(arn, []types.Tag{{Key: &key, Value: &value}})
		}
	}
}
