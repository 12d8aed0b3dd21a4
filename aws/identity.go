package aws

import "time"

// Identity is who AWS takes the bot for.
type Identity struct {
	Account string // 12 digits
	ARN     string // "arn:aws:sts::123456789012:assumed-role/deckhand/i-0abc"
	Region  string
	// Skew is how far AWS's clock is ahead of this machine's; zero where AWS's answer did not tell.
	Skew time.Duration
}
