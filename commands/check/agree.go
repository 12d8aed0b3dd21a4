package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands/probe"
)

// View is what was seen from one place.
type View struct {
	From string // "eu-west-1", "here"
	Result
}

// Places answers from where the check looks; none: from here alone.
func (c Check) Places() []probe.Place {
	var places []probe.Place
	for _, text := range c.From {
		if p, err := probe.ParsePlace(text); err == nil {
			places = append(places, p)
		}
	}
	return places
}

// Agreed makes one result of what each place saw.
//
// It is a failure where at least Agree places saw one, and a pass where so few did, or can have done, that Agree is out of reach. A place that
// could not look says nothing: where what it did not see would decide, nothing is known.
func Agreed(c Check, at time.Time, views []View) Result {
	well, down, blind := sorted(views)
	all, agree := len(views), max(c.Agree, 1)
	r := Result{Check: c.Name, At: at, Views: views}
	for _, v := range views {
		r.Refused = r.Refused || v.Refused
		if !v.Expires.IsZero() && (r.Expires.IsZero() || v.Expires.Before(r.Expires)) {
			r.Expires, r.Names = v.Expires, v.Names
		}
	}
	switch {
	case len(down) >= agree:
		r.Code, r.Latency = down[0].Code, median(down)
		r.Detail = fmt.Sprintf("down from %d of %d: ", len(down), all) + told(down)
		if len(well) > 0 {
			r.Detail += "; " + among(well) + " it well"
		}
		r.Detail += unable(blind)
	case len(down)+len(blind) < agree:
		r.OK, r.Code, r.Latency = true, well[0].Code, median(well)
		r.Detail = fmt.Sprintf("%s from %d of %d", well[0].Detail, len(well), all)
		if len(down) > 0 {
			r.Detail += "; " + told(down)
		}
		r.Detail += unable(blind)
	default:
		r.Unseen = true
		r.Detail = fmt.Sprintf("not measured: %d of %d could look, and %d must agree", len(well)+len(down), all, agree)
		if len(down) > 0 {
			r.Detail += "; " + told(down)
		}
		r.Detail += unable(blind)
	}
	return r
}

// sorted divides views into those that saw it well, those that saw it down, and those that could not look.
func sorted(views []View) (well, down, blind []View) {
	for _, v := range views {
		switch {
		case v.Unseen:
			blind = append(blind, v)
		case v.OK:
			well = append(well, v)
		default:
			down = append(down, v)
		}
	}
	return well, down, blind
}

// told says what each place saw: "eu-west-1 no answer within 5 s, us-east-1 HTTP 503".
func told(views []View) string {
	words := make([]string, len(views))
	for i, v := range views {
		words[i] = v.From + " " + v.Detail
	}
	return strings.Join(words, ", ")
}

// among says that some places see something: "eu-west-1 and here see".
func among(views []View) string {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = v.From
	}
	if len(names) == 1 {
		return names[0] + " sees"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " see"
}

func unable(blind []View) string {
	if len(blind) == 0 {
		return ""
	}
	words := make([]string, len(blind))
	for i, v := range blind {
		words[i] = "not measured from " + v.From + " (" + v.Detail + ")"
	}
	return "; " + strings.Join(words, ", ")
}

// median is the latency in the middle, the lower one of two.
func median(views []View) time.Duration {
	all := make([]time.Duration, len(views))
	for i, v := range views {
		all[i] = v.Latency
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}
