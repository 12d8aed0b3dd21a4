package sdk

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPriceListThatHangsIsAskedOnceAndWaitedForNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b priceBook
		var times atomic.Int64
		look := func(key string, patience time.Duration) (float64, error) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			price, err := b.answer(ctx, key, func(ctx context.Context) (float64, error) {
				times.Add(1)
				if key == "never" {
					<-ctx.Done()
					return 0, ctx.Err()
				}
				time.Sleep(2 * time.Second)
				return 0.5, nil
			})
			return price.USDPerHour, err
		}
		begun := time.Now()
		for range 3 {
			if _, err := look("slow", 500*time.Millisecond); err == nil {
				t.Error("it answered")
			}
		}
		if took := time.Since(begun); took != 1500*time.Millisecond || times.Load() != 1 {
			t.Errorf("%s, asked %d times", took, times.Load())
		}
		time.Sleep(time.Second) // nobody waits, and the answer comes
		if price, err := look("slow", time.Millisecond); err != nil || price != 0.5 || times.Load() != 1 {
			t.Error(price, err, times.Load())
		}
		// One that never answers is given up, and not asked again for a while.
		times.Store(0)
		if _, err := look("never", time.Second); err == nil {
			t.Error("it answered")
		}
		time.Sleep(priceLimit)
		begun = time.Now()
		if _, err := look("never", time.Minute); err == nil || time.Since(begun) != 0 || times.Load() != 1 {
			t.Error(err, times.Load())
		}
		time.Sleep(priceRest)
		if _, err := look("never", time.Second); err == nil || times.Load() != 2 {
			t.Error(err, times.Load())
		}
		time.Sleep(priceLimit)
	})
}

func TestAddressesAreToldByTheirUsage(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		region, usage string
		is            bool
	}{
		{"us-east-1", "USE1-PublicIPv4:InUseAddress", true},
		{"us-east-1", "PublicIPv4:InUseAddress", true},
		{"us-east-1", "USE1-PublicIPv4:IdleAddress", false},
		{"us-east-1", "USE1-PublicIPv4:ContiguousBlock", false},
		{"us-east-1", "EU-PublicIPv4:InUseAddress", false},
		{"eu-west-1", "EU-PublicIPv4:InUseAddress", true},
		{"eu-west-1", "PublicIPv4:InUseAddress", false},
	} {
		if got := addressUsage(k.region)(k.usage); got != k.is {
			t.Errorf("%s in %s: %v", k.usage, k.region, got)
		}
	}
}
