package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func addIAM(table map[string]operation) {
	table["IAM.CreateRole"] = on(createRole)
	table["IAM.TagRole"] = on(tagRole)
	table["IAM.ListRoles"] = on(listRoles)
	table["IAM.GetRole"] = on(getRole)
	table["IAM.DeleteRole"] = on(deleteRole)
	table["IAM.PutRolePolicy"] = on(putRolePolicy)
	table["IAM.GetRolePolicy"] = on(getRolePolicy)
	table["IAM.UpdateAssumeRolePolicy"] = on(updateAssumeRolePolicy)
	table["IAM.DeleteRolePolicy"] = on(deleteRolePolicy)
	table["IAM.ListRolePolicies"] = on(listRolePolicies)
	table["IAM.SimulatePrincipalPolicy"] = on(simulatePrincipalPolicy)
	table["IAM.ListAttachedRolePolicies"] = on(listAttachedRolePolicies)
}

// role is an IAM role with the policies inside it.
type role struct {
	types.Role
	policies map[string]string
	madeAt   time.Time
}

// rolesOf answers an account's roles, which belong to no region. Every account begins with the role that AWS's own introduction to
// Lambda makes, and with one that people take on.
func (r *region) rolesOf() map[string]*role {
	if r.world.roles[r.account] == nil {
		put(&r.world.roles, r.account, map[string]*role{"admin": r.roleOfPeople("admin"), "lambda-ex": {
			Role: types.Role{
				RoleName: awssdk.String("lambda-ex"), Arn: awssdk.String("arn:aws:iam::" + r.account + ":role/lambda-ex"), Path: awssdk.String("/"),
				RoleId: awssdk.String("AROASANDBOXLAMBDAEX"), CreateDate: awssdk.Time(r.now()),
			},
			policies: map[string]string{"logs": `{"Action":["logs:*"]}`},
		}})
	}
	return r.world.roles[r.account]
}

// roleOfPeople is a role that one pipeline may take on, for up to two hours at once.
func (r *region) roleOfPeople(name string) *role {
	return &role{policies: map[string]string{}, Role: types.Role{
		RoleName: &name, Arn: awssdk.String("arn:aws:iam::" + r.account + ":role/" + name), Path: awssdk.String("/"),
		RoleId: awssdk.String("AROASANDBOX" + strings.ToUpper(name)), CreateDate: awssdk.Time(r.now()), MaxSessionDuration: awssdk.Int32(2 * 3600),
		AssumeRolePolicyDocument: awssdk.String(url.QueryEscape(`{"Version":"2012-10-17","Statement":{"Sid":"Pipeline","Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}}`)),
	}}
}

func noRole(name string) error {
	return refuse("NoSuchEntity", "The role with name "+name+" cannot be found.")
}

// assumable tells whether Lambda may take a role on: a role of this world not before some time after it was made, as with AWS.
func (r *region) assumable(arn string) bool {
	name := arn[strings.LastIndex(arn, "/")+1:]
	known := r.rolesOf()[name]
	return known == nil || !r.now().Before(known.madeAt.Add(2*r.world.options.Settle))
}

// encrypts tells whether KMS knows a role of this world, which it does later than Lambda.
func (r *region) encrypts(arn string) bool {
	known := r.rolesOf()[arn[strings.LastIndex(arn, "/")+1:]]
	return known == nil || !r.now().Before(known.madeAt.Add(3*r.world.options.Settle))
}

// mayCount tells whether a role of this world may write to tables; one that the world does not know may.
func (r *region) mayCount(arn string) bool {
	known := r.rolesOf()[arn[strings.LastIndex(arn, "/")+1:]]
	if known == nil {
		return true
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(known.policies)), func(p string) bool { return strings.Contains(p, "dynamodb:UpdateItem") })
}

func createRole(r *region, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	roles, name := r.rolesOf(), *in.RoleName
	if roles[name] != nil {
		return nil, refuse("EntityAlreadyExists", "Role with name "+name+" already exists.")
	}
	if len(name) > 64 {
		return nil, refuse("ValidationError", "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")
	}
	path := "/"
	if in.Path != nil {
		path = *in.Path
	}
	made := &role{madeAt: r.now(), policies: map[string]string{}, Role: types.Role{
		RoleName: &name, Arn: awssdk.String("arn:aws:iam::" + r.account + ":role" + path + name), Path: &path, Description: in.Description,
		AssumeRolePolicyDocument: awssdk.String(url.QueryEscape(*in.AssumeRolePolicyDocument)), CreateDate: awssdk.Time(r.now()), Tags: in.Tags,
		RoleId: awssdk.String("AROA" + strings.ToUpper(strings.TrimPrefix(r.world.id("role"), "role-0"))), MaxSessionDuration: awssdk.Int32(3600),
	}}
	roles[name] = made
	return &iam.CreateRoleOutput{Role: &made.Role}, nil
}

func tagRole(r *region, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	tags := slices.DeleteFunc(slices.Clone(known.Tags), func(t types.Tag) bool {
		return slices.ContainsFunc(in.Tags, func(n types.Tag) bool { return *n.Key == *t.Key })
	})
	known.Tags = append(tags, in.Tags...)
	return &iam.TagRoleOutput{}, nil
}

func (r *region) roleNamed(name string) (*role, error) {
	if known := r.rolesOf()[name]; known != nil {
		return known, nil
	}
	return nil, noRole(name)
}

func getRole(r *region, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	shown := known.Role
	return &iam.GetRoleOutput{Role: &shown}, nil
}

// listRoles answers roles without their tags, as AWS does.
func listRoles(r *region, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	var all []types.Role
	for _, name := range slices.Sorted(maps.Keys(r.rolesOf())) {
		shown := r.rolesOf()[name].Role
		if strings.HasPrefix(*shown.Path, awssdk.ToString(in.PathPrefix)) {
			shown.Tags = nil
			all = append(all, shown)
		}
	}
	part, next, err := page(all, in.Marker, orElse(in.MaxItems, 100))
	return &iam.ListRolesOutput{Roles: part, Marker: next, IsTruncated: next != nil}, err
}

func deleteRole(r *region, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	if len(known.policies) > 0 {
		return nil, refuse("DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	delete(r.rolesOf(), *in.RoleName)
	return &iam.DeleteRoleOutput{}, nil
}

func putRolePolicy(r *region, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	known.policies[*in.PolicyName] = *in.PolicyDocument
	return &iam.PutRolePolicyOutput{}, nil
}

// longestTrust is the quota of characters of a trust policy, white space aside.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const longestTrust = 2048

func updateAssumeRolePolicy(r *region, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	var document struct {
		Version   string
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(*in.PolicyDocument), &document) != nil || len(document.Statement) == 0 {
		return nil, refuse("MalformedPolicyDocument", "This policy contains invalid Json")
	}
	if len(strings.Join(strings.Fields(*in.PolicyDocument), "")) > longestTrust {
		return nil, refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	}
	known.AssumeRolePolicyDocument = awssdk.String(url.QueryEscape(*in.PolicyDocument))
	return &iam.UpdateAssumeRolePolicyOutput{}, nil
}

// simulatePrincipalPolicy allows everything: the pretend account's own user may do whatever it likes.
func simulatePrincipalPolicy(_ *region, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		out.EvaluationResults = append(out.EvaluationResults, types.EvaluationResult{
			EvalActionName: awssdk.String(action), EvalDecision: types.PolicyEvaluationDecisionTypeAllowed,
		})
	}
	return out, nil
}

func getRolePolicy(r *region, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	document, ok := known.policies[*in.PolicyName]
	if !ok {
		return nil, refuse("NoSuchEntity", "The role policy with name "+*in.PolicyName+" cannot be found.")
	}
	return &iam.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: awssdk.String(url.QueryEscape(document))}, nil
}

func deleteRolePolicy(r *region, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := known.policies[*in.PolicyName]; !ok {
		return nil, refuse("NoSuchEntity", "The role policy with name "+*in.PolicyName+" cannot be found.")
	}
	delete(known.policies, *in.PolicyName)
	return &iam.DeleteRolePolicyOutput{}, nil
}

func listRolePolicies(r *region, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	known, err := r.roleNamed(*in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: slices.Sorted(maps.Keys(known.policies))}, nil
}

// listAttachedRolePolicies knows of none: the sandbox has no managed policies.
func listAttachedRolePolicies(r *region, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	_, err := r.roleNamed(*in.RoleName)
	return &iam.ListAttachedRolePoliciesOutput{}, err
}

// copied makes an answer out of a value that has the members of the answer under the same names.
func copied[Out, In any](in In) *Out {
	var out Out
	from, into := reflect.ValueOf(in), reflect.ValueOf(&out).Elem()
	for i := range from.NumField() {
		field := from.Type().Field(i)
		if target := into.FieldByName(field.Name); field.IsExported() && target.IsValid() && target.Type() == field.Type {
			target.Set(from.Field(i))
		}
	}
	return &out
}

func hexOf(raw []byte) string { return hex.EncodeToString(raw) }

// matchesARN compares an ARN with a pattern of a policy.
func matchesARN(pattern, arn string) bool { return aws.Wildcard(pattern, arn) }
