package sdk

import (
	"context"
	"strings"
	"sync"
	"time"

	"deckhand/aws"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	ownerPatience = 2 * time.Second // for STS to name an account
	ownerRest     = time.Minute     // before STS is asked again after it failed
)

// owner is the account id behind an account's name.
type owner struct {
	mu      sync.Mutex
	id      string
	restTil time.Time
}

// Place answers what a target is to AWS. It never fails: what cannot be learned within two seconds stays empty.
func (c *Cloud) Place(ctx context.Context, t aws.Target) aws.Place {
	place := aws.Place{AccountName: t.Account, Region: t.Region}
	ready, t, err := c.at(t)
	if err != nil {
		return place
	}
	place.Region = t.Region
	place.AccountID = c.ownerOf(t.Account).learn(ctx, ready.sts)
	return place
}

// ownerOf answers what is known about an account's id. A role's ARN tells it without asking anybody.
func (c *Cloud) ownerOf(name string) *owner {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.owners[name]
	if !ok {
		known = &owner{}
		if account, err := c.account(name); err == nil {
			known.id = accountOfRole(account.RoleARN)
		}
		c.owners[name] = known
	}
	return known
}

// accountOfRole reads the account out of "arn:aws:iam::123456789012:role/deckhand".
func accountOfRole(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// set takes an id that an answer of AWS carried. While STS is being asked it is passed over, so that no listing waits for STS.
func (o *owner) set(id string) {
	if id == "" || !o.mu.TryLock() {
		return
	}
	defer o.mu.Unlock()
	o.id = id
}

// learn answers the id, from memory or from STS.
func (o *owner) learn(ctx context.Context, client *sts.Client) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.id != "" || time.Now().Before(o.restTil) {
		return o.id
	}
	brief, cancel := context.WithTimeout(ctx, ownerPatience)
	defer cancel()
	out, err := client.GetCallerIdentity(brief, &sts.GetCallerIdentityInput{})
	switch {
	case err == nil && out.Account != nil:
		o.id = *out.Account
	case ctx.Err() == nil: // otherwise the caller left, which says nothing about STS
		o.restTil = time.Now().Add(ownerRest)
	}
	return o.id
}
