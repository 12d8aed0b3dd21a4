package probe

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var statusRange = regexp.MustCompile(`^([0-9]{3})(?:\s*-\s*([0-9]{3}))?$`)

// Statuses reads HTTP statuses, "200" and "200-299", and answers each code once, sorted. The error is a Fault.
func Statuses(words []string) ([]int, error) {
	var out []int
	for _, word := range words {
		word = strings.TrimSpace(word)
		found := statusRange.FindStringSubmatch(word)
		if found == nil {
			return nil, fault(fmt.Sprintf("%q is not an HTTP status.", word), "Statuses run from 100 to 599, one by one or as 200-299.")
		}
		from, _ := strconv.Atoi(found[1])
		to := from
		if found[2] != "" {
			to, _ = strconv.Atoi(found[2])
		}
		if from < 100 || to > 599 || from > to {
			return nil, fault(fmt.Sprintf("%q is not an HTTP status.", word), "Statuses run from 100 to 599, one by one or as 200-299.")
		}
		for code := from; code <= to; code++ {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// StatusText writes sorted codes in short: "200-299, 304".
func StatusText(codes []int, separator string) string {
	var words []string
	for i := 0; i < len(codes); {
		end := i
		for end+1 < len(codes) && codes[end+1] == codes[end]+1 {
			end++
		}
		if end-i < 2 {
			end = i
			words = append(words, strconv.Itoa(codes[i]))
		} else {
			words = append(words, fmt.Sprintf("%d-%d", codes[i], codes[end]))
		}
		i = end + 1
	}
	return strings.Join(words, separator)
}
