package aws

import "time"

// Volume is an EBS volume.
type Volume struct {
	ID        string
	Name      string // the Name tag
	GiB       int
	Type      string // "gp3"
	Zone      string
	CreatedAt time.Time
	Tags      map[string]string
}

// Address is an Elastic IP address.
type Address struct {
	ID   string // allocation id
	Name string // the Name tag
	IP   string
	// Association is what it leads to; "" where it leads to nothing.
	Association string
	Tags        map[string]string
}

// Spend is what one service of AWS, or what carries one value of a tag, cost on one day, in UTC.
type Spend struct {
	Day       time.Time
	Service   string // "Amazon Elastic Compute Cloud - Compute"; or the tag's value, "" of what does not carry it
	Amount    float64
	Unit      string // "USD"
	Estimated bool   // AWS may still correct it
}
