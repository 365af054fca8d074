// resolve SERVER TIMES: look-ups by Go's own resolver, A and AAAA at once.
package main

import (
	"context"
	"fmt"
	"math/rand"
	"net"
	"os"
	"strconv"
	"time"
)

func main() {
	times, _ := strconv.Atoi(os.Args[2])
	rand.Seed(time.Now().UnixNano())
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(os.Args[1], "53"))
	}}
	for i := 0; i < times; i++ {
		resolver.LookupHost(context.Background(), fmt.Sprintf("g%d.wild.lab.test.", rand.Intn(9000)))
		time.Sleep(time.Duration(100+rand.Intn(1200)) * time.Millisecond)
	}
}
