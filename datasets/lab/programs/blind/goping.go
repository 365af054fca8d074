// `goping HOST COUNT GAP_MS`: the echo loop of x/net/icmp's example, with its famous body.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

func main() {
	conn, err := icmp.ListenPacket("ip4:icmp", "0.0.0.0")
	if err != nil {
		panic(err)
	}
	count, _ := strconv.Atoi(os.Args[2])
	gap, _ := strconv.Atoi(os.Args[3])
	to, _ := net.ResolveIPAddr("ip4", os.Args[1])
	answer := make([]byte, 1500)
	for i := 1; i <= count; i++ {
		message := icmp.Message{Type: ipv4.ICMPTypeEcho,
			Body: &icmp.Echo{ID: os.Getpid() & 0xffff, Seq: i, Data: []byte("HELLO-R-U-THERE")}}
		packet, _ := message.Marshal(nil)
		begun := time.Now()
		conn.WriteTo(packet, to)
		conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		conn.ReadFrom(answer)
		fmt.Println(i, time.Since(begun))
		time.Sleep(time.Duration(gap) * time.Millisecond)
	}
}
