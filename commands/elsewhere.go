package commands

import "strings"

// Elsewhere tells who else keeps a resource as it is, by its tags: "the CloudFormation stack shop", "Terraform"; "" where nobody is known to.
// CloudFormation writes its own tags; the others are those that people's configurations commonly write.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
func (r Resource) Elsewhere() string {
	if stack := r.Tags["aws:cloudformation:stack-name"]; stack != "" { // an application's own stack has no such tag itself
		return "the CloudFormation stack " + Mono(stack)
	}
	for key, value := range r.Tags {
		plain := strings.NewReplacer("-", "", "_", "", ":", "", " ", "").Replace(strings.ToLower(key))
		switch {
		case plain == "terraform" && !strings.EqualFold(value, "false"), plain == "managedby" && strings.Contains(strings.ToLower(value), "terraform"),
			strings.HasPrefix(plain, "tfworkspace"), strings.HasPrefix(plain, "terraformworkspace"):
			return "Terraform"
		case plain == "managedby" && strings.Contains(strings.ToLower(value), "pulumi"):
			return "Pulumi"
		}
	}
	return ""
}

// Warn answers one sentence on the resources of a scope that somebody else keeps, "" where there are none.
func (s Scope) Warn() string {
	var words []string
	for _, r := range s.Resources {
		if owner := r.Elsewhere(); owner != "" && !strings.Contains(r.ID, " ") { // what the line itself makes is a "new instance" so far
			name := Mono(r.ID)
			if r.Name != "" {
				name = Unmarked(r.Name) + " (" + name + ")"
			}
			words = append(words, name+" belongs to "+owner)
		}
	}
	if len(words) == 0 {
		return ""
	}
	const few = 5
	if len(words) > few {
		words = append(words[:few], Count(len(words)-few, "other thing")+" too")
	}
	return Strong("Kept elsewhere.") + " " + And(words) + ". What is changed here may be put back there, or make its next change fail."
}
