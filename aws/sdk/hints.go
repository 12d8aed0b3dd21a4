package sdk

import (
	"strings"
)

// meaning is what an error code of AWS means to the reader.
type meaning struct {
	kind   string
	hint   string
	rights bool // the hint names the right that is missing
}

// meanings are the codes with a next step of their own.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func meanings() map[string]meaning {
	return map[string]meaning{
		"InvalidInstanceID.NotFound":      {kind: kindNotFound, hint: "`vm list` shows the instances; check the region and the account too."},
		"InvalidInstanceID.Malformed":     {kind: kindUsage, hint: "An instance id looks like i-0123456789abcdef0; `vm list` shows them."},
		"InvalidInstanceId":               {kind: kindFailed, hint: "Systems Manager takes commands for instances that run and whose agent is online: `vm connect` says how it stands."},
		"EC2InstanceUnavailableException": {kind: kindUnavailable, hint: "Wait a minute after a start, and try again."},

		"IncorrectInstanceState": {kind: kindFailed, hint: "Look at its state with `vm show`, wait until it has settled, then try again."},
		"IncorrectState":         {kind: kindFailed, hint: "Wait until it has settled, then try again."},

		"InsufficientInstanceCapacity":      {kind: kindFailed, hint: "AWS has no room for this type there now: choose another zone, another type, or try later."},
		"InsufficientFreeAddressesInSubnet": {kind: kindFailed, hint: "Choose another subnet."},

		"InvalidAMIID.NotFound":       {kind: kindNotFound, hint: "Images belong to one region: check the image id and the region."},
		"InvalidAMIID.Malformed":      {kind: kindUsage, hint: "An image id looks like ami-0123456789abcdef0."},
		"InvalidAMIID.Unavailable":    {kind: kindFailed, hint: "Choose an image that is still offered."},
		"InvalidInstanceType":         {kind: kindUsage, hint: "Types look like t3.micro; check the spelling."},
		"InvalidKeyPair.NotFound":     {kind: kindNotFound, hint: "Key pairs belong to one region: check the name and the region."},
		"InvalidGroup.NotFound":       {kind: kindNotFound, hint: "Check the security group's name or id, and that it belongs to the subnet's VPC."},
		"InvalidGroupId.Malformed":    {kind: kindUsage, hint: "A security group's id looks like sg-0123456789abcdef0."},
		"InvalidSubnetID.NotFound":    {kind: kindNotFound, hint: "Check the subnet's id and the region."},
		"InvalidSubnetID.Malformed":   {kind: kindUsage, hint: "A subnet's id looks like subnet-0123456789abcdef0."},
		"InvalidParameterValue":       {kind: kindUsage, hint: "Correct the value that AWS names and try again."},
		"InvalidParameterCombination": {kind: kindUsage, hint: "Leave one of the two out and try again."},
		"InvalidIPAddress.InUse":      {kind: kindFailed, hint: "Choose another private address, or leave it out."},
		"MissingInput":                {kind: kindUsage, hint: "Name a subnet with --subnet-id."},
		"MissingParameter":            {kind: kindUsage, hint: "Give the value that AWS names and try again."},
		"InvalidUserData.Malformed":   {kind: kindUsage, hint: "Check the user data."},

		"OperationNotPermitted": {kind: kindConflict, hint: "Protection against this is switched on: switch it off first, if it really shall go."},
		"Unsupported":           {kind: kindFailed, hint: "Choose another zone or another instance type."},
		"UnsupportedOperation":  {kind: kindFailed, hint: "This kind of instance cannot do that."},
		"IdempotentParameterMismatch": {
			kind: kindFailed, hint: "This request was already sent with other values: ask for it anew instead of repeating it.",
		},

		"DataUnavailableException": {
			kind: kindUnavailable, hint: "Cost Explorer has nothing to tell yet: it takes a day after it was first switched on, in the Billing console of the account that pays.",
		},

		"DuplicateLoadBalancerName":    {kind: kindFailed, hint: "Choose another name, or delete that one first: `lb show` shows it."},
		"DuplicateTargetGroupName":     {kind: kindFailed, hint: "Choose another name, or delete that target group first."},
		"DuplicateListener":            {kind: kindFailed, hint: "Choose another port: `lb show` shows the listeners that are there."},
		"InvalidTarget":                {kind: kindFailed, hint: "Targets must run, and be in the VPC of the load balancer: `vm show` shows where they are."},
		"Resource.AlreadyAssociated":   {kind: kindFailed, hint: "Something else uses it, or AWS has not let go of it yet: wait a minute, then send the same line again."},
		"InvalidSubnet.Conflict":       {kind: kindFailed, hint: "Another subnet has some of that block: `net show` shows them."},
		"TargetGroupAssociationLimit":  {kind: kindFailed, hint: "A target group serves one load balancer, and this one has another: `lb list` shows them. Choose another name."},
		"InvalidSubnet":                {kind: kindFailed, hint: "A load balancer for the internet stands in subnets whose VPC has an internet gateway, each with eight free addresses: `net show` shows them."},
		"AvailabilityZoneNotSupported": {kind: kindFailed, hint: "Name subnets in other zones with --subnets."},
		"UnsupportedCertificate":       {kind: kindFailed, hint: "Its key is of a kind that load balancers do not take: give another with --certificate."},
		"DependencyViolation":          {kind: kindFailed, hint: "Something still uses it, and that goes first: `net show` shows instances, load balancers and parts, and the plan of `net down` or `net vpc delete` what else holds a VPC."},

		"NoSuchBucket":                      {kind: kindNotFound, hint: "Check the bucket's name and the account."},
		"PermanentRedirect":                 {kind: kindFailed, hint: "A bucket and the function that it invokes are in one region: say which with --region."},
		"AuthorizationHeaderMalformed":      {kind: kindFailed, hint: "A bucket and the function that it invokes are in one region: say which with --region."},
		"AlreadyExistsException":            {kind: kindFailed, hint: "Choose another name: `app list` shows the applications that are there."},
		"InsufficientCapabilitiesException": {kind: kindConflict, hint: "The template makes IAM resources, which it must not."},

		"NoSuchEntity":              {kind: kindNotFound, hint: "Check the name and the account."},
		"ValidationException":       {kind: kindUsage, hint: "Correct the value that AWS names and try again."},
		"ResourceConflictException": {kind: kindFailed, hint: "Wait until what is under way is done, then try again."},

		"ServiceUnavailable": {kind: kindUnavailable, hint: "Try again in a moment."},
		"Unavailable":        {kind: kindUnavailable, hint: "Try again in a moment."},
		"InternalError":      {kind: kindUnavailable, hint: "Try again in a moment."},
	}
}

// family answers what codes mean that several services have, each by a name of its own.
func family(code string) (meaning, bool) {
	switch code {
	case "UnauthorizedOperation", "AccessDenied", "AuthException", "AccessDeniedException", "AuthorizationError", "Client.UnauthorizedOperation":
		return meaning{kind: kindDenied, rights: true}, true
	case "AuthFailure", "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId",
		"UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"IncompleteSignature", "InvalidAccessKeyId", "InvalidToken", "RequestTimeTooSkewed":
		return meaning{kind: kindDenied, hint: "Renew the AWS credentials of deckhand, and check the clock of its machine."}, true
	case "OptInRequired", "SubscriptionRequiredException":
		return meaning{kind: kindDenied, hint: "Ask the AWS administrator to enable this region or service for the account."}, true
	case "Blocked", "PendingVerification":
		return meaning{kind: kindDenied, hint: "AWS holds the account itself back: its administrator has to settle that with AWS Support."}, true
	case "InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded":
		return meaning{kind: kindFailed, hint: "Ask the AWS administrator to raise the quota in Service Quotas, choose a smaller type, or terminate what is not needed."}, true
	case "LimitExceeded", "LimitExceededException", "VolumeLimitExceeded", "AddressLimitExceeded", "CodeStorageExceededException",
		"ServiceQuotaExceededException":
		return meaning{kind: kindFailed, hint: "Ask the AWS administrator to raise the quota in Service Quotas, or remove what is not needed."}, true
	case "ResourceInUse", "ResourceInUseException", "DeleteConflict":
		return meaning{kind: kindFailed, hint: "Something still uses it, or a change of it is under way: wait until that is gone, then try again."}, true
	case "PreconditionFailedException", "ConcurrentModificationException", "ConcurrentModification", "OperationAbortedException":
		return meaning{kind: kindFailed, hint: "Somebody else changed it meanwhile: look at it, then send the line again."}, true
	default:
		return meaning{}, false
	}
}

// lookUp answers what a code means: by its own entry, or by its shape.
func lookUp(code string) meaning {
	if known, ok := meanings()[code]; ok {
		return known
	}
	if known, ok := family(code); ok {
		return known
	}
	switch {
	case throttling(code):
		return meaning{kind: kindUnavailable, hint: "AWS asks callers of this account to slow down: try again in a minute."}
	case strings.HasSuffix(code, "NotFound"), strings.HasSuffix(code, "NotFoundException"):
		return meaning{kind: kindNotFound, hint: "Check the name, the region and the account."}
	case strings.HasSuffix(code, ".Malformed"), strings.HasPrefix(code, "InvalidParameter"), code == "ValidationError":
		return meaning{kind: kindUsage, hint: "Correct the value that AWS names and try again."}
	case strings.HasSuffix(code, "LimitExceeded"), strings.HasPrefix(code, "TooMany") && !throttling(code):
		return lookUp("LimitExceeded")
	case strings.HasPrefix(code, "Insufficient"):
		return meanings()["InsufficientInstanceCapacity"]
	default:
		return meaning{kind: kindFailed}
	}
}

// naming says what a call is for, to stand after "AWS refused".
func naming(operation string) string {
	switch operation {
	case "RunInstances":
		return "the launch"
	case "StartInstances":
		return "the start"
	case "StopInstances":
		return "the stop"
	case "RebootInstances":
		return "the reboot"
	case "TerminateInstances":
		return "the termination"
	case "AssumeRole":
		return "deckhand entry to the account"
	case "":
		return "the call"
	default:
		return "the call " + operation
	}
}

// prefixOf is what IAM calls a service that the SDK calls otherwise.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func prefixOf(service string) string {
	switch service {
	case "EC2 Instance Connect":
		return "ec2-instance-connect"
	case "Elastic Load Balancing v2":
		return "elasticloadbalancing"
	case "ApiGatewayV2":
		return "apigateway"
	case "CloudWatch Logs":
		return "logs"
	case "EventBridge":
		return "events"
	case "Cost Explorer":
		return "ce"
	default:
		return strings.ReplaceAll(strings.ToLower(service), " ", "")
	}
}
