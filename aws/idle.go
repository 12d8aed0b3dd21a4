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
}

// Address is an Elastic IP address.
type Address struct {
	ID   string // allocation id
	Name string // the Name tag
	IP   string
}
