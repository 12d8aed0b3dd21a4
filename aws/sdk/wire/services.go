package wire

// The services that are spoken to without their clients. Their names, hosts, targets and versions are those of the SDK's clients; the tests
// hold each call against what the client would send and read.

func ACM() Service { return inJSON("ACM", "acm", "CertificateManager", "Filters") }

// CostExplorer is at one place in a partition.
func CostExplorer() Service {
	s := inJSON("Cost Explorer", "ce", "AWSInsightsIndexService")
	s.Homes = map[string]Home{
		"aws": {"ce.us-east-1.amazonaws.com", "us-east-1"}, "aws-cn": {"ce.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		"aws-us-gov": {"ce.us-gov-west-1.amazonaws.com", "us-gov-west-1"}, "aws-eusc": {"ce.eusc-de-east-1.api.amazonwebservices.eu", "eusc-de-east-1"},
	}
	return s
}

// Machines is EC2, for the calls that its client is not needed for.
func Machines() Service {
	return Service{ID: "EC2", Host: "ec2", Scope: "ec2", Protocol: EC2{Version: "2016-11-15", Sent: map[string]string{
		"BlockDeviceMappings": "BlockDeviceMapping", "Filters": "Filter", "Values": "Value", "EgressOnlyInternetGatewayIds": "EgressOnlyInternetGatewayId",
		"VpcEndpointIds": "VpcEndpointId", "VpcPeeringConnectionIds": "VpcPeeringConnectionId", "VpnGatewayIds": "VpnGatewayId", "NatGatewayIds": "NatGatewayId", "InternetGatewayIds": "InternetGatewayId",
		"TagSpecifications": "TagSpecification", "Groups": "GroupId", "InstanceIds": "InstanceId", "Resources": "ResourceId", "Tags": "Tag", "UserIdGroupPairs": "Groups", "SecurityGroupRuleDescriptions": "SecurityGroupRuleDescription",
	}, Heard: map[string]string{"attachments": "VpcAttachments"}}} // of VPN gateways
}

func EC2InstanceConnect() Service {
	return inJSON("EC2 Instance Connect", "ec2-instance-connect", "AWSEC2InstanceConnectService")
}

func ECS() Service {
	return Service{ID: "ECS", Host: "ecs", Scope: "ecs", Protocol: JSON{Version: "1.1", Target: "AmazonEC2ContainerServiceV20141113", Small: true}}
}

func EventBridge() Service {
	return inJSON("EventBridge", "events", "AWSEvents", "CapacityProviderStrategyItem", "NetworkConfiguration", "PlacementConstraint", "PlacementStrategy")
}

func DynamoDB() Service {
	return Service{ID: "DynamoDB", Host: "dynamodb", Scope: "dynamodb", Protocol: JSON{Version: "1.0", Target: "DynamoDB_20120810"}}
}

func Logs() Service {
	return Service{ID: "CloudWatch Logs", Host: "logs", Scope: "logs", Protocol: JSON{Version: "1.1", Target: "Logs_20140328", Small: true}}
}

func Pricing() Service {
	s := inJSON("Pricing", "api.pricing", "AWSPriceListService")
	s.Scope = "pricing"
	return s
}

func ServiceQuotas() Service {
	return inJSON("Service Quotas", "servicequotas", "ServiceQuotasV20190624")
}

func SSM() Service {
	return inJSON("SSM", "ssm", "AmazonSSM", "InstanceInformationFilter", "CommandFilter")
}

// inJSON is a service that speaks JSON 1.1 and is called the same in its addresses and in its signatures. Small are the shapes whose
// members begin with a small letter.
func inJSON(id, host, target string, small ...string) Service {
	return Service{ID: id, Host: host, Scope: host, Protocol: JSON{Version: "1.1", Target: target, Except: small}}
}

func CloudFormation() Service {
	return Service{ID: "CloudFormation", Host: "cloudformation", Scope: "cloudformation", Protocol: Query{Version: "2010-05-15"}}
}

// Metrics is CloudWatch, by the protocol that all that speak like AWS take: the SDK's client speaks CBOR.
func Metrics() Service {
	return Service{ID: "CloudWatch", Host: "monitoring", Scope: "monitoring", Protocol: Query{Version: "2010-08-01"}}
}

func LoadBalancers() Service {
	return Service{ID: "Elastic Load Balancing v2", Host: "elasticloadbalancing", Scope: "elasticloadbalancing", Protocol: Query{Version: "2015-12-01"}}
}

func Topics() Service {
	return Service{ID: "SNS", Host: "sns", Scope: "sns", Protocol: Query{Version: "2010-03-31"}}
}

// IAM is at one place in a partition.
func IAM() Service {
	return Service{ID: "IAM", Host: "iam", Scope: "iam", Protocol: Query{Version: "2010-05-08"}, Homes: map[string]Home{
		"aws": {"iam.amazonaws.com", "us-east-1"}, "aws-cn": {"iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		"aws-us-gov": {"iam.us-gov.amazonaws.com", "us-gov-west-1"},
	}}
}
