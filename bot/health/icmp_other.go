//go:build !unix

package health

import (
	"context"
	"net/netip"
)

func echo(context.Context, netip.Addr) error {
	return unseenError{"deckhand sends no ICMP on this system: check with tcp:// instead"}
}
