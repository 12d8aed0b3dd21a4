package aws

import (
	"slices"
	"strings"
)

// directions are what every region's name has before its number. Areas are added every year, directions never were.
// Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
var directions = []string{ //nolint:gochecknoglobals // a constant list
	"north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central",
}

// IsRegion tells whether a text is spelt as the names of regions are: an area, a direction and a number, "us-gov-west-1". What AWS will open
// tomorrow is nobody's mistake: only a direction that is nearly one of those is, and near is the region that it most likely meant, "us-east-1" for
// "us-est-1".
func IsRegion(text string) (ok bool, near string) {
	parts := strings.Split(text, "-")
	if len(parts) < 3 || len(text) > 32 { //nolint:mnd // area, direction, number
		return false, ""
	}
	last := len(parts) - 1
	if number := parts[last]; len(number) > 2 || strings.Trim(number, "0123456789") != "" || number == "" {
		return false, ""
	}
	for _, part := range parts[:last] {
		if len(part) < 2 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false, ""
		}
	}
	said := parts[last-1]
	if slices.Contains(directions, said) {
		return true, ""
	}
	for _, direction := range directions {
		if within(direction, said) || within(said, direction) || swapped(direction, said) {
			return false, strings.Join(append(parts[:last-1:last-1], direction, parts[last]), "-")
		}
	}
	return true, ""
}

// within tells whether a text has the letters of another one in their order, and as good as no others.
func within(text, letters string) bool {
	if len(text)-len(letters) > 2 { //nolint:mnd // more is another word
		return false
	}
	for i := range len(text) {
		if letters != "" && text[i] == letters[0] {
			letters = letters[1:]
		}
	}
	return letters == ""
}

// swapped tells whether two texts have the same letters.
func swapped(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
