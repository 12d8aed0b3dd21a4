package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Profile is what vm create takes where a line leaves it open. What is empty stays open.
type Profile struct {
	Name             string
	Env              string // the value of the tag env whose lines take it by themselves
	ImageID          string // or the name of a distribution
	InstanceType     string
	KeyName          string
	SecurityGroupIDs []string // ids or names
	SubnetID         string   // or its name
	PublicIP         *bool
	InstanceProfile  string // name or ARN
	VolumeSize       int    // of the root volume, in GiB
	UserDataTemplate string // a name of the templates
	Tags             map[string]string
}

type rawProfile struct {
	Line             int
	Name             text   `yaml:"name"`
	Env              text   `yaml:"env"`
	ImageID          text   `yaml:"image_id"`
	InstanceType     text   `yaml:"instance_type"`
	KeyName          text   `yaml:"key_name"`
	SecurityGroupIDs texts  `yaml:"security_group_ids"`
	SubnetID         text   `yaml:"subnet_id"`
	PublicIP         text   `yaml:"associate_public_ip_address"`
	InstanceProfile  text   `yaml:"iam_instance_profile"`
	VolumeSize       number `yaml:"volume_size"`
	UserDataTemplate text   `yaml:"user_data_template"`
	Tags             pairs  `yaml:"tags"`
}

// What launches take. A tag's key and value have what every service of AWS takes, but no comma and no equals sign in keys: a line that
// says them would read otherwise.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
var (
	machineImage  = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	machineType   = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	machineGroup  = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)
	machineSubnet = regexp.MustCompile(`^subnet-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

// What stands in values beside the letters and digits of all scripts, and how many characters they have at most. Regular expressions
// over all scripts take megabytes and ten milliseconds of every start.
const (
	plainSigns, longestPlain       = " ._:/@+=-", 255
	tagKeySigns, longestTagKey     = " _.:/@+-", 128
	tagValueSigns, longestTagValue = " ._:/@+=-", 256
)

// fits tells whether a value has letters, digits and these signs alone, and is not too long.
func fits(value, signs string, longest int) bool {
	return utf8.RuneCountInString(value) <= longest && strings.IndexFunc(value, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune(signs, r)
	}) < 0
}

// begins tells whether a value begins with a letter, a digit or one of these signs.
func begins(value, signs string) bool {
	first, _ := utf8.DecodeRuneInString(value)
	return value != "" && (unicode.IsLetter(first) || unicode.IsNumber(first) || strings.ContainsRune(signs, first))
}

const mostVolumeGiB = 65536 // the largest EBS volume

func (r *reader) profiles(raw []rawProfile, templates []rawTemplate) []Profile {
	var profiles []Profile
	names := unique{r: r, what: "profile"}
	envs := map[string]int{}
	for _, p := range raw {
		if names.check(p.Name, p.Line, "A profile's name") && p.Name.Value == "none" {
			r.problem(p.Name.Line, `A profile cannot be called "none".`, "That is how a line says that it takes no profile.")
		}
		r.plain(p.Env, "env")
		if first, twice := envs[p.Env.Value]; twice && p.Env.Value != "" {
			r.problem(p.Env.Line, fmt.Sprintf("The profile for env %s is here twice; it is also in line %d.", quoted(p.Env.Value), first), "Leave env out of one of them: lines take that one by its name.")
		} else {
			envs[p.Env.Value] = p.Env.Line
		}
		profiles = append(profiles, r.profile(p, templates))
	}
	return profiles
}

func (r *reader) profile(raw rawProfile, templates []rawTemplate) Profile {
	valid := Profile{
		Name: raw.Name.Value, Env: raw.Env.Value, ImageID: raw.ImageID.Value, InstanceType: raw.InstanceType.Value, KeyName: raw.KeyName.Value,
		SubnetID: raw.SubnetID.Value, InstanceProfile: raw.InstanceProfile.Value, UserDataTemplate: raw.UserDataTemplate.Value,
		Tags: r.tags(raw.Tags, raw.Env),
	}
	r.shaped(raw.ImageID, "image_id", "ami-", machineImage, "ami-0123456789abcdef0, or the name of a distribution such as ubuntu-24.04")
	r.shaped(raw.InstanceType, "instance_type", "", machineType, "t3.small")
	r.shaped(raw.SubnetID, "subnet_id", "subnet-", machineSubnet, "subnet-0123456789abcdef0, or a name")
	r.plain(raw.KeyName, "key_name")
	r.plain(raw.InstanceProfile, "iam_instance_profile")
	for _, group := range raw.SecurityGroupIDs.Items {
		r.shaped(group, "security_group_ids", "sg-", machineGroup, "sg-0123456789abcdef0, or a name")
		valid.SecurityGroupIDs = append(valid.SecurityGroupIDs, group.Value)
	}
	if raw.PublicIP.Line > 0 {
		public := r.truth(raw.PublicIP, "associate_public_ip_address")
		valid.PublicIP = &public
	}
	if raw.VolumeSize.Line > 0 {
		valid.VolumeSize = r.between(raw.VolumeSize, "volume_size", 1, mostVolumeGiB)
	}
	name := raw.UserDataTemplate
	if name.Value != "" && !slices.ContainsFunc(templates, func(t rawTemplate) bool { return t.Name.Value == name.Value }) {
		r.problem(name.Line, fmt.Sprintf("There is no template %s.", quoted(name.Value)), "Name one of those below templates.")
	}
	return valid
}

// shaped looks at an id: what begins as one has to be one, and anything else is a name.
func (r *reader) shaped(value text, key, begins string, shape *regexp.Regexp, example string) {
	if value.Value == "" || value.bad {
		return
	}
	if strings.HasPrefix(value.Value, begins) && !shape.MatchString(value.Value) {
		r.problem(value.Line, fmt.Sprintf("%s is %s, which nothing in EC2 is called.", key, quoted(value.Value)), "It looks like "+example+".")
		return
	}
	r.plain(value, key)
}

// plain refuses what a line could not say again.
func (r *reader) plain(value text, key string) {
	if value.Value != "" && !value.bad && (!begins(value.Value, "") || !fits(value.Value, plainSigns, longestPlain)) {
		r.problem(value.Line, fmt.Sprintf("%s is %s, which has characters that are not taken.", key, quoted(value.Value)), "It has letters, digits, spaces and . _ : / @ + = - and begins with a letter or a digit.")
	}
}

func (r *reader) tags(raw pairs, env text) map[string]string {
	valid := map[string]string{}
	for _, tag := range raw.Items {
		key := tag.Key.Value
		lower := strings.ToLower(key)
		switch {
		case tag.Key.bad || tag.Value.bad:
		case strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, "deckhand:"):
			r.problem(tag.Key.Line, fmt.Sprintf("The tag %s is one that AWS or deckhand writes itself.", quoted(key)), "Call it something else.")
		case !begins(key, "_") || !fits(key, tagKeySigns, longestTagKey) || lower == "key" || !fits(tag.Value.Value, tagValueSigns, longestTagValue):
			r.problem(tag.Key.Line, fmt.Sprintf("The tag %s is not taken.", quoted(key)), `Keys and values have letters, digits, spaces and . _ : / @ + - and no key is "Key".`)
		case key == "env" && env.Value != "":
			r.problem(tag.Key.Line, "The tag env is given twice: the profile's env is that tag.", "Leave it out of the tags.")
		}
		valid[key] = tag.Value.Value
	}
	return valid
}
