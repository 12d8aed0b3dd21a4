package export

import (
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

var (
	role      = kind{"aws_iam_role", "AWS::IAM::Role", "RoleName", asList}                        //nolint:gochecknoglobals // a constant
	inline    = kind{"aws_iam_role_policy", "", "", untagged /* a template has it in the role */} //nolint:gochecknoglobals // a constant
	attached  = kind{"aws_iam_role_policy_attachment", "", "", untagged /* and this */}           //nolint:gochecknoglobals // a constant
	itemTable = kind{"aws_dynamodb_table", "AWS::DynamoDB::Table", "TableName", asList}           //nolint:gochecknoglobals // a constant
	logGroup  = kind{"aws_cloudwatch_log_group", "AWS::Logs::LogGroup", "LogGroupName", asList}   //nolint:gochecknoglobals // a constant
)

// Belongings are what is made beside functions and APIs.
type Belongings interface {
	RoleText(ctx context.Context, t aws.Target, name string) (aws.RoleText, error)
	Table(ctx context.Context, t aws.Target, name string) (aws.CountTable, error)
	TableCare(ctx context.Context, t aws.Target, name string) (aws.TableCare, error)
	// BucketNotices answers the notifications of a bucket that invoke functions, and how many others it has.
	BucketNotices(ctx context.Context, t aws.Target, bucket string) (triggers []aws.BucketTrigger, others int, err error)
	// Subscriptions answers those of a topic that invoke a function.
	Subscriptions(ctx context.Context, t aws.Target, topicARN, functionARN string) ([]aws.Subscription, error)
	LogGroup(ctx context.Context, t aws.Target, name string) (aws.LogGroup, error)
}

// countTable is the variable by which the example knows its table.
const countTable = "COUNT_TABLE"

// owned are the role and the table that a request made for its function; empty where it made none.
type owned struct {
	role  aws.RoleText
	table aws.CountTable
	care  aws.TableCare
}

// belonging looks at the role that a function runs with, and at the table that it counts in. Where one cannot be read, that is a note.
func (c *Export) belonging(ctx context.Context, t aws.Target, by maker, f *called) error {
	unread := func(what string, err error) {
		if commands.Words(err).Kind != commands.NotFound {
			f.words = append(f.words, "The "+what+" is not written: "+commands.Words(err).Message)
		}
	}
	if name := f.function.Role[strings.LastIndexByte(f.function.Role, '/')+1:]; name != "" {
		switch read, err := c.cloud.RoleText(ctx, t, name); {
		case err != nil:
			unread("role "+name, err)
		case by.keeps(read.Tags):
			f.role = read
		}
	}
	if name := f.function.Environment[countTable]; name != "" {
		switch read, err := c.cloud.Table(ctx, t, name); {
		case err != nil:
			unread("table "+name, err)
		case !by.keeps(read.Tags):
		case !read.Plain:
			f.words = append(f.words, "The table "+name+" is not written: its keys, indexes, billing or stream are not as they were made.")
		default:
			f.table = read
			care, err := c.cloud.TableCare(ctx, t, name)
			if f.care = care; err != nil {
				f.words = append(f.words, "The backups and the items' time to live of the table "+name+" are not written: "+commands.Words(err).Message)
			}
		}
	}
	return ctx.Err()
}

// things adds both, before the function that names them.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
func (o owned) things(add adding) {
	if r := o.role; r.Name != "" {
		var policies listed
		for _, name := range slices.Sorted(maps.Keys(r.Policies)) {
			policies = append(policies, nested{{"", "PolicyName", name}, {"", "PolicyDocument", document(r.Policies[name])}})
		}
		add(role, r.ARN, r.Name, r.Tags, attr{"name", "RoleName", r.Name}, attr{"path", "Path", r.Path}, attr{"description", "Description", r.Description},
			attr{"assume_role_policy", "AssumeRolePolicyDocument", document(r.Trust)}, attr{"max_session_duration", "MaxSessionDuration", r.SessionSeconds},
			attr{"permissions_boundary", "PermissionsBoundary", r.Boundary}, attr{"", "ManagedPolicyArns", texts(r.Managed)},
			attr{"", "Policies", policies}).identified(r.Name, map[string]string{"RoleName": r.Name})
		whose := attr{"role", "", part{ref(r.ARN), "name", "", r.Name}}
		for _, name := range slices.Sorted(maps.Keys(r.Policies)) {
			add(inline, r.Name+":"+name, r.Name+"-"+name, nil, attr{"name", "", name}, whose, attr{"policy", "", document(r.Policies[name])})
		}
		for _, arn := range r.Managed {
			add(attached, r.Name+"/"+arn, r.Name+"-"+arn[strings.LastIndexByte(arn, '/')+1:], nil, whose, attr{"policy_arn", "", arn})
		}
	}
	if t := o.table; t.Name != "" {
		add(itemTable, t.ARN, t.Name, t.Tags, attr{"name", "TableName", t.Name}, attr{"billing_mode", "BillingMode", "PAY_PER_REQUEST"}, attr{"hash_key", "", "id"},
			attr{"attribute", "AttributeDefinitions", listed{{{"name", "AttributeName", "id"}, {"type", "AttributeType", "S"}}}},
			attr{"", "KeySchema", listed{{{"", "AttributeName", "id"}, {"", "KeyType", "HASH"}}}}, attr{"table_class", "TableClass", t.Class},
			attr{"deletion_protection_enabled", "DeletionProtectionEnabled", t.Protected}, o.recovery(), o.expiry(), o.encryption()).identified(t.Name, map[string]string{"TableName": t.Name})
	}
}

// What a table has of its own is written where it is on: off is what both languages take where nothing is said.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html

// longestRecovery is how many days recovery reaches back where nothing else is said.
const longestRecovery = 35

func (o owned) recovery() attr {
	if !o.care.Backups {
		return attr{}
	}
	days := o.care.Days
	if days == longestRecovery {
		days = 0 // as nothing said
	}
	return attr{"point_in_time_recovery", "PointInTimeRecoverySpecification", nested{
		{"enabled", "PointInTimeRecoveryEnabled", true}, {"recovery_period_in_days", "RecoveryPeriodInDays", days},
	}}
}

func (o owned) expiry() attr {
	if o.care.Expires == "" {
		return attr{}
	}
	return attr{"ttl", "TimeToLiveSpecification", nested{{"enabled", "Enabled", true}, {"attribute_name", "AttributeName", o.care.Expires}}}
}

func (o owned) encryption() attr {
	if o.table.Key == "" {
		return attr{}
	}
	return attr{"server_side_encryption", "SSESpecification", nested{
		{"enabled", "SSEEnabled", true}, {"kms_key_arn", "KMSMasterKeyId", o.table.Key}, {"", "SSEType", "KMS"},
	}}
}

// capability is what CloudFormation wants to be told where a template holds a role with a name.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
func (o owned) capability() string {
	if o.role.Name == "" {
		return ""
	}
	return " --capabilities CAPABILITY_NAMED_IAM"
}

// notes tell what is written in part.
func (o owned) notes() []string {
	if o.table.Name == "" {
		return nil
	}
	return []string{"Of the table " + o.table.Name + " its throughput limits, resource policy and scaling are not written, and its items stay where they are."}
}

// logging adds the log groups of an API's stages that the request made. Where one cannot be read, that is a note.
func (c *Export) logging(ctx context.Context, t aws.Target, by maker, a *api) {
	for _, s := range a.stages {
		name := groupName(s.LogGroup)
		if name == "" {
			continue
		}
		read, err := c.cloud.LogGroup(ctx, t, name)
		switch {
		case err != nil:
			a.words = append(a.words, "The log group "+name+" is not written: "+commands.Words(err).Message)
		case !by.keeps(read.Tags):
			a.words = append(a.words, "The log group "+name+" is referred to and stays as it is.")
		default:
			a.groups = append(a.groups, read)
		}
	}
}

// groupName reads arn:aws:logs:REGION:ACCOUNT:log-group:NAME, with or without its last colon and star.
func groupName(arn string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(arn, ":*"), ":log-group:")
	return name
}

// groupThings adds log groups.
func groupThings(groups []aws.LogGroup, add adding) {
	for _, g := range groups {
		add(logGroup, g.ARN, strings.Trim(g.Name, "/"), g.Tags, attr{"name", "LogGroupName", g.Name}, attr{"retention_in_days", "RetentionInDays", g.Days},
			attr{"kms_key_id", "KmsKeyId", g.Key}, attr{"log_group_class", "LogGroupClass", g.Class}).identified(g.Name, map[string]string{"LogGroupName": g.Name})
	}
}

// destination is where a stage writes its log. A template's ARN of a log group ends in a star, so its name is put behind what the ARN begins with.
func destination(arn string) []attr {
	if arn == "" {
		return nil
	}
	bare := strings.TrimSuffix(arn, ":*")
	name := groupName(arn)
	return []attr{
		{"destination_arn", "", part{ref(bare), "arn", "", arn}},
		{"", "DestinationArn", prefixed{strings.TrimSuffix(bare, name), part{ref(bare), "", "", name}}},
	}
}
