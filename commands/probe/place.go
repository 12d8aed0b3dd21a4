package probe

import (
	"slices"
	"strings"

	"deckhand/commands/spelling"
)

// Here is the place where the bot itself runs.
const Here = "here"

// MostPlaces is from how many places one check may look.
const MostPlaces = 10

// FunctionName is the name of a probe's function, before the probe's own name.
const FunctionName = "deckhand-probe"

// Place is from where a check looks: here, or by a probe in a region.
type Place struct {
	Account string // by its name in the configuration; "": the usual one
	Region  string // "": here
	Name    string // of the probe; "": the region's usual one
}

// String writes the place as ParsePlace reads it: "here", "eu-west-1", "prod:eu-west-1/inside".
func (p Place) String() string {
	if p.Region == "" {
		return Here
	}
	text := p.Region
	if p.Account != "" {
		text = p.Account + ":" + text
	}
	if p.Name != "" {
		text += "/" + p.Name
	}
	return text
}

// Function is the name of the probe's function.
func (p Place) Function() string {
	if p.Name == "" {
		return FunctionName
	}
	return FunctionName + "-" + p.Name
}

// PlaceName tells whether a text can be the name of a probe.
func PlaceName(text string) bool {
	return spelling.Fits(text, 20, "a-z0-9", "a-z0-9-") && !strings.HasSuffix(text, "-")
}

// region tells whether a text can be the name of a region: eu-west-1, us-gov-east-1.
func region(text string) bool {
	parts := strings.Split(text, "-")
	last := len(parts) - 1
	if last < 2 || !spelling.Fits(parts[last], 2, "1-9", "0-9") {
		return false
	}
	return !slices.ContainsFunc(parts[:last], func(part string) bool { return !spelling.Fits(part, 12, "a-z", "a-z") })
}

// ParsePlace reads from where a check looks. The error is a Fault.
func ParsePlace(text string) (Place, error) {
	text = strings.TrimSpace(text)
	if text == Here {
		return Place{}, nil
	}
	var p Place
	rest := text
	if account, after, found := strings.Cut(rest, ":"); found {
		p.Account, rest = account, after
	}
	where, name, named := strings.Cut(rest, "/")
	p.Region, p.Name = where, name
	if !region(p.Region) || named && !PlaceName(p.Name) || rest != text && !resource(p.Account) {
		return Place{}, fault("\""+text+"\" is no place to look from.", "Write a region that has a probe, such as eu-west-1, or here; a probe with a name is eu-west-1/NAME, one in another account ACCOUNT:eu-west-1.")
	}
	if p.Account == defaultAccount {
		p.Account = ""
	}
	return p, nil
}

// defaultAccount is another word for the bot's own account.
const defaultAccount = "default"

// Places reads from where a check looks, and how many of the places have to agree; 0 stands for more than half of them. Places are answered in
// the order in which they were written. The error is a Fault.
func Places(words []string, agree int) ([]Place, int, error) {
	var places []Place
	for _, word := range words {
		place, err := ParsePlace(word)
		switch {
		case err != nil:
			return nil, 0, err
		case slices.Contains(places, place):
			return nil, 0, fault(place.String()+" stands there twice.", "Each place looks once.")
		}
		places = append(places, place)
	}
	switch {
	case len(places) == 0 && agree != 0:
		return nil, 0, fault("Nobody can agree where a check looks from one place alone.", "Say from where it looks: eu-west-1, us-east-1, here.")
	case len(places) > MostPlaces:
		return nil, 0, fault("A check looks from 10 places at most.", "Three tell a fault of the endpoint from one of the way there.")
	case len(places) > 0 && (agree < 0 || agree > len(places)):
		return nil, 0, fault("As many places as look can agree, and not more.", "Where three look, 2 is a good number.")
	case len(places) > 0 && agree == 0:
		agree = len(places)/2 + 1
	}
	return places, agree, nil
}

// FromProbes tells whether a probe can look at an address of a scheme.
func FromProbes(scheme string) bool {
	return scheme == "http" || scheme == "https" || scheme == TCP || scheme == TLS
}
