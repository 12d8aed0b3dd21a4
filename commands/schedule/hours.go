package schedule

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Hours are when something runs: from one time of the day to another, on some days of the week, on the wall clock of a zone.
type Hours struct {
	Days     uint8 // on which they begin; bit 0 is Sunday
	From, To int   // minutes since midnight; To is at most 24:00, and on the next day where it is not after From
}

const (
	everyDay   = 1<<7 - 1
	weekdays   = everyDay &^ weekend
	weekend    = 1 | 1<<6
	dayMinutes = 24 * 60
)

// ReadHours reads hours as people write them, "weekdays 08-20", "mon-thu,sat 8:30-18:00", "daily 20-06", in any order. A word that is
// neither days nor hours is answered as the zone. Errors are of kind Usage.
func ReadHours(text string) (h Hours, zone string, err error) {
	timed := false
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		word = strings.NewReplacer("–", "-", "—", "-").Replace(word)
		from, to, ranged := strings.Cut(strings.ToLower(word), "-")
		days := daysOf(from, to, ranged)
		switch {
		case days != 0:
			h.Days |= days
		case ranged && word[0] >= '0' && word[0] <= '9':
			if timed {
				return h, "", notHours(text, "it has more than one part of a day")
			}
			timed = true
			if h.From, h.To = minutes(from), minutes(to); h.From < 0 || h.To < 0 || h.From == dayMinutes {
				return h, "", notHours(text, word+" is no part of a day")
			}
		case zone == "":
			zone = word
		default:
			return h, "", notHours(text, word+" is neither a day nor a part of one")
		}
	}
	if h.Days == 0 {
		h.Days = everyDay
	}
	switch begin, end := h.edges(); {
	case !timed:
		return h, "", notHours(text, "it does not say from when to when")
	case h.From == h.To:
		return h, "", notHours(text, "it ends when it begins")
	case begin == 0 || end == 0:
		return h, "", notHours(text, "it never ends")
	}
	return h, zone, nil
}

// LooksLikeHours tells whether a word is a part of a day, "08-20".
func LooksLikeHours(word string) bool {
	from, to, ranged := strings.Cut(word, "-")
	return ranged && minutes(from) >= 0 && minutes(to) >= 0
}

func notHours(text, why string) error {
	return usage(commands.Mono(strings.TrimSpace(text))+" are not hours: "+why+".",
		"Write the days and the hours, such as "+commands.Mono("weekdays 08-20")+", "+commands.Mono("mon-thu 8:30-18:00")+" or "+commands.Mono("daily 20-06")+".")
}

// daysOf reads "daily", "weekdays", "weekend", "mon", "mon-fri", "sat-mon"; 0 is none of them.
func daysOf(from, to string, ranged bool) uint8 {
	if !ranged {
		for n, word := range [...]string{"daily", "everyday", "weekdays", "workdays", "weekends"} {
			if from == word || n > 1 && from+"s" == word {
				return [...]uint8{everyDay, everyDay, weekdays, weekdays, weekend}[n]
			}
		}
		to = from
	}
	first, last := day(from), day(to)
	if first < 0 || last < 0 {
		return 0
	}
	days := uint8(1) << first
	for ; first != last; days |= 1 << first {
		first = (first + 1) % 7
	}
	return days
}

// dayNames are the first letters of the days, as cron has them, three of each.
const dayNames = "sunmontuewedthufrisat"

// day is the number of a day of the week by the first letters of its name, at least three; -1 is none.
func day(name string) int {
	for n := range 7 {
		full := strings.ToLower(time.Weekday(n).String()) + "s"
		if len(name) >= 3 && strings.HasPrefix(full, name) {
			return n
		}
	}
	return -1
}

// minutes reads "8", "08", "8:30" or "24:00" as minutes since midnight; -1 is no time of the day.
func minutes(text string) int {
	hour, minute, exact := strings.Cut(text, ":")
	if len(hour) > 2 || exact && len(minute) != 2 {
		return -1
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	if err != nil {
		return -1
	}
	m := uint64(0)
	if exact {
		if m, err = strconv.ParseUint(minute, 10, 8); err != nil || m > 59 {
			return -1
		}
	}
	if at := int(h*60 + m); at <= dayMinutes {
		return at
	}
	return -1
}

// edges answers the days on which they begin and those on which they end. Days that follow each other without a pause between them are one.
func (h Hours) edges() (begin, end uint8) {
	begin, end = h.Days, h.Days
	if h.To <= h.From || h.To == dayMinutes {
		end = (h.Days<<1 | h.Days>>6) & everyDay
	}
	if h.From == h.To%dayMinutes {
		begin, end = begin&^end, end&^begin
	}
	return begin, end
}

// Crons are the five fields of when they begin and of when they end.
func (h Hours) Crons() (begin, end string) {
	first, last := h.edges()
	return cron(h.From, first), cron(h.To, last)
}

func cron(minute int, days uint8) string {
	return fmt.Sprintf("%d %d * * %s", minute%60, minute/60%24, dayList(days))
}

// String writes them as they are read: "weekdays 08:00-20:00".
func (h Hours) String() string {
	days := dayList(h.Days)
	switch h.Days {
	case everyDay:
		days = "daily"
	case weekdays:
		days = "weekdays"
	case weekend:
		days = "weekend"
	}
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d", days, h.From/60, h.From%60, h.To/60, h.To%60)
}

func dayList(days uint8) string {
	var names []string
	for n := range 7 {
		if days&(1<<n) != 0 {
			names = append(names, dayNames[3*n:3*n+3])
		}
	}
	return strings.Join(names, ",")
}

// Week is how long they are in a week, in hours.
func (h Hours) Week() float64 {
	length := h.To - h.From
	if length <= 0 {
		length += dayMinutes
	}
	return float64(length*bits.OnesCount8(h.Days)) / 60
}
