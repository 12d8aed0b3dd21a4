package vm

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

const glance = 10 * time.Second // the longest that looking ahead may take; what is not known then is said to be unknown

// prospect is what shall run: on what AWS has to have room for it, and what it costs.
type prospect struct {
	target      aws.Target
	region      string
	kind        string // instance type
	subnet      string // id or name; empty where AWS chooses
	zone        string // where it is known already
	least, most int    // instances
	later       bool   // it does not run at once, so that the quota stops nothing now
	frees       string // type of an instance whose vCPUs are given back before
	image       string // id of what it is launched from; empty where nothing is launched
}

// forecast is what AWS says beforehand, in words.
type forecast struct {
	offered string
	quota   string
	refusal error // why AWS would not do it
}

// foresee asks where the type is offered and whether the quota has room. What cannot be asked is said to be not checked.
func foresee(ctx context.Context, cloud Scout, p prospect) forecast {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	var f forecast
	var notOffered, misfit, noRoom error
	var looks sync.WaitGroup
	looks.Go(func() { f.offered, notOffered = offered(ctx, cloud, p) })
	looks.Go(func() { f.quota, noRoom = room(ctx, cloud, p) })
	looks.Go(func() { misfit = fits(ctx, cloud, p) })
	looks.Wait()
	for _, why := range []error{notOffered, misfit, noRoom} {
		if f.refusal == nil {
			f.refusal = why
		}
	}
	return f
}

// fits refuses an image that is made for another processor than the type has. What AWS does not tell is left to AWS.
func fits(ctx context.Context, cloud Scout, p prospect) error {
	if p.image == "" {
		return nil
	}
	image, err := cloud.Image(ctx, p.target, p.image)
	if err != nil || image.Architecture == "" {
		return nil //nolint:nilerr // AWS itself refuses what does not fit
	}
	kinds, err := cloud.InstanceTypes(ctx, p.target, []string{p.kind})
	if err != nil || len(kinds) != 1 || len(kinds[0].Architectures) == 0 || slices.Contains(kinds[0].Architectures, image.Architecture) {
		return nil //nolint:nilerr // as above
	}
	return &commands.Error{
		Kind: commands.Failed,
		Message: fmt.Sprintf("The image %s is for %s, and %s has %s: AWS would refuse, so nothing was done.",
			commands.Mono(p.image), image.Architecture, commands.Mono(p.kind), strings.Join(kinds[0].Architectures, " or ")),
		Hint: "Choose a type or an image with the same processor as the other.",
	}
}

func (f forecast) fields() []commands.Field {
	return []commands.Field{{Name: "Offered", Value: f.offered}, {Name: "vCPU quota", Value: f.quota}}
}

func notChecked(err error) string { return "not checked: " + trimStop(commands.Words(err).Message) }

func offered(ctx context.Context, cloud Scout, p prospect) (string, error) {
	offer, err := cloud.Offering(ctx, p.target, p.kind)
	if err != nil {
		return notChecked(err), nil
	}
	if len(offer.Zones) == 0 {
		hint := "Choose another type or another region."
		if len(offer.Near) > 0 {
			hint = "Types like it that are: " + strings.Join(offer.Near, ", ") + "."
		}
		return "no", &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("%s is not offered in %s, so nothing was done.", commands.Mono(p.kind), p.region), Hint: hint,
		}
	}
	zones := strings.Join(offer.Zones, ", ")
	zone := p.zone
	if zone == "" && p.subnet != "" {
		if zone, err = cloud.SubnetZone(ctx, p.target, p.subnet); err != nil {
			return fmt.Sprintf("in %s; the zone of the subnet was not checked: %s", zones, trimStop(commands.Words(err).Message)), nil
		}
	}
	if zone != "" && !slices.Contains(offer.Zones, zone) {
		return "no", &commands.Error{
			Kind:    commands.Failed,
			Message: fmt.Sprintf("%s is not offered in the zone %s, so nothing was done.", commands.Mono(p.kind), zone),
			Hint:    "It is offered in " + zones + ": choose a subnet there, or another type.",
		}
	}
	return "in " + zones, nil
}

func room(ctx context.Context, cloud Scout, p prospect) (string, error) {
	quota, err := cloud.VCPUQuota(ctx, p.target, p.kind)
	if err != nil {
		return notChecked(err), nil
	}
	quota.Used -= freed(ctx, cloud, p, quota)
	used := fmt.Sprintf("%s of %s vCPUs are used", thousands(quota.Used), thousands(quota.Limit))
	need := thousands(p.least * quota.Each)
	if p.most > p.least {
		need += " to " + thousands(p.most*quota.Each)
	}
	if p.later {
		return used + "; this needs " + need + " once it is started", nil
	}
	if quota.Used+p.least*quota.Each > quota.Limit {
		return "exceeded", &commands.Error{
			Kind:    commands.Failed,
			Message: fmt.Sprintf("%s, and this needs %s: AWS would refuse, so nothing was done.", used, need),
			Hint:    fmt.Sprintf("Stop or terminate what is not needed, choose a smaller type, or have the quota %q raised.", quota.Name),
		}
	}
	return used + "; this needs " + need, nil
}

// freed is the vCPUs that are given back before. A type that AWS does not know frees none.
func freed(ctx context.Context, cloud Scout, p prospect, quota aws.VCPUQuota) int {
	if p.frees == "" {
		return 0
	}
	own, err := cloud.VCPUQuota(ctx, p.target, p.frees)
	if err != nil || own.Name != quota.Name {
		return 0
	}
	return min(own.Each, quota.Used)
}

// thousands writes a number as people read it: 1,152.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// bill is what the price of some instances of one type is asked for.
type bill struct {
	target   aws.Target
	kind     string
	platform string
	count    int
}

// price says what instances cost while they run. It is "unknown" where the price list does not tell.
func price(ctx context.Context, cloud Scout, b bill) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	p, err := cloud.Price(ctx, b.target, b.kind, b.platform)
	if err != nil {
		return "unknown: " + trimStop(commands.Words(err).Message)
	}
	return dollars(p.USDPerHour * float64(b.count))
}

// dollars writes an hourly price, and what it makes in a month.
func dollars(hourly float64) string {
	return commands.Dollars(hourly) + ", without disks, addresses and traffic"
}

// runningCost says what instances cost together while they run.
func runningCost(ctx context.Context, cloud Scout, some []aws.Instance, t aws.Target) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	total := 0.0
	for _, i := range some {
		if i.Lifecycle != "" {
			return "Price while running: unknown: " + label(i) + " is a " + i.Lifecycle + " instance."
		}
		p, err := cloud.Price(ctx, t, i.Type, i.Platform)
		if err != nil {
			return "Price while running: unknown: " + commands.Words(err).Message
		}
		total += p.USDPerHour
	}
	return "Price while running: " + dollars(total) + "."
}
