package vm

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// Limits of a launch that are known without asking AWS.
const (
	mostPerLaunch = 20    // ours: a slip of the finger costs no more
	mostVolumeGiB = 65536 // the largest EBS volume
	ownTags       = 2     // that deckhand adds to an instance's
)

var (
	imageID           = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	imageInSSM        = regexp.MustCompile(`^resolve:ssm:[A-Za-z0-9_.\-/:]+$`)
	instanceTypeShape = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	securityGroup     = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)
	subnetID          = regexp.MustCompile(`^subnet-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

// launch reads the arguments. The launch is only good where there are no problems; its token and deckhand's own tags
// are not in it yet.
func (c *Create) launch() (aws.Launch, commands.Problems) {
	var wrong commands.Problems
	complain := func(message, hint string) { wrong = append(wrong, *commands.Misuse(message, hint)) }
	c.checkShapes(complain)
	least, most := readCount(c.Count, complain)
	if most > 1 && c.PrivateIP != "" {
		complain("--private-ip-address gives one address, and --count asks for "+count(most)+".", "Launch one instance, or leave the address out.")
	}
	script, more := c.Script(c.templates)
	wrong = append(wrong, more...)
	tags, more := c.tags()
	wrong = append(wrong, more...)
	return aws.Launch{
		ImageID: c.ImageID, MinCount: least, MaxCount: most, InstanceType: c.InstanceType, KeyName: c.KeyName,
		SecurityGroups: c.SecurityGroupIDs, Subnet: c.SubnetID, PublicIP: c.AssociatePublicIPAddress, PrivateIP: c.PrivateIP,
		UserData: script, InstanceProfile: profile(c.IAMInstanceProfile), RootVolumeGiB: c.VolumeSize,
		TerminationProtection: c.DisableAPITermination, Tags: tags,
	}, wrong
}

func isIPv4(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && ip.Is4()
}

// checkShapes looks at each argument by itself.
func (c *Create) checkShapes(complain func(message, hint string)) {
	for _, wrong := range MachineProblems(c.ImageID, c.InstanceType) {
		complain(wrong.Message, wrong.Hint)
	}
	for _, group := range c.SecurityGroupIDs {
		if strings.HasPrefix(group, "sg-") && !securityGroup.MatchString(group) {
			complain(commands.Mono(group)+" is not a security group's id.", "They look like "+commands.Mono("sg-0123456789abcdef0")+"; a name does as well.")
		}
	}
	if strings.HasPrefix(c.SubnetID, "subnet-") && !subnetID.MatchString(c.SubnetID) {
		complain(commands.Mono(c.SubnetID)+" is not a subnet's id.", "They look like "+commands.Mono("subnet-0123456789abcdef0")+"; a name does as well.")
	}
	if c.PrivateIP != "" && !isIPv4(c.PrivateIP) {
		complain(commands.Mono(c.PrivateIP)+" is not an IPv4 address.", "Addresses look like "+commands.Mono("10.0.0.12")+".")
	}
	if c.VolumeSize < 0 || c.VolumeSize > mostVolumeGiB {
		complain(fmt.Sprintf("--volume-size %d is out of range.", c.VolumeSize), fmt.Sprintf("It is in GiB, 1 to %d.", mostVolumeGiB))
	}
}

// readCount reads "2", or "1:3" for at least one and at most three.
func readCount(text string, complain func(message, hint string)) (least, most int) {
	low, high, ranged := strings.Cut(text, ":")
	if !ranged {
		high = low
	}
	least, errLow := strconv.Atoi(low)
	most, errHigh := strconv.Atoi(high)
	switch {
	case errLow != nil || errHigh != nil || least < 1 || most < least:
		complain("--count "+commands.Mono(commands.OrNone(text))+" is no count.", "It is a number such as 2, or MIN:MAX such as 1:3.")
	case most > mostPerLaunch:
		complain(fmt.Sprintf("--count asks for %d instances, and one line launches at most %d.", most, mostPerLaunch), "Send several lines if all of them are meant.")
	}
	return least, most
}

// profile reads what the AWS CLI takes, Name=web or Arn=arn:..., and the plain name or ARN.
func profile(text string) string {
	for _, key := range []string{"Name=", "Arn="} {
		if value, ok := strings.CutPrefix(text, key); ok {
			return value
		}
	}
	return text
}

// insteadOfLaunchFlags says how deckhand does what flags of run-instances do that it does not take.
func insteadOfLaunchFlags() map[string]string {
	return map[string]string{
		"block-device-mappings":                "The size of the root volume is " + commands.Mono("--volume-size 20") + ", and it is encrypted.",
		"client-token":                         "The request itself is the token, so that one line launches once.",
		"credit-specification":                 "T instances have the account's default credits.",
		"instance-initiated-shutdown-behavior": "A shut down instance is stopped, and can be started again; " + commands.Mono("--ttl") + " gives it an end.",
		"monitoring":                           "It has AWS's basic monitoring, of five minutes; " + commands.Mono("vm metrics") + " shows it.",
		"ebs-optimized":                        "Today's instance types are so by themselves.",
		"metadata-options":                     "Tokens (IMDSv2) are required by themselves.",
		"network-interfaces":                   "Say " + commands.Mono("--subnet-id") + ", " + commands.Mono("--security-group-ids") + " and " + commands.Mono("--associate-public-ip-address") + "; deckhand writes the interface.",
		"placement":                            "The subnet decides the zone: " + commands.Mono("--subnet-id") + ".",
		"secondary-private-ip-address-count":   "Each instance has one private address.",
	}
}

// tags gathers the tags from all the flags that give some. The same key with two values is a problem.
func (c *Create) tags() (map[string]string, commands.Problems) {
	all := map[string]string{}
	var wrong commands.Problems
	add := func(key, value string) {
		if other, ok := all[key]; ok && other != value {
			wrong = append(wrong, *commands.Misuse(fmt.Sprintf("The tag %s is given as %s and as %s.", commands.Mono(key), commands.Mono(other), commands.Mono(value)), "Say it once."))
		}
		all[key] = value
	}
	merge := func(some map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(some)) {
			add(key, some[key])
		}
	}
	if c.Name != "" {
		add("Name", c.Name)
	}
	if c.Env != "" {
		add("env", c.Env)
	}
	merge(c.Tag)
	for _, raw := range c.Tags {
		key, value, err := readTag(raw)
		if err != nil {
			wrong = append(wrong, *commands.Words(err))
			continue
		}
		add(key, value)
	}
	for _, raw := range commands.JSONElements(c.TagSpecifications) {
		kind, some, err := commands.ParseTagSpecification(raw)
		switch {
		case err != nil:
			wrong = append(wrong, *commands.Words(err))
		case kind != "instance":
			wrong = append(wrong, *commands.Misuse("--tag-specifications has tags for "+commands.Mono(kind)+", and deckhand takes tags for the instance alone.", "Leave that part out: the root volume gets the instance's tags."))
		default:
			merge(some)
		}
	}
	return all, append(wrong, commands.TagProblems(all, ownTags)...)
}

// readTag reads "Key=env,Value=dev".
func readTag(raw string) (key, value string, err error) {
	tag, err := commands.ParseShorthand(raw)
	if err != nil {
		return "", "", err
	}
	if len(tag["Key"]) != 1 || len(tag) > 2 || len(tag) == 2 && tag["Value"] == nil {
		return "", "", commands.Misuse(commands.Mono(raw)+" is no tag.", "Tags look like "+commands.Mono("Key=env,Value=dev")+", or "+commands.Mono("--tag env=dev")+".")
	}
	return tag["Key"][0], strings.Join(tag["Value"], ","), nil
}
