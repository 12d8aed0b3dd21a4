package app

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// allowed are the properties that the template may give each type of resource, as AWS documents them.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
func allowed() map[string]string {
	return map[string]string{
		"AWS::EC2::SecurityGroup":                   "GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId",
		"AWS::ElasticLoadBalancingV2::LoadBalancer": "IpAddressType LoadBalancerAttributes Name Scheme SecurityGroups SubnetMappings Subnets Tags Type",
		"AWS::ElasticLoadBalancingV2::TargetGroup": "HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol HealthCheckTimeoutSeconds " +
			"HealthyThresholdCount Matcher Name Port Protocol ProtocolVersion Tags TargetGroupAttributes TargetType Targets UnhealthyThresholdCount VpcId",
		"AWS::ElasticLoadBalancingV2::Listener": "AlpnPolicy Certificates DefaultActions ListenerAttributes LoadBalancerArn MutualAuthentication Port Protocol SslPolicy",
		"AWS::EC2::LaunchTemplate":              "LaunchTemplateData LaunchTemplateName TagSpecifications VersionDescription",
		"AWS::AutoScaling::AutoScalingGroup": "AvailabilityZones CapacityRebalance Cooldown DesiredCapacity HealthCheckGracePeriod HealthCheckType LaunchTemplate " +
			"MaxInstanceLifetime MaxSize MinSize NewInstancesProtectedFromScaleIn Tags TargetGroupARNs TerminationPolicies VPCZoneIdentifier",
		"AWS::Route53::RecordSet": "AliasTarget Comment HostedZoneId HostedZoneName Name ResourceRecords SetIdentifier TTL Type Weight",
	}
}

var (
	section  = regexp.MustCompile(`^([A-Z][A-Za-z]+):$`)
	entry    = regexp.MustCompile(`^  ([A-Za-z0-9]+):`)
	kind     = regexp.MustCompile(`^    Type: (AWS::\S+)$`)
	property = regexp.MustCompile(`^      ([A-Za-z]+):`)
	refers   = regexp.MustCompile(`(?:Ref: "?|"Fn::GetAtt": \[)([A-Za-z0-9:]+)`)
	element  = regexp.MustCompile(`^\s+- (?:Fn::If:|\{"Fn::If")`)
	unless   = regexp.MustCompile(`"Fn::If": \[(\w+)|Condition: (\w+)|^\s+- (Has\w+)$`)
)

func TestTheTemplateUsesOnlyWhatIsDocumentedAndDeclared(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("template.yaml")
	if err != nil || string(raw) != template {
		t.Fatalf("the embedded template is not the file: %v", err)
	}
	declared := map[string]string{} // name to its section
	now, of := "", ""
	inProperties := false
	for n, line := range strings.Split(template, "\n") {
		switch {
		case section.MatchString(line):
			now = section.FindStringSubmatch(line)[1]
		case entry.MatchString(line):
			if name := entry.FindStringSubmatch(line)[1]; now != "Outputs" {
				declared[name] = now
			}
			of, inProperties = "", false
		case now == "Resources" && kind.MatchString(line):
			if of = kind.FindStringSubmatch(line)[1]; allowed()[of] == "" {
				t.Errorf("line %d: the type %s is not known here", n+1, of)
			}
		case now == "Resources" && element.MatchString(line):
			t.Errorf("line %d: one element of a list is chosen: many an AWS-compatible endpoint leaves an empty element in place of AWS::NoValue, so choose between whole lists", n+1)
		case line == "    Properties:":
			inProperties = true
		case now == "Resources" && inProperties && property.MatchString(line):
			if name := property.FindStringSubmatch(line)[1]; !strings.Contains(" "+allowed()[of]+" ", " "+name+" ") {
				t.Errorf("line %d: %s has no property %s", n+1, of, name)
			}
		}
	}
	for _, found := range refers.FindAllStringSubmatch(template, -1) {
		if name := found[1]; name != "AWS::NoValue" && declared[name] != "Parameters" && declared[name] != "Resources" {
			t.Errorf("%s is used and not declared", name)
		}
	}
	for n, line := range strings.Split(template, "\n") {
		for _, found := range unless.FindAllStringSubmatch(line, -1) {
			if name := found[1] + found[2] + found[3]; declared[name] != "Conditions" {
				t.Errorf("line %d: the condition %s is not declared", n+1, name)
			}
		}
	}
	for name, in := range declared {
		if in == "Parameters" && strings.Count(template, "{Ref: "+name+"}") == 0 {
			t.Errorf("the parameter %s is not used", name)
		}
	}
	const most = 51200 // bytes of a template in a request
	if len(template) > most {
		t.Errorf("the template is %d bytes long", len(template))
	}
}

func TestAScriptOfAnyLengthFitsIntoItsParameters(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 3071, 3072, 3073, 16 * 1024} {
		values := map[string]string{}
		setScript(values, strings.Repeat("x", length))
		whole := ""
		for n := range scriptPieces {
			piece := values[scriptPieceName(n)]
			if len(piece) > 4096 {
				t.Errorf("%d bytes: a piece has %d", length, len(piece))
			}
			whole += piece
		}
		if want := (length + 2) / 3 * 4; len(whole) != want {
			t.Errorf("%d bytes: %d characters of base64, want %d", length, len(whole), want)
		}
	}
}
