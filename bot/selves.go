package bot

import "strings"

// nameThem is how two guises of one person become known.
const nameThem = "Whoever keeps deckhand's configuration file can name them under people."

// Self answers a person by one name, whether they are in Slack or at a terminal.
func (e *Engine) Self(user string) string {
	if known, ok := e.Logins[user]; ok {
		return known
	}
	return user
}

// inChat answers who somebody is in Slack, as the place of a direct message: what comes due of a line that was given at a terminal has no channel to be
// told in. "" where that is not known.
func (e *Engine) inChat(user string) string {
	if self := e.Self(user); strings.HasPrefix(self, "U") || strings.HasPrefix(self, "W") {
		return self
	}
	return ""
}

// same tells whether two names are of one person.
func (e *Engine) same(one, other string) bool { return e.Self(one) == e.Self(other) }

// stranger tells whether somebody at a terminal may be anybody in Slack.
func (e *Engine) stranger(user string) bool { return strings.HasPrefix(e.Self(user), "terminal:") }

// doubtful tells whether somebody may be the asker of a request in another guise, so that their word is not somebody else's. Two logins are
// two people. A login that nobody named may be anybody in Slack: it never agrees to what was asked there; that people in Slack agree to what
// such a login asked is let pass only where the configuration names nobody at all.
func (e *Engine) doubtful(who, asker string) bool {
	if e.stranger(who) == e.stranger(asker) {
		return false
	}
	return e.stranger(who) || len(e.Logins) > 0
}

// whoIsThat says why somebody's word does not count.
func (e *Engine) whoIsThat(who, asker, request string) string {
	unknown, whose := who, "you did not ask for "+request+" yourself"
	if !e.stranger(who) {
		unknown, whose = asker, "it was not you who asked for "+request
	}
	return "Nobody has said who " + unknown + " is in Slack, so deckhand cannot tell that " + whose + ". " + nameThem
}
