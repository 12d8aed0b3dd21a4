package commands

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bill is what something costs while it is there, in dollars, by AWS's price list. What the list does not tell is unknown, never guessed.
type Bill struct {
	Parts   []BillPart `json:"parts,omitempty"`
	Without string     `json:"without,omitempty"` // what comes on top and cannot be known before: "traffic"
}

// BillPart is one kind of thing on a bill.
type BillPart struct {
	What       string  `json:"what"` // "2 machines"
	USDPerHour float64 `json:"usd_per_hour,omitempty"`
	Unknown    string  `json:"unknown,omitempty"` // why there is no price
}

// Billed is implemented by runners that make what costs money by the hour. A bill without parts is of what costs nothing.
type Billed interface {
	Bill(ctx context.Context) Bill
}

// HoursOfMonth is how AWS reckons a month.
const HoursOfMonth = 730

// Add puts a part on the bill: what it costs an hour, or why that is not known.
func (b *Bill) Add(what string, usdPerHour float64, err error) {
	part := BillPart{What: what, USDPerHour: usdPerHour}
	if err != nil {
		part = BillPart{What: what, Unknown: strings.TrimSuffix(Words(err).Message, ".")}
	}
	b.Parts = append(b.Parts, part)
}

// Month is what is known of the price of a month, and whether that is all.
func (b Bill) Month() (usd float64, all bool) {
	all = true
	for _, p := range b.Parts {
		usd += p.USDPerHour * HoursOfMonth
		all = all && p.Unknown == ""
	}
	return usd, all
}

// Words tell the bill: "$0.0433 an hour, $31.61 a month: 2 machines $15.18, a load balancer $16.43; without traffic".
func (b Bill) Words() string {
	var known, unknown []string
	hour := 0.0
	for _, p := range b.Parts {
		if p.Unknown != "" {
			unknown = append(unknown, p.What+" ("+p.Unknown+")")
			continue
		}
		hour += p.USDPerHour
		known = append(known, fmt.Sprintf("%s $%.2f", p.What, p.USDPerHour*HoursOfMonth))
	}
	var out string
	switch {
	case len(b.Parts) == 0:
		return "nothing"
	case len(known) == 0:
		out = "unknown: " + strings.Join(unknown, "; ")
	case len(unknown) > 0:
		out = "at least " + Dollars(hour) + ": " + strings.Join(known, ", ") + "; unknown: " + strings.Join(unknown, "; ")
	case len(known) == 1:
		out = Dollars(hour)
	default:
		out = Dollars(hour) + ": " + strings.Join(known, ", ")
	}
	if b.Without != "" && len(known) > 0 {
		out += "; without " + b.Without
	}
	return out
}

// Dollars writes an hourly price, and what it makes in a month: "$0.0104 an hour, $7.59 a month".
func Dollars(hour float64) string {
	digits := strings.TrimRight(strconv.FormatFloat(hour, 'f', 4, 64), "0")
	if whole, part, _ := strings.Cut(digits, "."); len(part) < 2 {
		digits = whole + "." + (part + "00")[:2]
	}
	return fmt.Sprintf("$%s an hour, $%.2f a month", digits, hour*HoursOfMonth)
}

// UseRate is the price of one unit of something that is paid for by its use.
type UseRate struct {
	Of   string // as UsePrice knows it
	Unit string // "a million requests"
	Per  float64
}

// UseWords tell rates in one line: "$0.2 a million requests, $0.0000166667 a GB-second". One that cannot be told is unknown, never guessed.
func UseWords(ctx context.Context, ask func(ctx context.Context, of string) (float64, error), rates ...UseRate) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // the longest that looking at prices may take
	defer cancel()
	var words []string
	for _, r := range rates {
		usd, err := ask(ctx, r.Of)
		if err != nil {
			return "unknown: " + strings.TrimSuffix(Words(err).Message, ".")
		}
		words = append(words, "$"+strconv.FormatFloat(usd*r.Per, 'f', 10, 64))
		words[len(words)-1] = strings.TrimRight(strings.TrimRight(words[len(words)-1], "0"), ".") + " " + r.Unit
	}
	return strings.Join(words, ", ") + "; without free tiers, logs and traffic"
}
