package sandbox

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// finder tells pick about one kind of thing.
type finder[T any] struct {
	id      func(T) string
	missing func(id string) error                                // the error for an id that does not exist
	tags    func(T) []types.Tag                                  // nil where the kind has none
	field   func(x T, name string) (values []string, known bool) // the values behind a filter's name
}

// pick answers the things with these ids (all where ids is empty) that pass all filters.
func pick[T any](all []T, ids []string, filters []types.Filter, f finder[T]) ([]T, error) {
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(x T) bool { return f.id(x) == id }) {
			return nil, f.missing(id)
		}
	}
	var kept []T
	for _, x := range all {
		if len(ids) > 0 && !slices.Contains(ids, f.id(x)) {
			continue
		}
		passes, err := f.passes(x, filters)
		if err != nil {
			return nil, err
		}
		if passes {
			kept = append(kept, x)
		}
	}
	return kept, nil
}

func (f finder[T]) passes(x T, filters []types.Filter) (bool, error) {
	passes := true
	for _, filter := range filters {
		have, known := f.values(x, awssdk.ToString(filter.Name))
		if !known {
			return false, badFilter(filter)
		}
		passes = passes && slices.ContainsFunc(have, func(value string) bool {
			return slices.ContainsFunc(filter.Values, func(pattern string) bool { return aws.Wildcard(pattern, value) })
		})
	}
	return passes, nil
}

// values answers what a thing has under a filter's name.
func (f finder[T]) values(x T, name string) (values []string, known bool) {
	if f.tags == nil {
		return f.field(x, name)
	}
	if key, ok := strings.CutPrefix(name, "tag:"); ok {
		for _, t := range f.tags(x) {
			if awssdk.ToString(t.Key) == key {
				values = append(values, awssdk.ToString(t.Value))
			}
		}
		return values, true
	}
	if name == "tag-key" {
		for _, t := range f.tags(x) {
			values = append(values, awssdk.ToString(t.Key))
		}
		return values, true
	}
	return f.field(x, name)
}

func badFilter(f types.Filter) error {
	return refuse("InvalidParameterValue", "The filter '"+awssdk.ToString(f.Name)+"' is invalid")
}

// page cuts one page out of a list: from what the token says, at most so many things (nil: all).
func page[T any](all []T, token *string, most *int32) (part []T, next *string, err error) {
	from := 0
	if token != nil && *token != "" {
		raw, decodeErr := base64.RawURLEncoding.DecodeString(*token)
		n, numberErr := strconv.Atoi(string(raw))
		if decodeErr != nil || numberErr != nil || n < 0 || n > len(all) {
			return nil, nil, refuse("InvalidParameterValue", "Unable to parse pagination token")
		}
		from = n
	}
	to := len(all)
	if most != nil && int(*most) < to-from {
		to = from + int(*most)
		next = awssdk.String(base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to))))
	}
	return all[from:to], next, nil
}
