package commands_test

import (
	"errors"
	"testing"

	"deckhand/commands"
)

func TestBills(t *testing.T) {
	t.Parallel()
	refused := &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	for want, parts := range map[string][]struct {
		hour float64
		err  error
	}{
		"nothing": nil,
		"$0.0104 an hour, $7.59 a month; without traffic":                                                 {{0.0104, nil}},
		"$0.03 an hour, $21.90 a month: it $7.30, it $14.60; without traffic":                             {{0.01, nil}, {0.02, nil}},
		"unknown: it (AWS refused)":                                                                       {{0, refused}},
		"unknown: it (Something inside deckhand went wrong)":                                              {{0, errors.New("secret")}},
		"at least $0.50 an hour, $365.00 a month: it $365.00; unknown: it (AWS refused); without traffic": {{0.5, nil}, {9, refused}},
	} {
		b := commands.Bill{Without: "traffic"}
		for _, p := range parts {
			b.Add("it", p.hour, p.err)
		}
		if got := b.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
