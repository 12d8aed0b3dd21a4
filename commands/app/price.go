package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// sized is some machines of one type.
type sized struct {
	kind, platform string
	count          int
}

const (
	glance       = 10 * time.Second // the longest that looking at prices may take
	hoursOfMonth = 730              // as AWS reckons a month
)

// runningPrice says what an application's machines cost while they run.
func runningPrice(ctx context.Context, cloud Surroundings, t aws.Target, m sized) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	p, err := cloud.Price(ctx, t, m.kind, m.platform)
	if err != nil {
		return "unknown: " + strings.TrimSuffix(commands.Words(err).Message, ".")
	}
	hourly := p.USDPerHour * float64(m.count)
	return fmt.Sprintf("$%.4f an hour, $%.2f a month for the machines; the load balancer, disks and traffic come on top", hourly, hourly*hoursOfMonth)
}
