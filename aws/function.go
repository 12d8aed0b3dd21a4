package aws

import "time"

// Function is a Lambda function, or one version of it.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
type Function struct {
	Name          string
	ARN           string // of $LATEST without a qualifier, of a version with it
	Version       string // "$LATEST" or "7"
	Description   string
	Runtime       string // "python3.13"; "" for an image
	Handler       string
	Role          string // ARN
	ImageURI      string // where the code is an image, with its digest
	ImageGiven    string // the same as it was given, by its tag or its digest
	CodeSize      int64  // bytes
	CodeSHA256    string // base64
	Architectures []string
	Timeout       int // seconds
	MemoryMB      int
	Environment   map[string]string // the real values: not to be shown
	LogGroup      string
	Subnets       []string // ids; none: outside of every VPC
	Groups        []string // ids of security groups, where there are subnets
	Layers        []string // ARNs of their versions, in the order in which they are laid
	Traced        bool     // AWS X-Ray samples and traces its calls
	StorageMB     int      // of /tmp
	DeadLetters   string   // ARN of where calls go that failed for good; "" for nowhere
	Key           string   // ARN of the key of the account's own that its variables are encrypted with; "" for AWS's
	State         string   // "Pending", "Active", "Inactive", "Failed", ...
	StateReason   string
	Update        string // of the last update: "InProgress", "Successful", "Failed"
	UpdateReason  string
	Revision      string // changes with every change
	ModifiedAt    time.Time
	Tags          map[string]string // of the function; empty in lists
}

// FunctionCode says where code comes from: one of the three.
type FunctionCode struct {
	Zip                          []byte
	S3Bucket, S3Key, S3ObjectVer string
	ImageURI                     string
}

// FunctionSettings are what a function is made with, or changed to. Empty fields stay as they are; Environment replaces
// all variables where it is not nil.
type FunctionSettings struct {
	Role, Runtime, Handler, Description string
	Timeout, MemoryMB                   int
	Environment                         map[string]string
	Layers                              []string // ARNs of versions of layers
	Subnets, Groups                     []string // ids; empty and not nil: outside of every VPC from now on
	Tracing                             string   // "Active", "PassThrough"
	StorageMB                           int      // of /tmp
	Granted                             bool     // the role was made, or given rights, just now, which AWS may not know yet
	Revision                            string   // the change is refused where the function has another one by now
}

// NewFunction is a function to be made.
type NewFunction struct {
	Name          string
	Code          FunctionCode
	Architectures []string
	FunctionSettings
	Tags map[string]string
	// Mark is the tag by which a function is known as the one that is asked for, so that asking twice makes one.
	Mark string
}

// FunctionAlias is a name for one version of a function.
type FunctionAlias struct {
	Name, Version, Description string
	ARN                        string

	// Other is a second version, which gets Share of the calls: above 0, below 1. "" where all calls go to Version.
	// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
	Other string
	Share float64
}

// FunctionCall is one call of a function to be made.
type FunctionCall struct {
	Function, Qualifier string
	Payload             []byte // JSON
	Async               bool
	Rehearse            bool          // AWS only says whether it would be allowed
	Patience            time.Duration // how long an answer may take
}

// FunctionAnswer is what a function answered.
type FunctionAnswer struct {
	Payload []byte // JSON
	Failure string // "Handled", "Unhandled", or "" where the function did not fail
	Log     string // the last 4 KiB
	Version string // that ran
}

// LogLine is one event in a log group.
type LogLine struct {
	At   time.Time
	Text string
}

// LogQuery selects lines of a log group.
type LogQuery struct {
	Group, Pattern string
	Since          time.Time
	Most           int // the last so many
}

// LogGroup is a log group of CloudWatch.
type LogGroup struct {
	Name, ARN string
	Days      int    // that lines are kept; 0 for ever
	Key       string // ARN of the KMS key; "" for AWS's own
	Class     string // "STANDARD", "INFREQUENT_ACCESS"
	Tags      map[string]string
}

// Role is an IAM role.
type Role struct {
	Name, ARN string
	Path      string // "/" or "/deckhand-probe/eu-west-1/"
	MadeAt    time.Time
	Tags      map[string]string // empty in lists
}

// RoleText is a role with all that it says.
type RoleText struct {
	Role
	ID             string // "AROA...", never used again
	Description    string
	Trust          string            // JSON: who may take it on
	Boundary       string            // ARN of the policy that bounds it; "" for none
	SessionSeconds int               // how long it may be taken on at once
	Policies       map[string]string // JSON documents inside it, by name
	Managed        []string          // ARNs of the policies attached to it
}

// NewRole is a role to be made for a service, with one policy inside it.
type NewRole struct {
	Name, Description string
	Path              string // "" is "/"
	Trust, Policy     string // JSON documents; a role without a Policy may do nothing
	PolicyName        string
	Tags              map[string]string
	Mark              string // the tag by which a role that is there already is known as the one wanted
}

// CountTable is a DynamoDB table with the one key "id", billed by request.
type CountTable struct {
	Name, ARN string
	Status    string // "CREATING", "ACTIVE", "DELETING"
	Plain     bool   // it has the one key and no other index, is billed by request, and has no stream
	Class     string // "STANDARD_INFREQUENT_ACCESS"; "" for the standard one
	Key       string // ARN of the key that it is encrypted with; "" for one of DynamoDB's own
	Protected bool   // against deletion
	Tags      map[string]string
	Mark      string // the tag by which a table that is there already is known as the one wanted
}

// TableCare is what DynamoDB does for a table's items by itself.
type TableCare struct {
	Expires string // the attribute that holds an item's end, in seconds since 1970; "" where none ends
	Backups bool   // point-in-time recovery is on
	Days    int    // how far that reaches back
}

// EventRule is a rule of EventBridge's default bus.
type EventRule struct {
	Name, ARN, Description string
	Pattern                string // JSON; or
	Schedule               string // "rate(5 minutes)", "cron(...)"
	Enabled                bool
	Tags                   map[string]string
}

// Grant is one statement of a function's resource policy.
type Grant struct {
	ID        string
	Principal string // "events.amazonaws.com"
	SourceARN string

	SourceAccount string // of the source, where the statement names it
}

// QueueSource is an event source mapping: a queue or stream that a function reads.
type QueueSource struct {
	ID, SourceARN, State string
	From                 string // where a stream is read from at first, LATEST; "" of a queue
}
