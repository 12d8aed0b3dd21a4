//go:build unix

package health

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// echo sends an ICMP echo request and waits for its answer, over a datagram socket, which needs no privilege where the system
// allows it, or else over a raw one.
func echo(ctx context.Context, address netip.Addr) error {
	conn, raw, err := openICMP(ctx, address)
	if err != nil {
		return unseenError{"this machine does not let deckhand send ICMP: allow it with sysctl net.ipv4.ping_group_range, or check with tcp:// instead"}
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	question, err := echoRequest(address)
	if err != nil {
		return err
	}
	var to net.Addr = &net.UDPAddr{IP: address.AsSlice(), Zone: address.Zone()}
	if raw {
		to = &net.IPAddr{IP: address.AsSlice(), Zone: address.Zone()}
	}
	if _, err := conn.WriteTo(question, to); err != nil {
		return err
	}
	return awaitEcho(ctx, conn, question, address)
}

// openICMP opens a socket, and tells whether it is a raw one.
func openICMP(ctx context.Context, address netip.Addr) (conn net.PacketConn, raw bool, err error) {
	family, protocol, network := syscall.AF_INET, syscall.IPPROTO_ICMP, "ip4:icmp"
	if address.Is6() {
		family, protocol, network = syscall.AF_INET6, syscall.IPPROTO_ICMPV6, "ip6:ipv6-icmp"
	}
	fd, err := syscall.Socket(family, syscall.SOCK_DGRAM, protocol)
	if err != nil {
		conn, err = (&net.ListenConfig{}).ListenPacket(ctx, network, "")
		return conn, true, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, false, errors.Join(err, syscall.Close(fd))
	}
	file := os.NewFile(uintptr(fd), "icmp") //nolint:gosec // a descriptor is small and not negative
	defer func() { _ = file.Close() }()
	conn, err = net.FilePacketConn(file)
	return conn, false, err
}

const (
	icmp4Request, icmp4Reply = 8, 0
	icmp6Request, icmp6Reply = 128, 129
	icmpHeader               = 8 // type, code, checksum, identifier, sequence number
)

// echoRequest is a message with random content, which tells its answer from everybody else's.
func echoRequest(address netip.Addr) ([]byte, error) {
	message := make([]byte, icmpHeader+16)
	if _, err := rand.Read(message[4:]); err != nil {
		return nil, err
	}
	message[0] = icmp4Request
	if address.Is6() {
		message[0] = icmp6Request // its checksum is the system's affair
		return message, nil
	}
	binary.BigEndian.PutUint16(message[2:], checksum(message))
	return message, nil
}

// checksum is that of RFC 1071.
func checksum(message []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(message); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(message[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum) //nolint:gosec // at most 16 bits
}

// awaitEcho reads until the answer to the question comes. A datagram socket has put an identifier of its own into it.
func awaitEcho(ctx context.Context, conn net.PacketConn, question []byte, address netip.Addr) error {
	wanted := byte(icmp4Reply)
	if address.Is6() {
		wanted = icmp6Reply
	}
	answer := make([]byte, 512)
	for {
		n, _, err := conn.ReadFrom(answer)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("wait for an echo: %w", err)
		}
		if n >= len(question) && answer[0] == wanted && bytes.Equal(answer[icmpHeader:len(question)], question[icmpHeader:]) {
			return nil
		}
	}
}
