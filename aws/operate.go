package aws

import (
	"slices"
	"time"
)

// InstanceType is what AWS says of an instance type.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html
type InstanceType struct {
	Name          string
	Architectures []string // "x86_64", "arm64", "i386"
	VCPUs         int      // by default
	MemoryMiB     int
}

// Offering is where an instance type is offered in a region.
type Offering struct {
	Zones []string // availability zones; none where the region does not have the type
	Near  []string // where the region does not have it: types of the region with a name like it, at most five
}

// VCPUQuota is how far an account is from its limit of on-demand vCPUs in a region. A quota covers several families.
type VCPUQuota struct {
	Name  string // AWS's name, "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
	Limit int
	Used  int // by on-demand instances that run or are about to
	Each  int // what one instance of the type asked about needs
}

// Price is what something costs while it is there, without traffic and taxes.
type Price struct {
	USDPerHour float64
	System     string // operating system, "Linux"; of an on-demand instance
}

// FunctionPrice is what running a Lambda function costs.
type FunctionPrice struct {
	USDPerCall     float64
	USDPerGBSecond float64 // a GB of memory for a second
}

// Agent is what Systems Manager knows of an instance's agent.
type Agent struct {
	Known    bool   // the instance has registered
	Ping     string // "Online", "ConnectionLost", "Inactive"
	Platform string // "Linux", "Windows", "MacOS"
	Version  string
	LastPing time.Time
}

// Online tells whether sessions and commands reach the instance.
func (a Agent) Online() bool { return a.Ping == "Online" }

// Invocation is how a command of Systems Manager stands on one instance.
type Invocation struct {
	InstanceID string
	Status     string // "Pending", "InProgress", "Delayed", "Success", "Cancelled", "TimedOut", "Failed", "Cancelling"
	Detail     string // AWS's longer word, "Undeliverable"
	ExitCode   int    // -1 where nothing ran
	Output     string // Systems Manager keeps the first 24,000 characters
	Errors     string // and the first 8,000 of the error output
}

// Over tells whether nothing more will happen.
func (i Invocation) Over() bool {
	switch i.Status {
	case "Success", "Cancelled", "TimedOut", "Failed":
		return true
	default:
		return false
	}
}

// Measure is one metric over time.
type Measure struct {
	Name   string // "CPUUtilization"
	Times  []time.Time
	Values []float64
}

// Image is a machine image of the account.
type Image struct {
	ID       string
	Name     string
	Platform string // EC2's platform details, "Linux/UNIX"
	// Architecture is the processor that it is made for, "arm64"; "" where AWS does not say.
	Architecture string
	// RootDevice is the name of the root volume; "" where the image has no volume.
	RootDevice string
	RootGiB    int    // the size that the image gives it; 0 where AWS does not say
	RootType   string // the type of volume that the image gives it, "gp3"; "" where AWS does not say
	State      string // "pending", "available", "failed"
	Reason     string // AWS's, where it failed
}

// Shell is a document of Systems Manager to run on instances.
type Shell struct {
	Document    string // RunShell, RunPowerShell, or another
	InstanceIDs []string
	Parameters  map[string][]string
	Comment     string
	Deliver     time.Duration // how long AWS tries to reach an instance; at least 30 s
}

// The documents that run what they are given, and how much of it deckhand takes: what is longer belongs into a file on the machine, or
// a document of its own.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-overview.html
const (
	RunShell      = "AWS-RunShellScript"
	RunPowerShell = "AWS-RunPowerShellScript"
	LongestScript = 4000 // bytes
)

// CommandDocument is the type of the documents that instances run.
const CommandDocument = "Command"

// Document is what Systems Manager knows of a document.
type Document struct {
	Name       string
	Kind       string   // its type, such as CommandDocument or "Automation"
	Platforms  []string // those of Agent.Platform; none: every one
	Parameters []DocumentParameter
}

// RunsOn tells whether a document is made for a platform. What is not known is taken as fitting.
func (d Document) RunsOn(platform string) bool {
	return len(d.Platforms) == 0 || platform == "" || slices.Contains(d.Platforms, platform)
}

// DocumentParameter is something that a document is given.
type DocumentParameter struct {
	Name     string
	List     bool   // takes several values
	Required bool   // has no value of its own
	Default  string // the value of its own
}

// NewImage is an image to make of an instance.
type NewImage struct {
	InstanceID  string
	Name        string // unique in the region
	Description string
	Reboot      bool // stop the instance for it, so that its disks are at rest
	Tags        map[string]string
	DryRun      bool
}

// Console is what an instance wrote to its serial console.
type Console struct {
	Text string // the last 64 KiB at most; "" where AWS has nothing yet
	At   time.Time
}

// Metric is one of CloudWatch's metrics of an instance, and how the values of a period become one.
type Metric struct {
	Name      string // "CPUUtilization"
	Statistic string // "Average", "Sum", "Maximum"
}

// Span is a time that is cut into periods.
type Span struct {
	From, To time.Time
	Period   time.Duration
}
