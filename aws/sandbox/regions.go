package sandbox

import (
	"net"
	"slices"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// openRegions are the regions that an account has without asking for them.
// Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
func openRegions() []string {
	return []string{
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
		"eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
}

// otherRegions are those that an account asks for, and those of other partitions.
func otherRegions() []string {
	return []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
		"ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
		"cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1",
	}
}

// unresolved is what happens to a request for a region that AWS does not have: its address has no entry in the DNS.
func unresolved(region string, request any) error {
	if region == "" || slices.Contains(openRegions(), region) || slices.Contains(otherRegions(), region) {
		return nil
	}
	unknown := &net.DNSError{Err: "no such host", IsNotFound: true}
	if sent, ok := request.(*smithyhttp.Request); ok {
		unknown.Name = sent.URL.Host
	}
	return &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: unknown}}
}
