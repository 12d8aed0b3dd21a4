package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// sized is some machines of one type, launched from an image.
type sized struct {
	kind  string
	image aws.Image
	count int
}

const glance = 10 * time.Second // the longest that looking at prices may take

// bill is what an application costs while it is up.
func bill(ctx context.Context, cloud Surroundings, t aws.Target, m sized) commands.Bill {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	b := commands.Bill{Without: "addresses, requests and traffic"}
	price, err := cloud.Price(ctx, t, m.kind, m.image.Platform)
	b.Add(commands.Count(m.count, "machine"), price.USDPerHour*float64(m.count), err)
	what := "disks"
	if m.count == 1 {
		what = "a disk"
	}
	if m.image.RootGiB > 0 {
		price, err = cloud.DiskPrice(ctx, t, m.image.RootType)
		b.Add(fmt.Sprintf("%s of %d GiB", what, m.image.RootGiB), price.USDPerHour*float64(m.count*m.image.RootGiB), err)
	} else {
		b.Add(what, 0, commands.Misuse("the image does not say their size.", ""))
	}
	price, err = cloud.BalancerPrice(ctx, t, "application")
	b.Add("the load balancer", price.USDPerHour, err)
	return b
}

// billOf is the bill of a stack with these parameters.
func billOf(ctx context.Context, cloud Surroundings, t aws.Target, parameters map[string]string) commands.Bill {
	limited, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	count, _ := strconv.Atoi(parameters["Machines"])
	image, err := cloud.Image(limited, t, parameters["Image"])
	if err != nil {
		b := commands.Bill{}
		b.Add(commands.Count(count, "machine"), 0, err)
		return b
	}
	return bill(ctx, cloud, t, sized{parameters["InstanceType"], image, count})
}

// Bill is what the application would cost.
func (c *Up) Bill(ctx context.Context) commands.Bill {
	limited, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	p := blueprint{Target: c.At()}
	if err := c.findImage(limited, &p); err != nil {
		b := commands.Bill{}
		b.Add(commands.Count(c.Count, "machine"), 0, err)
		return b
	}
	return bill(ctx, c.room.Cloud, c.At(), sized{c.InstanceType, p.Image, c.Count})
}

// Bill is what the application would cost after the change; nothing where it is so already, and nothing is done.
func (c *Deploy) Bill(ctx context.Context) commands.Bill {
	limited, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	p := rollout{Target: c.At(), Change: map[string]string{}}
	var err error
	if p.Stack, err = find(limited, c.room.Cloud, p.Target, c.Name); err == nil {
		err = c.changes(limited, &p)
	}
	if err != nil {
		b := commands.Bill{}
		b.Add(c.Name, 0, err)
		return b
	}
	if len(p.Rows) == 0 {
		return commands.Bill{}
	}
	return billOf(ctx, c.room.Cloud, p.Target, p.then())
}

// then are the parameters as they are after the change.
func (p rollout) then() map[string]string {
	out := map[string]string{}
	for name, value := range p.Stack.Parameters {
		out[name] = value
	}
	for name, value := range p.Change {
		out[name] = value
	}
	return out
}
