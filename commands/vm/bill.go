package vm

import (
	"context"
	"fmt"

	"deckhand/commands"
)

// Bill is what the launch costs while it runs, with the root disks.
func (c *Create) Bill(ctx context.Context) commands.Bill {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	b := commands.Bill{Without: "addresses and traffic"}
	launch, wrong := c.launch()
	machines := count(launch.MaxCount)
	if err := wrong.Err(); err != nil {
		b.Add(machines, 0, err)
		return b
	}
	id, _, err := FindImage(ctx, c.cloud, c.At(), c.ImageID, c.InstanceType)
	if err != nil {
		b.Add(machines, 0, err)
		return b
	}
	image, err := c.cloud.Image(ctx, c.At(), id)
	if err != nil {
		b.Add(machines, 0, err)
		return b
	}
	price, err := c.cloud.Price(ctx, c.At(), c.InstanceType, image.Platform)
	b.Add(machines, price.USDPerHour*float64(launch.MaxCount), err)
	size := max(launch.RootVolumeGiB, image.RootGiB)
	disks := fmt.Sprintf("root volumes of %d GiB", size)
	if launch.MaxCount == 1 {
		disks = fmt.Sprintf("a root volume of %d GiB", size)
	}
	if size == 0 {
		b.Add("root volumes", 0, commands.Misuse("the image does not say their size.", ""))
		return b
	}
	price, err = c.cloud.DiskPrice(ctx, c.At(), image.RootType)
	b.Add(disks, price.USDPerHour*float64(size*launch.MaxCount), err)
	return b
}

// Bill is what the instance costs afterwards, while it runs; nothing where it has the type already, and nothing is done.
func (c *Resize) Bill(ctx context.Context) commands.Bill {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	b := commands.Bill{Without: "disks, addresses and traffic"}
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		b.Add(c.InstanceType, 0, err)
		return b
	}
	if p.Instances[0].Type == c.InstanceType {
		return b
	}
	price, err := c.cloud.Price(ctx, p.Target, c.InstanceType, p.Instances[0].Platform)
	b.Add("the instance as "+c.InstanceType, price.USDPerHour, err)
	return b
}
