// `ipwire DIALECT ROLE PEER SECONDS SEED MODE`: messages straight in IP, in the clothes of protocols
// that the router does not know. MODE is chat (orders on the boss's standard input, made-up answers),
// file (the bot sends 12 kB), or beacon (a record every 4 to 9 s, answered).
package main

import (
	"bufio"
	"crypto/rc4"
	"encoding/binary"
	"hash/crc32"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A dialect is a protocol number and what stands before the message.
var dialects = map[string]struct {
	proto  string
	sealed bool
	head   func(rng *rand.Rand, n, size int) []byte
}{
	"eoip": {"47", false, func(_ *rand.Rand, n, size int) []byte {
		return []byte{0x20, 1, 0x64, 0, byte(size), byte(size >> 8), 7, 0}
	}},
	"l2tp3": {"115", true, func(*rand.Rand, int, int) []byte { return []byte{0, 0, 0x4d, 0x21, 0, 0, 0, 0} }},
	"mpls":  {"137", false, func(_ *rand.Rand, n, _ int) []byte { return []byte{0, 0x3e, 0x81, 64} }},
	"ospf": {"89", true, func(_ *rand.Rand, n, size int) []byte {
		return append([]byte{2, 1, byte((size + 24) >> 8), byte(size + 24)}, make([]byte, 20)...)
	}},
	"igmp": {"2", false, func(*rand.Rand, int, int) []byte { return []byte{0x16, 0, 0xfa, 4, 239, 1, 1, 9} }},
	"pim":  {"103", true, func(*rand.Rand, int, int) []byte { return []byte{0x20, 0, 0xde, 0xff} }},
	"vrrp": {"112", true, func(*rand.Rand, int, int) []byte { return []byte{0x31, 51, 100, 1, 0, 100, 0, 0} }},
	"esp": {"50", true, func(_ *rand.Rand, n, _ int) []byte {
		return binary.BigEndian.AppendUint32([]byte{0, 0, 16, 1}, uint32(n))
	}},
	"argus": {"13", false, func(_ *rand.Rand, n, size int) []byte { return []byte{byte(n), byte(size)} }},
	"raw61": {"61", true, func(*rand.Rand, int, int) []byte { return nil }},
	"skip57": {"57", true, func(rng *rand.Rand, n, _ int) []byte {
		return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte{byte(n)}))
	}},
}

func answer(order string, seed int) []byte {
	command := exec.Command("perl", os.Getenv("P")+"/blind/host.pl", "unix", strconv.Itoa(seed))
	command.Stdin = strings.NewReader(order + "\n")
	out, _ := command.Output()
	return out
}

func main() {
	dialect := dialects[os.Args[1]]
	boss, peer, mode := os.Args[2] == "boss", os.Args[3], os.Args[6]
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	seed, _ := strconv.Atoi(os.Args[5])
	rng := rand.New(rand.NewSource(int64(seed)))
	remote, _ := net.ResolveIPAddr("ip", peer)
	family := "ip4:"
	if remote.IP.To4() == nil {
		family = "ip6:"
	}
	conn, err := net.ListenIP(family+dialect.proto, nil)
	if err != nil {
		panic(err)
	}
	count := 0
	crypt := func(data []byte) []byte {
		if !dialect.sealed {
			return data
		}
		cipher, _ := rc4.NewCipher([]byte("s" + strconv.Itoa(seed)))
		out := make([]byte, len(data))
		cipher.XORKeyStream(out, data)
		return out
	}
	send := func(data []byte) {
		for len(data) > 0 {
			part := data[:min(len(data), 700)]
			data = data[len(part):]
			count++
			conn.WriteToIP(append(dialect.head(rng, count, len(part)), crypt(part)...), remote)
			time.Sleep(time.Duration(5+rng.Intn(30)) * time.Millisecond)
		}
	}
	received := make(chan []byte)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromIP(buffer)
			if err == nil && from.IP.Equal(remote.IP) {
				body := buffer[:n]
				if skip := len(dialect.head(rng, 0, 0)); n > skip {
					received <- append([]byte{}, crypt(body[skip:])...)
				}
			}
		}
	}()
	orders := make(chan string)
	if boss && mode == "chat" {
		go func() {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				orders <- lines.Text()
			}
		}()
	}
	stop := time.After(time.Duration(seconds * float64(time.Second)))
	next := time.After(time.Second)
	file := 12000
	for {
		select {
		case <-stop:
			return
		case order := <-orders:
			send([]byte(order))
		case data := <-received:
			if mode == "chat" && !boss && len(data) < 100 {
				seed2 := rng.Int() % 9999
				send(answer(string(data), seed2))
			} else if mode != "chat" && boss {
				send([]byte("ok " + strconv.Itoa(len(data))))
			}
		case <-next:
			next = time.After(time.Hour)
			if boss || mode == "chat" {
				break
			}
			if mode == "beacon" {
				send(append([]byte("id=edge-02;"), []byte(strconv.Itoa(rng.Int()%1e6))...))
				next = time.After(time.Duration(4000+rng.Intn(5000)) * time.Millisecond)
			} else if file > 0 {
				piece := make([]byte, 300+rng.Intn(400))
				rng.Read(piece)
				send(piece)
				file -= len(piece)
				next = time.After(time.Duration(150+rng.Intn(900)) * time.Millisecond)
			}
		}
	}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
