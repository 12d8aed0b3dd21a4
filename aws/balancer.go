package aws

import "time"

// LoadBalancer is a load balancer of Elastic Load Balancing, version 2.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
type LoadBalancer struct {
	ARN            string
	Name           string
	Type           string // "application", "network" or "gateway"
	Scheme         string // "internet-facing" or "internal"
	State          string // "provisioning", "active", "active_impaired" or "failed"
	StateReason    string
	DNSName        string
	HostedZoneID   string // of DNSName, for alias records
	VPCID          string
	Subnets        []string
	Zones          []string // availability zones
	SecurityGroups []string // ids
	CreatedAt      time.Time
	Tags           map[string]string
}

// LoadBalancerQuery selects load balancers: by name, or by ARN, or all. What does not exist is left out of the answer.
type LoadBalancerQuery struct {
	Names []string
	ARNs  []string
}

// NewLoadBalancer is a load balancer to be made. The subnets are in different zones, at least two of them for
// an application load balancer.
type NewLoadBalancer struct {
	Name           string
	Type           string
	Scheme         string
	Subnets        []string
	SecurityGroups []string // none: AWS's own choice
	Tags           map[string]string
}

// TargetGroup is where a listener sends what it gets.
type TargetGroup struct {
	ARN           string
	Name          string
	Protocol      string // "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"
	Port          int    // where targets listen that name no port of their own
	VPCID         string
	TargetType    string // "instance", "ip", "lambda" or "alb"
	Health        HealthChecks
	LoadBalancers []string
	Tags          map[string]string
}

// HealthChecks is how a load balancer looks after its targets. What is empty is AWS's own choice, in a group to be made.
type HealthChecks struct {
	Protocol  string // "HTTP", "HTTPS", "TCP"
	Path      string // of HTTP and HTTPS
	Port      string // a number, or "traffic-port"
	Interval  int    // seconds
	Timeout   int    // seconds
	Healthy   int    // good looks in a row
	Unhealthy int    // bad looks in a row
	Matcher   string // HTTP statuses that are good: "200", "200,301", "200-399"
}

// TargetGroupQuery selects target groups: by name, or those of a load balancer, or all.
type TargetGroupQuery struct {
	Names        []string
	LoadBalancer string // ARN
}

// Listener takes what arrives at one port of a load balancer.
type Listener struct {
	ARN          string
	LoadBalancer string // ARN
	Protocol     string
	Port         int
	TargetGroup  string // ARN that it forwards to; "" where it does something else
	RedirectPort int    // where it sends browsers on to HTTPS at this port instead, for good (301)
	Certificate  string // ARN of the default certificate
	Policy       string // for TLS, "ELBSecurityPolicy-2016-08"; "" without it
	Tags         map[string]string
}

// TargetHealth is what a target group says of one target.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
type TargetHealth struct {
	ID          string // instance id, address or ARN
	Port        int
	State       TargetState
	Reason      string // AWS's code, "Target.FailedHealthChecks"; "" while healthy
	Description string // AWS's sentence
}

// TargetState is the state of a target, in AWS's words.
type TargetState string

// The states of a target.
const (
	TargetInitial     TargetState = "initial"
	TargetHealthy     TargetState = "healthy"
	TargetUnhealthy   TargetState = "unhealthy"
	TargetUnused      TargetState = "unused"
	TargetDraining    TargetState = "draining"
	TargetUnavailable TargetState = "unavailable"
)

// HostedZone is a zone of Route 53.
type HostedZone struct {
	ID      string // without "/hostedzone/"
	Name    string // "example.com", without the last dot
	Private bool
}

// Record is one record set of a zone, as far as aliases need it.
type Record struct {
	Name      string // without the last dot
	Type      string // "A", "CNAME"
	Values    []string
	AliasName string // DNS name that an alias leads to, without the last dot
	AliasZone string // hosted zone id of AliasName
	Follows   bool   // an alias answers only while its target is healthy
	Plain     bool   // it has no routing policy: it is the only record of its name and type
}

// Alias is a record of type A that leads to a load balancer.
type Alias struct {
	Zone       string // hosted zone id
	Name       string
	Target     string // DNS name
	TargetZone string // hosted zone id of the target
	Comment    string
	Replaces   bool // a record of the name that is there
	Follows    bool // it answers only while its target is healthy; to delete a record, as the record has it
}

// Certificate is a certificate of ACM.
type Certificate struct {
	ARN       string
	Domains   []string // the names it is for; the first label may be *
	ExpiresAt time.Time
}
