package vm

import (
	"slices"
	"strings"

	"deckhand/commands"
)

// Profile is what vm create takes where a line leaves it open.
type Profile struct {
	Name    string
	Env     string // lines with this tag env take it by themselves; "": only lines that name it do
	Presets []commands.Preset
}

// noProfile is the name that stands for none. No profile has it.
const noProfile = "none"

// Fill takes what the profile gives and the line does not.
func (c *Create) Fill(given func(flag string) bool) ([]commands.Preset, error) {
	tags, _ := c.tags() // what is wrong with them is told by Validate
	p, err := c.chosen(tags["env"])
	if err != nil {
		return nil, err
	}
	for _, preset := range p.Presets {
		said := given(preset.Flag)
		switch preset.Flag {
		case "env":
			_, said = tags["env"]
		case "tag":
			key, _, _ := strings.Cut(preset.Value, "=")
			_, said = tags[key]
		case "user-data-template":
			said = said || given("user-data")
		}
		if !said {
			c.Filled = append(c.Filled, preset)
		}
	}
	c.From = p.Name
	return c.Filled, nil
}

// chosen answers the profile that the line names, or else the one for its environment, and the zero Profile where there is none.
func (c *Create) chosen(env string) (Profile, error) {
	at := slices.IndexFunc(c.profiles, func(p Profile) bool {
		return p.Name == c.Profile || c.Profile == "" && p.Env == env && env != ""
	})
	switch {
	case at >= 0:
		return c.profiles[at], nil
	case c.Profile == "" || c.Profile == noProfile:
		return Profile{}, nil
	}
	names := make([]string, len(c.profiles))
	for i, p := range c.profiles {
		names[i] = p.Name
	}
	hint := "The configuration has no profiles; an AWS account is named with " + commands.Mono("--account") + "."
	if len(names) > 0 {
		hint = "There are " + commands.And(names) + "; an AWS account is named with " + commands.Mono("--account") + "."
		if near := commands.Nearest(c.Profile, names); len(near) > 0 {
			hint = "Did you mean " + commands.Mono(near[0]) + "?"
		}
	}
	return Profile{}, commands.Misuse("There is no profile "+commands.Mono(c.Profile)+".", hint)
}

// fromProfile marks the fields of a plan whose values the profile gave.
func (c *Create) fromProfile(fields []commands.Field) {
	names := map[string]string{
		"image-id": "Image", "instance-type": "Type", "key-name": "Key pair", "security-group-ids": "Security groups", "subnet-id": "Subnet",
		"associate-public-ip-address": "Public address", "iam-instance-profile": "Instance profile", "volume-size": "Root volume",
		"user-data-template": "User data",
	}
	var tags []string
	marks := map[string]string{}
	for _, preset := range c.Filled {
		switch name, key := names[preset.Flag], preset.Flag; {
		case name != "":
			marks[name] = ", from the profile " + c.From
		default:
			if preset.Flag == "tag" {
				key, _, _ = strings.Cut(preset.Value, "=")
			}
			tags = append(tags, key)
		}
	}
	if len(tags) > 0 {
		marks["Tags"] = "; " + commands.And(tags) + " from the profile " + c.From
	}
	for i := range fields {
		fields[i].Value += marks[fields[i].Name]
	}
}

// profileWords tells what the profile gave, as a line would say it; "" where it gave nothing.
func (c *Create) profileWords() string {
	var flags strings.Builder
	for _, preset := range c.Filled {
		flags.WriteString(preset.Words())
	}
	if flags.Len() == 0 {
		return ""
	}
	return "From the profile " + c.From + ": " + commands.Mono(strings.TrimSpace(flags.String())) + "."
}
