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
func (c *Create) Fill(given func(flag string) bool) (_ []commands.Preset, err error) {
	tags, _ := c.tags() // what is wrong with them is told by Validate
	c.From, c.Filled, err = Fill(c.profiles, c.Profile, tags, given)
	return c.Filled, err
}

// Fill answers the name of the profile that a line takes, by its name or by the line's tag env, and what it gives that the line does not
// say. Errors are of kind Usage.
func Fill(profiles []Profile, name string, tags map[string]string, given func(flag string) bool) (from string, presets []commands.Preset, err error) {
	p, err := chosen(profiles, name, tags["env"])
	if err != nil {
		return "", nil, err
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
			presets = append(presets, preset)
		}
	}
	return p.Name, presets, nil
}

// chosen answers the profile that the line names, or else the one for its environment, and the zero Profile where there is none.
func chosen(profiles []Profile, name, env string) (Profile, error) {
	at := slices.IndexFunc(profiles, func(p Profile) bool {
		return p.Name == name || name == "" && p.Env == env && env != ""
	})
	switch {
	case at >= 0:
		return profiles[at], nil
	case name == "" || name == noProfile:
		return Profile{}, nil
	}
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.Name
	}
	hint := "The configuration has no profiles; an AWS account is named with " + commands.Mono("--account") + "."
	if len(names) > 0 {
		hint = "There are " + commands.And(names) + "; an AWS account is named with " + commands.Mono("--account") + "."
		if near := commands.Nearest(name, names); len(near) > 0 {
			hint = "Did you mean " + commands.Mono(near[0]) + "?"
		}
	}
	return Profile{}, commands.Misuse("There is no profile "+commands.Mono(name)+".", hint)
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

// ProfileWords tells what a profile gave, as a line would say it; "" where it gave nothing.
func ProfileWords(from string, presets []commands.Preset) string {
	var flags strings.Builder
	for _, preset := range presets {
		flags.WriteString(preset.Words())
	}
	if flags.Len() == 0 {
		return ""
	}
	return "From the profile " + from + ": " + commands.Mono(strings.TrimSpace(flags.String())) + "."
}
