package aws

import (
	"context"
	"slices"
	"sync"
)

// Answers keeps what AWS answers while a question is looked up, as the AWS CLI would print it: members under AWS's own names, times in
// ISO 8601, numbers as float64, nothing where AWS said nothing.
type Answers struct {
	mu   sync.Mutex
	held map[string]map[string]any // by operation, "DescribeInstances"
}

type answersKey struct{}

// WithAnswers makes the answers to what is asked under ctx known to a.
func WithAnswers(ctx context.Context, a *Answers) context.Context {
	return context.WithValue(ctx, answersKey{}, a)
}

// AnswersOf answers who wants to know the answers, nil where nobody does.
func AnswersOf(ctx context.Context) *Answers {
	a, _ := ctx.Value(answersKey{}).(*Answers)
	return a
}

// Keep adds one page to what an operation answered: lists are joined, of anything else the last is right.
func (a *Answers) Keep(operation string, page map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held == nil {
		a.held = map[string]map[string]any{}
	}
	whole := a.held[operation]
	if whole == nil {
		whole = map[string]any{}
		a.held[operation] = whole
	}
	for member, value := range page {
		more, isList := value.([]any)
		before, wasList := whole[member].([]any)
		switch {
		case slices.Contains(pageMarks(), member):
		case isList && wasList:
			whole[member] = append(before, more...)
		default:
			whole[member] = value
		}
	}
}

// Of answers what an operation answered, all pages as one; empty where it was not asked.
func (a *Answers) Of(operation string) map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	if whole := a.held[operation]; whole != nil {
		return whole
	}
	return map[string]any{}
}

// pageMarks are members that lead to the next page, which the AWS CLI does not print once it has them all.
func pageMarks() []string { return []string{"NextToken", "nextToken", "NextMarker", "Marker"} }
