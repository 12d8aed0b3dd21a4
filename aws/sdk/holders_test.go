package sdk_test

import (
	"net/http"
	"reflect"
	"testing"

	"deckhand/aws"
)

func TestWhatHoldsAVPC(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{
		"DescribeNetworkAcls": xml(`<DescribeNetworkAclsResponse><networkAclSet>
			<item><networkAclId>acl-0</networkAclId><vpcId>vpc-1</vpcId><default>true</default></item>
			<item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>false</default></item></networkAclSet></DescribeNetworkAclsResponse>`),
		"DescribeVpcEndpoints": xml(`<DescribeVpcEndpointsResponse><vpcEndpointSet>
			<item><vpcEndpointId>vpce-1</vpcEndpointId><vpcId>vpc-1</vpcId><state>available</state><routeTableIdSet/><creationTimestamp>2026-01-31T10:00:00Z</creationTimestamp></item>
			<item><vpcEndpointId>vpce-2</vpcEndpointId><vpcId>vpc-1</vpcId><state>deleted</state></item></vpcEndpointSet></DescribeVpcEndpointsResponse>`),
		"DescribeVpcPeeringConnections": xml(`<DescribeVpcPeeringConnectionsResponse><vpcPeeringConnectionSet>
			<item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId><requesterVpcInfo><vpcId>vpc-9</vpcId></requesterVpcInfo><accepterVpcInfo><vpcId>vpc-1</vpcId></accepterVpcInfo><status><code>active</code></status></item>
			<item><vpcPeeringConnectionId>pcx-2</vpcPeeringConnectionId><requesterVpcInfo><vpcId>vpc-1</vpcId></requesterVpcInfo><status><code>deleted</code></status></item>
			<item><vpcPeeringConnectionId>pcx-3</vpcPeeringConnectionId><requesterVpcInfo><vpcId>vpc-8</vpcId></requesterVpcInfo><accepterVpcInfo><vpcId>vpc-9</vpcId></accepterVpcInfo><status><code>active</code></status></item>
			</vpcPeeringConnectionSet></DescribeVpcPeeringConnectionsResponse>`),
		"DescribeVpnGateways": xml(`<DescribeVpnGatewaysResponse><vpnGatewaySet>
			<item><vpnGatewayId>vgw-1</vpnGatewayId><state>available</state><attachments><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachments></item></vpnGatewaySet></DescribeVpnGatewaysResponse>`),
		"DescribeEgressOnlyInternetGateways": xml(`<DescribeEgressOnlyInternetGatewaysResponse><egressOnlyInternetGatewaySet>
			<item><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId><attachmentSet><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachmentSet></item>
			<item><egressOnlyInternetGatewayId>eigw-2</egressOnlyInternetGatewayId><attachmentSet><item><vpcId>vpc-9</vpcId><state>attached</state></item></attachmentSet></item></egressOnlyInternetGatewaySet></DescribeEgressOnlyInternetGatewaysResponse>`),
	}
	e, c := wired(t, answers)
	got, err := c.Holders(t.Context(), here, "vpc-1")
	must(t, err)
	want := []aws.Holder{{Kind: "network ACL", ID: "acl-1"}, {Kind: "VPC endpoint", ID: "vpce-1"}, {Kind: "peering connection", ID: "pcx-1"}, {Kind: "VPN gateway", ID: "vgw-1"}, {Kind: "egress-only gateway", ID: "eigw-1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("held by %v, want %v", got, want)
	}
	wantFields(t, e.sent("DescribeVpnGateways")[0], map[string]string{
		"Filter.1.Name": "attachment.vpc-id", "Filter.1.Value.1": "vpc-1", "Filter.2.Name": "attachment.state", "Filter.2.Value.2": "attached",
	})
	answers["DescribeVpcEndpoints"] = refusal(403, "UnauthorizedOperation", "You are not authorized to perform this operation.")
	if _, err = c.Holders(t.Context(), here, "vpc-1"); err == nil {
		t.Error("what could not be looked at holds nothing")
	}
}
