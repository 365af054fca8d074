// ping TARGET COUNT SIZE GAP_MS ID FILL: echo requests as Go programs send them (x/net/icmp).
// FILL: zeros, text, clock (time, then zeros), random (new each time), uuid (16 octets, then zeros).
package main

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

func number(i int) int { n, _ := strconv.Atoi(os.Args[i]); return n }

func fill(kind string, size int) []byte {
	data := make([]byte, size)
	switch kind {
	case "text":
		copy(data, strings.Repeat("HELLO-R-U-THERE ", size/16+1))
	case "clock":
		if size >= 8 {
			binary.BigEndian.PutUint64(data, uint64(time.Now().UnixNano()))
		}
	case "random":
		rand.Read(data)
	case "uuid":
		rand.Read(data[:min(16, size)])
		if size >= 24 {
			binary.BigEndian.PutUint64(data[16:], uint64(time.Now().UnixNano()))
		}
	}
	return data
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func main() {
	target, six := os.Args[1], strings.Contains(os.Args[1], ":")
	network, local, version := "ip4:icmp", "0.0.0.0", 1
	var kind icmp.Type = ipv4.ICMPTypeEcho
	if six {
		network, local, version, kind = "ip6:ipv6-icmp", "::", 58, ipv6.ICMPTypeEchoRequest
	}
	socket, err := icmp.ListenPacket(network, local)
	if err != nil {
		panic(err)
	}
	address, err := net.ResolveIPAddr("ip", target)
	if err != nil {
		panic(err)
	}
	buffer := make([]byte, 2000)
	for n := 0; n < number(2); n++ {
		echo := icmp.Echo{ID: number(5), Seq: n, Data: fill(os.Args[6], number(3))}
		message := icmp.Message{Type: kind, Body: &echo}
		octets, _ := message.Marshal(nil)
		socket.WriteTo(octets, address)
		end := time.Now().Add(time.Duration(number(4)) * time.Millisecond)
		socket.SetReadDeadline(end)
		for {
			size, _, err := socket.ReadFrom(buffer)
			if err != nil {
				break
			}
			if _, err := icmp.ParseMessage(version, buffer[:size]); err == nil {
				break
			}
		}
		time.Sleep(time.Until(end))
	}
}
