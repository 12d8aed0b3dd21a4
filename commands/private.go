package commands

import "regexp"

// privateKey finds what only a private key holds: the head of its PEM block, however dashes and white space came through,
// PuTTY's own head, and what the body of an OpenSSH key begins with.
var privateKey = regexp.MustCompile(`(?i)[-\x{2010}-\x{2015}\x{2212}]\s*BEGIN[\s\pZA-Z0-9]{0,20}PRIVATE[\s\pZ]+KEY|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdj`)

// errPrivateKey refuses a line without repeating any of it.
func errPrivateKey() error {
	return &Error{
		Kind:    Usage,
		Message: "The line holds a private key. It was not run, written down or repeated.",
		Hint:    "Delete it where you pasted it, treat the key as known to others, and make a new one; deckhand only ever takes public keys.",
	}
}
