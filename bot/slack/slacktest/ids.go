package slacktest

import (
	"crypto/rand"
	"encoding/hex"
)

// The workspace and the app have one name each.
const (
	teamID   = "T_DECK"
	teamName = "deck"
	appID    = "A_DECKHAND"
)

// randomID answers an id that nobody guesses.
func randomID(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // crypto/rand does not fail
	return hex.EncodeToString(raw)
}
