package commands

import (
	"regexp"
	"strings"
)

// privateKey finds what only a private key holds: the head of its PEM block, however dashes and white space came through,
// PuTTY's own head, and what the body of an OpenSSH key begins with.
var privateKey = regexp.MustCompile(`(?i)[-\x{2010}-\x{2015}\x{2212}]\s*BEGIN[\s\pZA-Z0-9]{0,20}PRIVATE[\s\pZ]+KEY|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdj`)

// holdsPrivateKey tells whether a line does. Nearly no line holds one of the words, and looking for those is quick.
func holdsPrivateKey(line string) bool {
	lower := strings.ToLower(line)
	may := strings.Contains(lower, "private") || strings.Contains(lower, "putty") || strings.Contains(lower, "b3blbnnzac1rzxktdj")
	return may && privateKey.MatchString(line)
}

// errPrivateKey refuses a line without repeating any of it.
func errPrivateKey() error {
	return &Error{
		Kind:    Usage,
		Message: "The line holds a private key. It was not run, written down or repeated.",
		Hint:    "Delete it where you pasted it, treat the key as known to others, and make a new one; deckhand only ever takes public keys.",
	}
}
