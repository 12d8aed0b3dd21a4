package commands

import "regexp"

// Scrubbed is what stands where a value is not to be seen.
const Scrubbed = "••••••"

var (
	spelledSecret = regexp.MustCompile(`(?i)((?:password|passwd|secret|token|api[_-]?key|access[_-]?key|authorization)[A-Za-z_-]*\\?["']?\s*[:=]\s*\\?["']?)(?:Bearer\s+)?[^\s"',}\\]{3,}`)
	accessKeyID   = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`)
	keyBlock      = regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)
)

// Scrub takes secrets out of what a machine or a function says: private keys, AWS key ids, and whatever is spelled out as a password, token
// or key. It knows what secrets look like, and no more than that.
func Scrub(text string) string {
	text = keyBlock.ReplaceAllString(text, "${1}"+Scrubbed+"${2}")
	return accessKeyID.ReplaceAllString(spelledSecret.ReplaceAllString(text, "${1}"+Scrubbed), Scrubbed)
}
