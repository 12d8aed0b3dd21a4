package export

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// region is what stands in one.
type region struct {
	machines  []aws.Instance
	network   aws.Network
	stacks    []aws.Stack
	body      string
	balanced  balanced
	zoneless  bool // Route 53 knows no zone
	addresses []aws.Address
	nats      []aws.NATGateway
	called    called
	apis      []api
	domains   []domain
	unlisted  bool   // domain names may not be read
	by        string // the request's command; "" may have made anything
	asked     *[]string
	notice    string // that the request's line makes
	others    int    // notifications of buckets that invoke no function
	uncared   error  // what is done for a table's items cannot be read
	nameless  error  // what VPCs do for names cannot be read
	unread    error  // what stands beside functions cannot be read
}

func (r region) ask(operation string) {
	if r.asked != nil {
		*r.asked = append(*r.asked, operation)
	}
}

func (r region) NATGateways(context.Context, aws.Target, string) ([]aws.NATGateway, error) {
	r.ask("NATGateways")
	return r.nats, nil
}

func (r region) VPCNames(context.Context, aws.Target, string) (aws.VPCNames, error) {
	return aws.VPCNames{Resolves: true, Hosts: r.nameless == nil}, r.nameless
}

func (r region) Addresses(context.Context, aws.Target) ([]aws.Address, error) {
	return r.addresses, nil
}

func (r region) Function(_ context.Context, _ aws.Target, name, _ string) (aws.Function, error) {
	r.ask("Function")
	if name != r.called.function.Name {
		return aws.Function{}, &commands.Error{Kind: commands.NotFound, Message: "No function."}
	}
	return r.called.function, nil
}

func (r region) FunctionAliases(context.Context, aws.Target, string) ([]aws.FunctionAlias, error) {
	return r.called.aliases, nil
}

func (r region) FunctionGrants(context.Context, aws.Target, string) ([]aws.Grant, error) {
	return r.called.grants, nil
}

func (r region) QueueSources(context.Context, aws.Target, string) ([]aws.QueueSource, error) {
	return r.called.queues, nil
}

func (r region) RulesFor(context.Context, aws.Target, string) ([]string, error) {
	var out []string
	for _, one := range r.called.rules {
		out = append(out, one.Name)
	}
	return out, nil
}

func (r region) EventRule(_ context.Context, _ aws.Target, name string) (aws.EventRule, error) {
	return r.called.rules[slices.IndexFunc(r.called.rules, func(one aws.EventRule) bool { return one.Name == name })], nil
}

func (r region) APIs(context.Context, aws.Target) ([]aws.API, error) {
	r.ask("APIs")
	var out []aws.API
	for _, one := range r.apis {
		out = append(out, one.API)
	}
	return out, nil
}

func (r region) APIRoutes(context.Context, aws.Target, string) ([]aws.APIRoute, error) {
	return r.apis[0].routes, nil
}

func (r region) APIIntegrations(context.Context, aws.Target, string) ([]aws.APIIntegration, error) {
	return r.apis[0].integrations, nil
}

func (r region) APIAuthorizer(_ context.Context, _ aws.Target, _, id string) (aws.APIAuthorizer, error) {
	for _, one := range r.apis[0].authorizers {
		if one.ID == id {
			return one, nil
		}
	}
	return aws.APIAuthorizer{ID: id}, nil
}

func (r region) APIStages(context.Context, aws.Target, string) ([]aws.APIStage, error) {
	return r.apis[0].stages, nil
}

func (r region) APIDomains(context.Context, aws.Target) ([]aws.APIDomain, error) {
	if r.unlisted {
		return nil, &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	}
	var out []aws.APIDomain
	for _, d := range r.domains {
		out = append(out, d.APIDomain)
	}
	return out, nil
}

func (r region) APIMappings(context.Context, aws.Target, string) ([]aws.APIMapping, error) {
	return r.domains[0].mappings, nil
}

func (r region) LoadBalancers(context.Context, aws.Target, aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	r.ask("LoadBalancers")
	return r.balanced.balancers, nil
}

func (r region) TargetGroups(context.Context, aws.Target, aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	return r.balanced.groups, nil
}

func (r region) Listeners(_ context.Context, _ aws.Target, balancer string) ([]aws.Listener, error) {
	return slices.DeleteFunc(slices.Clone(r.balanced.listeners), func(l aws.Listener) bool { return l.LoadBalancer != balancer }), nil
}

func (r region) TargetHealth(_ context.Context, _ aws.Target, group string) ([]aws.TargetHealth, error) {
	return slices.Clone(r.balanced.targets[group]), nil
}

func (r region) HostedZone(context.Context, aws.Target, string) (aws.HostedZone, error) {
	if r.zoneless {
		return aws.HostedZone{}, &commands.Error{Kind: commands.NotFound, Message: "No zone."}
	}
	return aws.HostedZone{ID: "Z1", Name: "example.com"}, nil
}

func (r region) Records(context.Context, aws.Target, string, string) ([]aws.Record, error) {
	var out []aws.Record
	for _, one := range r.balanced.records {
		out = append(out, one.Record)
	}
	return out, nil
}

func (r region) Stacks(context.Context, aws.Target) ([]aws.Stack, error) {
	r.ask("Stacks")
	return r.stacks, nil
}

func (r region) StackTemplate(context.Context, aws.Target, string) (string, error) {
	return r.body, nil
}

func (r region) Place(context.Context, aws.Target) aws.Place { return aws.Place{Region: "us-east-1"} }

func (r region) Network(context.Context, aws.Target, string) (aws.Network, error) {
	r.ask("Network")
	return r.network, nil
}

func (r region) Instances(_ context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	r.ask("Instances")
	var out []aws.Instance
	for _, i := range r.machines {
		if i.Tags[commands.RequestTag] == q.Tags[commands.RequestTag] {
			out = append(out, i)
		}
	}
	return out, nil
}

func lab() region {
	ours := map[string]string{commands.RequestTag: "R-42", "Name": `the "lab" ${x}`, "aws:other": "no"}
	return region{
		machines: []aws.Instance{
			{ID: "i-1", Name: "web", ImageID: "ami-1", Type: "t3.micro", SubnetID: "subnet-1", SecurityGroups: []aws.NamedID{{ID: "sg-1"}, {ID: "sg-9"}}, Tags: ours},
			{ID: "i-2", Name: "web", ImageID: "ami-1", Type: "t3.micro", SubnetID: "subnet-9", KeyName: "mykey", Tags: ours},
			{ID: "i-9", Name: "other", Tags: map[string]string{commands.RequestTag: "R-4"}},
		},
		network: aws.Network{
			VPCs:    []aws.VPC{{ID: "vpc-1", Name: "lab", CIDR: "10.20.0.0/16", Tags: ours}, {ID: "vpc-9", CIDR: "172.31.0.0/16"}},
			Subnets: []aws.Subnet{{ID: "subnet-1", Name: "lab-a", VPCID: "vpc-1", CIDR: "10.20.0.0/20", Zone: "us-east-1a", Public: true, Tags: ours}},
			Groups: []aws.SecurityGroup{{ID: "sg-1", Name: "lab", Description: "lab", VPCID: "vpc-1", Tags: ours, Ingress: []aws.Rule{
				{Protocol: "tcp", From: 443, To: 443, Peer: "10.0.0.0/8"}, {Protocol: "tcp", From: 443, To: 443, Peer: "2001:db8::/32"},
				{Protocol: "tcp", From: 443, To: 443, Peer: "192.0.2.0/24"}, {Protocol: "-1", Peer: "sg-1", Description: "inside"}, {Protocol: "icmp", Peer: "sg-9"},
			}}},
			Gateways: []aws.Gateway{{ID: "igw-1", Name: "lab", VPCID: "vpc-1", Tags: ours}},
			Tables: []aws.RouteTable{{ID: "rtb-1", Name: "lab", VPCID: "vpc-1", Tags: ours, Subnets: map[string]string{"subnet-1": "rtbassoc-1"}, Routes: []aws.Route{
				{Destination: "10.20.0.0/16", Target: "local"}, {Destination: "0.0.0.0/0", Target: "igw-1"}, {Destination: "10.9.0.0/16", Target: "pcx-1"},
			}}},
		},
	}
}

func exported(t *testing.T, line string) (commands.Report, error) {
	t.Helper()
	return exportedFrom(t, lab(), line)
}

func exportedFrom(t *testing.T, there region, line string) (commands.Report, error) {
	t.Helper()
	group := Commands(there, func(context.Context, int64) (Past, error) {
		return Past{Command: there.by, Line: "net up --name lab", Function: there.called.function.Name, Code: there.called.code, Source: there.called.source, Notice: there.notice}, nil
	})
	return commandstest.Run(t.Context(), t, group, &commands.Run{}, line)
}

func file(t *testing.T, r commands.Report, name string) string {
	t.Helper()
	for _, block := range r.Body {
		if f, ok := block.(commands.File); ok && f.Name == name {
			return unaligned(f.Content)
		}
	}
	t.Fatalf("no file %s in %+v", name, r)
	return ""
}

// loosened is a report as text, and unaligned a text of Terraform, with one space before each equals sign.
func loosened(r commands.Report) string { return unaligned(commands.RenderText(r)) }

func unaligned(text string) string {
	return regexp.MustCompile(`(?m)^( *(?:# +)?\S+) {2,}= `).ReplaceAllString(text, "$1 = ")
}

func TestTerraformIsWrittenAsItsOwnToolWritesIt(t *testing.T) {
	t.Parallel()
	const text = "resource \"a\" \"b\" {\n  port = 1\n  name_é = \"x = y\"\n\n  tags = {\n    \"a \\\" = \" = \"1\"\n    \"b\" = \"2\"\n  }\n  one = 1\n}\n"
	const want = "resource \"a\" \"b\" {\n  port   = 1\n  name_é = \"x = y\"\n\n  tags = {\n    \"a \\\" = \" = \"1\"\n    \"b\"       = \"2\"\n  }\n  one = 1\n}\n"
	if got := aligned(text); got != want {
		t.Errorf("%s", got)
	}
	if got := aligned("  a = 1\n  long = \"}\"\n  block {"); got != "  a    = 1\n  long = \"}\"\n  block {" {
		t.Errorf("%s", got)
	}
}

func TestTerraformImportsEverything(t *testing.T) {
	t.Parallel()
	report, err := exported(t, "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	for _, want := range []string{
		"user_data = data.aws_instance.web.user_data_base64", "data \"aws_instance\" \"web\" {", "get_user_data = true",
		"enable_dns_support = true\n  enable_dns_hostnames = true",
		"to = aws_vpc.lab\n  id = \"vpc-1\"", "vpc_id = aws_vpc.lab.id", "subnet_id = aws_subnet.lab_a.id", `subnet_id = "subnet-9"`,
		`vpc_security_group_ids = [aws_security_group.lab.id, "sg-9"]`, `cidr_blocks = ["10.0.0.0/8", "192.0.2.0/24"]`, `ipv6_cidr_blocks = ["2001:db8::/32"]`,
		"self = true", `security_groups = ["sg-9"]`, "from_port = -1", "gateway_id = aws_internet_gateway.lab.id", `id = "subnet-1/rtb-1"`,
		`"Name" = "the \"lab\" $${x}"`, "aws_instance.web\n", "aws_instance.web_2\n", `key_name = "mykey"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for _, never := range []string{"aws:", "i-9", "vpc-9", "pcx-1", "local"} {
		if strings.Contains(text, never) {
			t.Errorf("%q is in\n%s", never, text)
		}
	}
	whole(t, text, 8, 0)
	if words := loosened(report); !strings.Contains(words, "10.9.0.0/16 by pcx-1 is not written") {
		t.Error(words)
	}
}

// whole asks that every import has its resource, every resource its import, apart from loose ones, and that braces and quotes close.
func whole(t *testing.T, text string, wanted, loose int) {
	t.Helper()
	imports := regexp.MustCompile(`(?m)^  to = (\w+)\.(\w+)$`).FindAllStringSubmatch(text, -1)
	if len(imports) != wanted || strings.Count(text, "\nresource ") != len(imports)+loose {
		t.Errorf("%d imports, %d resources", len(imports), strings.Count(text, "\nresource "))
	}
	for _, i := range imports {
		if !strings.Contains(text, "resource \""+i[1]+"\" \""+i[2]+"\" {") {
			t.Errorf("%s.%s is imported and not there", i[1], i[2])
		}
	}
	for _, fault := range readProvider().faults(text) {
		t.Error(fault)
	}
	bare := regexp.MustCompile(`"(\\.|[^"\\])*"`).ReplaceAllString(text, "")
	if strings.Count(bare, "{") != strings.Count(bare, "}") || strings.Contains(bare, `"`) {
		t.Error("braces or quotes do not close")
	}
	for _, m := range regexp.MustCompile(`\b(aws_\w+)\.(\w+)\.`).FindAllStringSubmatch(bare, -1) {
		if !strings.Contains(text, "resource \""+m[1]+"\" \""+m[2]+"\" {") {
			t.Errorf("%s is referred to and not there", m[0])
		}
	}
}

// required are the properties that CloudFormation's documentation requires.
var required = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"AWS::EC2::Subnet": {"VpcId", "CidrBlock"}, "AWS::EC2::SecurityGroup": {"GroupDescription"}, "AWS::EC2::RouteTable": {"VpcId"}, "AWS::EC2::Route": {"RouteTableId"},
	"AWS::EC2::VPC": {"CidrBlock"}, "AWS::EC2::Instance": {"ImageId"}, "AWS::EC2::InternetGateway": nil, "AWS::EC2::VPCGatewayAttachment": {"VpcId", "InternetGatewayId"},
	"AWS::EC2::SubnetRouteTableAssociation": {"RouteTableId", "SubnetId"}, "AWS::ElasticLoadBalancingV2::LoadBalancer": nil, "AWS::ElasticLoadBalancingV2::TargetGroup": nil,
	"AWS::ElasticLoadBalancingV2::Listener": {"DefaultActions", "LoadBalancerArn", "Port", "Protocol"},
	"AWS::EC2::EIP":                         nil, "AWS::EC2::NatGateway": {"SubnetId", "AllocationId"}, "AWS::Lambda::Function": {"Code", "Role"}, "AWS::Lambda::Alias": {"FunctionName", "FunctionVersion", "Name"},
	"AWS::Lambda::Permission": {"Action", "FunctionName", "Principal"}, "AWS::Lambda::EventSourceMapping": {"FunctionName", "EventSourceArn"}, "AWS::SNS::Subscription": {"TopicArn", "Protocol", "Endpoint"}, "AWS::Events::Rule": {"Targets", "State"},
	"AWS::ApiGatewayV2::Api": {"Name", "ProtocolType"}, "AWS::ApiGatewayV2::Integration": {"ApiId", "IntegrationType"}, "AWS::ApiGatewayV2::Route": {"ApiId", "RouteKey"},
	"AWS::ApiGatewayV2::Authorizer": {"ApiId", "AuthorizerType", "Name"}, "AWS::ApiGatewayV2::Stage": {"ApiId", "StageName"},
	"AWS::ApiGatewayV2::DomainName": {"DomainName"}, "AWS::ApiGatewayV2::ApiMapping": {"ApiId", "DomainName", "Stage"},
	"AWS::IAM::Role": {"AssumeRolePolicyDocument"}, "AWS::DynamoDB::Table": {"KeySchema", "AttributeDefinitions"}, "AWS::Logs::LogGroup": nil,
}

func TestCloudFormationImportsEverything(t *testing.T) {
	t.Parallel()
	report, err := exported(t, "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 10)
	at := slices.IndexFunc(imports, func(i imported) bool { return i.ResourceType == "AWS::EC2::VPCGatewayAttachment" })
	if at < 0 || imports[at].ResourceIdentifier["AttachmentType"] != "IGW" || strings.Contains(text, "aws:other") {
		t.Error(text)
	}
}

// formation asks that a template and its imports are whole, and answers both.
func formation(t *testing.T, report commands.Report, wanted int) (imports []imported, text string) {
	t.Helper()
	var template struct {
		Resources  map[string]resource
		Parameters map[string]any
	}
	text = file(t, report, "r-42.template.json")
	if err := json.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(file(t, report, "r-42.import.json")), &imports); err != nil {
		t.Fatal(err)
	}
	if len(imports) != wanted || len(template.Resources) != len(imports) {
		t.Errorf("%d resources, %d imports\n%s", len(template.Resources), len(imports), text)
	}
	for _, i := range imports {
		r, there := template.Resources[i.LogicalResourceID]
		if !there || r.Type != i.ResourceType || r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" || len(i.ResourceIdentifier) == 0 {
			t.Errorf("%+v is %+v", i, r)
		}
		needs, known := required[r.Type]
		for _, property := range needs {
			if r.Properties[property] == nil {
				t.Errorf("%s has no %s", i.LogicalResourceID, property)
			}
		}
		if !known || !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(i.LogicalResourceID) {
			t.Errorf("%s of %s", i.LogicalResourceID, r.Type)
		}
	}
	for _, m := range regexp.MustCompile(`"Ref": "(\w+)"|"Fn::GetAtt": \[\s*"(\w+)"`).FindAllStringSubmatch(text, -1) {
		if name := m[1] + m[2]; template.Resources[name].Type == "" && template.Parameters[name] == nil {
			t.Errorf("%s is referred to and not there", name)
		}
	}
	return imports, text
}

func TestWhatAVPCDoesForNames(t *testing.T) {
	t.Parallel()
	there := region{network: aws.Network{VPCs: []aws.VPC{{ID: "vpc-1", CIDR: "10.0.0.0/16", Tags: map[string]string{commands.RequestTag: "R-42"}}}}}
	report, err := exportedFrom(t, there, "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	if _, text := formation(t, report, 1); !strings.Contains(text, `"EnableDnsHostnames": true`) || !strings.Contains(text, `"EnableDnsSupport": true`) {
		t.Error(text)
	}
	there.nameless = &commands.Error{Kind: commands.Denied, Message: "That is not allowed."}
	report, err = exportedFrom(t, there, "export R-42 --as terraform")
	if words := loosened(report); err != nil || strings.Contains(words, "enable_dns") || !strings.Contains(words, "Whether vpc-1 resolves names and gives them to machines is not written: That is not allowed.") {
		t.Error(words, err)
	}
}

func TestWhatIsNotExportedIsSaid(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"export R-7 --as terraform":  "carries deckhand:request=R-7 now",
		"export web --as terraform":  "looks like R-42",
		"export R-42 --as terrafrom": "terraform",
	} {
		if _, err := exported(t, line); err == nil || !strings.Contains(commands.Terminal().Render(err.Error()), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestWhatAnotherDeckhandsRequestOfTheSameNumberMadeIsNotExported(t *testing.T) {
	t.Parallel()
	tagged := func(owner string) map[string]string {
		return map[string]string{commands.RequestTag: "R-1", commands.OwnerTag: owner}
	}
	all := []aws.VPC{{ID: "vpc-1", Tags: tagged("U1")}, {ID: "vpc-2", Tags: tagged("U9")}, {ID: "vpc-3", Tags: tagged("")}, {ID: "vpc-4"}}
	ours, anybodys := all, all
	maker{"R-1", "U1"}.sift(&ours)
	if len(ours) != 2 || ours[0].ID != "vpc-1" || ours[1].ID != "vpc-3" || all[1].ID != "vpc-2" {
		t.Errorf("exported %v of %v", ours, all)
	}
	if maker.sift(maker{"R-1", ""}, &anybodys); len(anybodys) != 3 {
		t.Errorf("of nobody known: %v", anybodys)
	}
}
