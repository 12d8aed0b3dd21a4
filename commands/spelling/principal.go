package spelling

import "strings"

// Principal tells whether a text is the ARN of one identity in AWS, a user of IAM or one session of a role, and answers how the sessions are called that it
// opens: as the user, or as the session, which is what the console does. A name that no session can have is no such identity.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html,
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func Principal(arn string) (session string, ok bool) {
	const fields, longest, account = 6, 64, 12
	parts := strings.SplitN(arn, ":", fields)
	if len(parts) < fields || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || !Fits(parts[1], longest, "a-z", "a-z-") || parts[3] != "" ||
		len(parts[4]) != account || !Fits(parts[4], account, "0-9", "0-9") {
		return "", false
	}
	path := strings.Split(parts[5], "/")
	switch {
	case parts[2] == "iam" && path[0] == "user" && len(path) > 1:
	case parts[2] == "sts" && path[0] == "assumed-role" && len(path) == 3:
	default:
		return "", false
	}
	const name = Alphanumeric + "_+=,.@-"
	for _, part := range path[1:] {
		if !Fits(part, 512, "!-~", "!-~") || strings.ContainsAny(part, `*?"\`) {
			return "", false
		}
	}
	session = path[len(path)-1]
	return session, len(session) > 1 && Fits(session, longest, name, name)
}
