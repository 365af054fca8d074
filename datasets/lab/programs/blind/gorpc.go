// `gorpc ROLE HOST PORT SECONDS`: Go's net/rpc, gobs over TCP.
package main

import (
	"math/rand"
	"net"
	"net/rpc"
	"os"
	"strconv"
	"strings"
	"time"
)

// Sheet is the service.
type Sheet struct{}

// Cell is a request, Row an answer.
type (
	Cell struct {
		Name string
		N    int
	}
	Row struct{ Values []float64 }
)

// Read answers with some numbers.
func (Sheet) Read(cell Cell, row *Row) error {
	for i := 0; i < cell.N; i++ {
		row.Values = append(row.Values, rand.Float64())
	}
	return nil
}

func main() {
	where := net.JoinHostPort(os.Args[2], os.Args[3])
	if os.Args[1] == "server" {
		rpc.Register(Sheet{})
		listener, err := net.Listen("tcp", where)
		if err != nil {
			panic(err)
		}
		rpc.Accept(listener)
	}
	client, err := rpc.Dial("tcp", where)
	if err != nil {
		panic(err)
	}
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	for stop := time.Now().Add(time.Duration(seconds * 1e9)); time.Now().Before(stop); {
		var row Row
		client.Call("Sheet.Read", Cell{strings.Repeat("A", 1+rand.Intn(9)), rand.Intn(30)}, &row)
		time.Sleep(time.Duration(200+rand.Intn(2500)) * time.Millisecond)
	}
}
