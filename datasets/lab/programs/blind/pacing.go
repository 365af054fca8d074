// `pacing MODE HOST PORT SECONDS SEED < message`: bits in the times between ordinary packets.
//
//	morse   datagrams of one size; gaps of 0.1, 0.3 and 0.7 s
//	jitter  keys typed over a TCP connection, each held back to an odd or even multiple of 20 ms
//	echo    echo requests like the kernel's, one or two seconds apart, by bits
//	count   per second, as many datagrams as two bits say
//	model   gaps drawn from ordinary ones, the bit chooses the lower or the upper half
package main

import (
	"encoding/binary"
	"io"
	"math"
	"math/rand"
	"net"
	"os"
	"strconv"
	"time"
)

func main() {
	mode, where := os.Args[1], net.JoinHostPort(os.Args[2], os.Args[3])
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	seed, _ := strconv.Atoi(os.Args[5])
	rng := rand.New(rand.NewSource(int64(seed)))
	message, _ := io.ReadAll(os.Stdin)
	stop := time.Now().Add(time.Duration(seconds * 1e9))
	network := map[string]string{"jitter": "tcp", "echo": "ip4:icmp"}[mode]
	if network == "" {
		network = "udp"
	} else if network != "tcp" {
		where = os.Args[2]
	}
	conn, err := net.Dial(network, where)
	if err != nil {
		panic(err)
	}
	go io.Copy(io.Discard, conn)
	sent := uint16(0)
	send := func() {
		sent++
		switch mode {
		case "jitter":
			conn.Write([]byte{byte('a' + rng.Intn(26))})
		case "echo":
			packet := append([]byte{8, 0, 0, 0, byte(seed >> 8), byte(seed), byte(sent >> 8), byte(sent)},
				binary.LittleEndian.AppendUint64(nil, uint64(time.Now().Unix()))...)
			packet = binary.LittleEndian.AppendUint64(packet, uint64(time.Now().Nanosecond()/1000))
			for i := byte(16); i < 56; i++ {
				packet = append(packet, i)
			}
			sum := uint32(0)
			for i := 0; i < len(packet); i += 2 {
				sum += uint32(packet[i])<<8 | uint32(packet[i+1])
			}
			sum = sum&0xffff + sum>>16
			binary.BigEndian.PutUint16(packet[2:], ^uint16(sum+sum>>16))
			conn.Write(packet)
		default:
			body := make([]byte, 64)
			binary.BigEndian.PutUint16(body, sent)
			conn.Write(body)
		}
	}
	ms := func(n float64) { time.Sleep(time.Duration(n * 1e6)) }
	for _, octet := range message {
		for bit := 0; bit < 8 && time.Now().Before(stop); bit++ {
			one := float64(octet >> bit & 1)
			switch mode {
			case "morse":
				send()
				ms(100 + 200*one)
				if bit == 7 {
					ms(400)
				}
			case "jitter":
				send()
				wait := math.Round((120+rng.ExpFloat64()*90)/40)*40 + 20*one
				ms(wait)
			case "echo":
				send()
				ms(1000 + 1000*one)
			case "count":
				if bit%2 == 0 {
					for n := octet >> bit & 3; ; n-- {
						send()
						ms(15)
						if n == 0 {
							break
						}
					}
					ms(700)
				}
			case "model":
				send()
				ms(200 * math.Exp(0.8*math.Abs(rng.NormFloat64())*(2*one-1)))
			}
		}
	}
}
