package aws

// ListenerRule is one rule of a listener: what it matches, and where it sends that.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html
type ListenerRule struct {
	ARN          string
	Priority     string   // "1" to "50000", or "default"
	Hosts, Paths []string // patterns, any of them; * and ? are wildcards; none: every one
	Other        bool     // it has further conditions, or patterns of another kind
	Action       string   // of the last step: "forward", "redirect", "fixed-response"
	Status       string   // of a fixed response: "503"
	TargetGroups []string // ARNs that it forwards to with a weight above zero
}

// NetworkACL is the list of what may pass in and out of its subnets.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html
type NetworkACL struct {
	ID      string
	Subnets []string
	Entries []ACLEntry
}

// ACLEntry is one entry; of those that match, the one with the lowest number decides.
type ACLEntry struct {
	Number   int
	Egress   bool
	Allow    bool
	Protocol string // "-1" all, "6" TCP, "17" UDP, "1" ICMP
	From, To int    // ports; 0 and 0 where all are meant
	Peer     string // a block
}

// FunctionErrors is how often a function was invoked, and how often that failed.
type FunctionErrors struct {
	Invocations, Errors int
}
