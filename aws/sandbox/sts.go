package sandbox

import (
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func addSTS(table map[string]operation) {
	table["STS.GetCallerIdentity"] = on(getCallerIdentity)
	table["STS.AssumeRole"] = on(assumeRole)
}

func getCallerIdentity(r *region, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: awssdk.String(r.account),
		Arn:     awssdk.String("arn:aws:iam::" + r.account + ":user/sandbox"),
		UserId:  awssdk.String("AIDASANDBOX"),
	}, nil
}

// assumeRole lets everybody into every account: the account of the role's ARN is where the new credentials act.
func assumeRole(r *region, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	parts := strings.SplitN(awssdk.ToString(in.RoleArn), ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return nil, refuse("ValidationError", awssdk.ToString(in.RoleArn)+" is invalid")
	}
	name := strings.TrimPrefix(parts[5], "role/")
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{
			Arn:           awssdk.String("arn:aws:sts::" + parts[4] + ":assumed-role/" + name + "/" + awssdk.ToString(in.RoleSessionName)),
			AssumedRoleId: awssdk.String("AROASANDBOX:" + awssdk.ToString(in.RoleSessionName)),
		},
		Credentials: &types.Credentials{
			AccessKeyId: awssdk.String(accessKey(parts[4])), SecretAccessKey: awssdk.String("sandbox"),
			SessionToken: awssdk.String("sandbox"), Expiration: awssdk.Time(r.now().Add(time.Hour)),
		},
	}, nil
}
