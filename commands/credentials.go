package commands

import (
	"fmt"
	"slices"
	"strings"
)

// revealing are the operations of AWS whose answer is a credential, or what a credential protects, as the AWS CLI spells them, with
// the IAM action behind each; "" where there is none of its own.
// Sources: the actions that AWS denies to the commands of its own bot for chats,
// https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html, and what each operation's page in
// https://docs.aws.amazon.com/cli/latest/reference/ says that it answers.
var revealing = map[string]string{ //nolint:gochecknoglobals // a constant table
	"appsync create-api-key":                                 "appsync:CreateApiKey",
	"appsync list-api-keys":                                  "appsync:ListApiKeys",
	"codeartifact get-authorization-token":                   "codeartifact:GetAuthorizationToken",
	"codeartifact login":                                     "codeartifact:GetAuthorizationToken",
	"cognito-identity get-credentials-for-identity":          "cognito-identity:GetCredentialsForIdentity",
	"cognito-identity get-open-id-token":                     "cognito-identity:GetOpenIdToken",
	"cognito-idp admin-initiate-auth":                        "cognito-idp:AdminInitiateAuth",
	"cognito-idp describe-user-pool-client":                  "cognito-idp:DescribeUserPoolClient",
	"cognito-idp get-signing-certificate":                    "cognito-idp:GetSigningCertificate",
	"cognito-idp initiate-auth":                              "cognito-idp:InitiateAuth",
	"configure export-credentials":                           "",
	"connect get-federation-token":                           "connect:GetFederationToken",
	"ec2 create-key-pair":                                    "ec2:CreateKeyPair",
	"ec2 get-password-data":                                  "ec2:GetPasswordData",
	"ecr get-authorization-token":                            "ecr:GetAuthorizationToken",
	"ecr get-login":                                          "ecr:GetAuthorizationToken",
	"ecr get-login-password":                                 "ecr:GetAuthorizationToken",
	"ecr-public get-authorization-token":                     "ecr-public:GetAuthorizationToken",
	"ecr-public get-login-password":                          "ecr-public:GetAuthorizationToken",
	"eks get-token":                                          "",
	"gamelift get-instance-access":                           "gamelift:GetInstanceAccess",
	"gamelift request-upload-credentials":                    "gamelift:RequestUploadCredentials",
	"iam create-access-key":                                  "iam:CreateAccessKey",
	"iam create-login-profile":                               "iam:CreateLoginProfile",
	"iam create-service-specific-credential":                 "iam:CreateServiceSpecificCredential",
	"iam reset-service-specific-credential":                  "iam:ResetServiceSpecificCredential",
	"iam update-login-profile":                               "iam:UpdateLoginProfile",
	"iot create-keys-and-certificate":                        "iot:CreateKeysAndCertificate",
	"iot create-provisioning-claim":                          "iot:CreateProvisioningClaim",
	"kms decrypt":                                            "kms:Decrypt",
	"kms generate-data-key":                                  "kms:GenerateDataKey",
	"kms generate-data-key-pair":                             "kms:GenerateDataKeyPair",
	"lightsail create-bucket-access-key":                     "lightsail:CreateBucketAccessKey",
	"lightsail create-key-pair":                              "lightsail:CreateKeyPair",
	"lightsail download-default-key-pair":                    "lightsail:DownloadDefaultKeyPair",
	"lightsail get-instance-access-details":                  "lightsail:GetInstanceAccessDetails",
	"lightsail get-relational-database-master-user-password": "lightsail:GetRelationalDatabaseMasterUserPassword",
	"rds generate-db-auth-token":                             "rds-db:connect",
	"redshift get-cluster-credentials":                       "redshift:GetClusterCredentials",
	"redshift get-cluster-credentials-with-iam":              "redshift:GetClusterCredentialsWithIAM",
	"redshift-serverless get-credentials":                    "redshift-serverless:GetCredentials",
	"secretsmanager batch-get-secret-value":                  "secretsmanager:BatchGetSecretValue",
	"secretsmanager get-random-password":                     "secretsmanager:GetRandomPassword",
	"secretsmanager get-secret-value":                        "secretsmanager:GetSecretValue",
	"snowball get-job-unlock-code":                           "snowball:GetJobUnlockCode",
	"ssm get-parameter":                                      "ssm:GetParameter",
	"ssm get-parameter-history":                              "ssm:GetParameterHistory",
	"ssm get-parameters":                                     "ssm:GetParameters",
	"ssm get-parameters-by-path":                             "ssm:GetParametersByPath",
	"sso get-role-credentials":                               "",
	"sso-oidc create-token":                                  "",
	"storagegateway describe-chap-credentials":               "storagegateway:DescribeChapCredentials",
	"sts assume-role":                                        "sts:AssumeRole",
	"sts assume-role-with-saml":                              "sts:AssumeRoleWithSAML",
	"sts assume-role-with-web-identity":                      "sts:AssumeRoleWithWebIdentity",
	"sts assume-root":                                        "sts:AssumeRoot",
	"sts get-federation-token":                               "sts:GetFederationToken",
	"sts get-session-token":                                  "sts:GetSessionToken",
}

// publicParameters is the one right of the table that a command may need: the ids of AWS's own images are parameters that everybody
// may read, and which are not shown but used.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
const publicParameters = "ssm:GetParameter"

// revealsNothing answers an error where a command asks for what would show a credential, or is named as such an operation.
func revealsNothing(command Command) error {
	for spelling, action := range revealing {
		if command.Name == spelling || slices.Contains(command.Aliases, spelling) {
			return fmt.Errorf("%s would show a credential", spelling)
		}
		if action != publicParameters && slices.Contains(command.Rights, action) {
			return fmt.Errorf("it needs %s, which would show a credential", action)
		}
	}
	return nil
}

// refuseRevealing answers a refusal where two words of a line that is no command name such an operation, wherever they stand: the
// AWS CLI takes its own flags before them.
func refuseRevealing(words []Word) error {
	for i := range len(words) - 1 {
		spelling := strings.ToLower(words[i].Text + " " + words[i+1].Text)
		if _, there := revealing[spelling]; there {
			return &Error{
				Kind:    Denied,
				Message: Mono(spelling) + " would show a credential in a chat, so deckhand has no such command, whatever the policy says.",
				Hint:    "Next step: run it in your own terminal.",
			}
		}
	}
	return nil
}
