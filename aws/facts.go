// Package aws holds plain facts about AWS: what a target, an instance or a state change is. It
// imports nothing, so that commands may speak of AWS without the SDK.
package aws

import (
	"strings"
	"time"
)

// Target is an account and a region as a person names them. Empty fields are the configured defaults.
type Target struct {
	Account string // name in the configuration; "" is the default credentials' account
	Region  string // "us-east-1"; "" is the configured region
}

// Place is a target as AWS knows it, shown in every report.
type Place struct {
	AccountID   string // 12 digits; "" where AWS could not be asked
	AccountName string // name in the configuration; "" for the default
	Region      string
}

// Partition is the part of AWS with accounts and domains of its own that the region is in, as ARNs begin with it.
// Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func (p Place) Partition() string {
	for prefix, name := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(p.Region, prefix) {
			return name
		}
	}
	return "aws"
}

// NamedID is an id with the name that belongs to it.
type NamedID struct {
	ID   string
	Name string
}

// Sentence is AWS's reason for people. The code of what a user did says nothing more than its sentence, that of a fault is to be searched for:
// "User initiated shutdown", and "Server.InternalError: Internal error on launch".
func Sentence(reason string) string {
	if code, rest, found := strings.Cut(reason, ": "); found && strings.HasPrefix(code, "Client.UserInitiated") {
		reason = rest
	}
	return strings.TrimSuffix(reason, ".")
}

// Instance is an EC2 instance.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
type Instance struct {
	ID             string
	Name           string // the Name tag
	State          InstanceState
	StateReason    string // AWS's sentence for the last change, "Client.UserInitiatedShutdown: ..."
	Type           string
	Zone           string // availability zone
	ImageID        string
	KeyName        string
	Profile        string // name of its instance profile
	PrivateIP      string
	PublicIP       string
	PublicDNS      string
	VPCID          string
	SubnetID       string
	SecurityGroups []NamedID
	RootDeviceType string // "ebs" or "instance-store"
	Platform       string // EC2's platform details, "Linux/UNIX", and whether it has hardware of its own; tells what is paid for
	StateChanged   string // AWS's sentence on the last stop or termination, "User initiated (2026-01-02 15:04:05 GMT)"
	Lifecycle      string // "spot", "scheduled", or "" for on demand
	LaunchedAt     time.Time
	Tags           map[string]string
}

// InstanceState is the state of an instance, in AWS's words.
type InstanceState string

// The states of an instance.
const (
	Pending      InstanceState = "pending"
	Running      InstanceState = "running"
	Stopping     InstanceState = "stopping"
	Stopped      InstanceState = "stopped"
	ShuttingDown InstanceState = "shutting-down"
	Terminated   InstanceState = "terminated"
)

// InstanceQuery selects instances on AWS's side. All given fields must match; the values in one field are alternatives.
type InstanceQuery struct {
	IDs         []string // an id that does not exist is left out of the answer, it is no error
	Names       []string // Name tags, * and ? are wildcards
	PrivateIPs  []string
	Tags        map[string]string // value "*" is any
	States      []InstanceState
	Filters     map[string][]string // AWS's own filter names, for lines copied from its documentation
	ClientToken string              // the token of the launch
}

// Launch is what to launch.
type Launch struct {
	ImageID               string
	MinCount, MaxCount    int
	InstanceType          string
	KeyName               string
	SecurityGroups        []string // ids or names; ids begin with "sg-"
	Subnet                string   // id or Name tag; ids begin with "subnet-"
	PublicIP              *bool    // nil: the subnet's own setting
	PrivateIP             string
	UserData              string // plain text
	InstanceProfile       string // name or ARN
	RootVolumeGiB         int    // 0: the image's own size
	TerminationProtection bool
	Tags                  map[string]string // Name among them
	ClientToken           string            // at most 64 ASCII characters
	Sent                  bool              // it may have been sent before with this ClientToken: what it made is looked for first
	DryRun                bool
}

// StateChange is the answer to start, stop and terminate.
type StateChange struct {
	ID       string
	Previous InstanceState
	Current  InstanceState
}

// InstanceStatus is what EC2's status checks say.
type InstanceStatus struct {
	ID       string
	System   string // "ok", "impaired", "initializing", "insufficient-data", "not-applicable"
	Instance string
}

// OK tells whether both checks passed.
func (s InstanceStatus) OK() bool { return s.System == "ok" && s.Instance == "ok" }
