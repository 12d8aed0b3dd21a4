package app

import (
	"context"
	"time"

	"deckhand/aws"
	"deckhand/aws/sdk"
	"deckhand/commands/probe"
	"deckhand/commands/probes"
)

// fees knows what looks by probes cost.
type fees struct{ cloud *sdk.Cloud }

// LookPrice implements check.Prices.
func (f fees) LookPrice(ctx context.Context, at probe.Place, takes time.Duration) (float64, error) {
	rate, err := f.cloud.FunctionPrice(ctx, aws.Target{Account: at.Account, Region: at.Region})
	return probes.LookPrice(rate, takes), err
}
