// `pingtun ROLE PEER LISTEN TARGET SECONDS`: one TCP port carried in ICMP echo, in the records that
// pingtunnel's public protocol file describes (protobuf: id, type, target, data, rproto, magic, key),
// with pings and kicks every second. ROLE is client (LISTEN is a local port) or server (TARGET).
package main

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"net"
	"os"
	"strconv"
	"time"
)

func varint(out []byte, field int, value uint64) []byte {
	out = binary.AppendUvarint(out, uint64(field<<3))
	return binary.AppendUvarint(out, value)
}

func octets(out []byte, field int, value []byte) []byte {
	out = binary.AppendUvarint(out, uint64(field<<3|2))
	return append(binary.AppendUvarint(out, uint64(len(value))), value...)
}

type record struct {
	id   string
	kind uint64
	data []byte
}

func pack(r record, target string) []byte {
	out := octets(nil, 1, []byte(r.id))
	out = varint(out, 2, r.kind)
	if target != "" {
		out = octets(out, 3, []byte(target))
	}
	if len(r.data) > 0 {
		out = octets(out, 4, r.data)
	}
	out = varint(out, 5, 1)
	out = varint(out, 6, 0xdead<<1)
	return varint(out, 7, 123456<<1)
}

func unpack(data []byte) (r record) {
	for len(data) > 1 {
		tag, n := binary.Uvarint(data)
		data = data[max(n, 1):]
		value, n := binary.Uvarint(data)
		data = data[max(n, 1):]
		if tag&7 == 2 {
			if value > uint64(len(data)) {
				return
			}
			switch tag >> 3 {
			case 1:
				r.id = string(data[:value])
			case 4:
				r.data = append([]byte{}, data[:value]...)
			}
			data = data[value:]
		} else if tag>>3 == 2 {
			r.kind = value
		}
	}
	return
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

// frames carries a stream reliably enough: number, data; the answer to a frame acknowledges it.
type stream struct {
	conn    net.Conn
	sent    uint32
	due     uint32
	pending map[uint32][]byte
	early   map[uint32][]byte
}

func main() {
	client, peer := os.Args[1] == "client", os.Args[2]
	seconds, _ := strconv.ParseFloat(os.Args[5], 64)
	raw, err := net.ListenPacket("ip4:icmp", "0.0.0.0")
	if err != nil {
		panic(err)
	}
	to, _ := net.ResolveIPAddr("ip4", peer)
	ident, number := uint16(rand.Int()), uint16(0)
	emit := func(kind byte, body []byte) {
		number++
		packet := append([]byte{kind, 0, 0, 0, byte(ident >> 8), byte(ident), byte(number >> 8), byte(number)}, body...)
		sum := uint32(0)
		for i := 0; i < len(packet); i += 2 {
			sum += uint32(packet[i]) << 8
			if i+1 < len(packet) {
				sum += uint32(packet[i+1])
			}
		}
		sum = sum&0xffff + sum>>16
		binary.BigEndian.PutUint16(packet[2:], ^uint16(sum+sum>>16))
		raw.WriteTo(packet, to)
	}
	way, back := byte(8), byte(0)
	if !client {
		way, back = 0, 8
	}
	target := ""
	if client {
		target = os.Args[4]
	}
	streams := map[string]*stream{}
	type event struct {
		id   string
		data []byte
		conn net.Conn
		echo []byte
	}
	events := make(chan event, 64)
	pump := func(id string, conn net.Conn) {
		buffer := make([]byte, 700)
		for {
			n, err := conn.Read(buffer)
			if n > 0 {
				events <- event{id: id, data: append([]byte{}, buffer[:n]...)}
			}
			if err != nil {
				return
			}
		}
	}
	if client {
		listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[3])
		if err != nil {
			panic(err)
		}
		go func() {
			for {
				conn, err := listener.Accept()
				if err == nil {
					events <- event{id: fmt.Sprintf("%032x", rand.Uint64()), conn: conn}
				}
			}
		}()
	}
	go func() {
		buffer := make([]byte, 3000)
		for {
			n, from, err := raw.ReadFrom(buffer)
			if err == nil && from.String() == peer && n > 8 && buffer[0] == back {
				if !client {
					ident = binary.BigEndian.Uint16(buffer[4:])
				}
				events <- event{echo: append([]byte{}, buffer[8:n]...)}
			}
		}
	}()
	stop := time.After(time.Duration(seconds * 1e9))
	tick := time.NewTicker(400 * time.Millisecond)
	beats := 0
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			for id, s := range streams {
				for n, data := range s.pending {
					emit(way, pack(record{id, 0, append(binary.BigEndian.AppendUint32([]byte{0}, n), data...)}, target))
				}
			}
			if beats++; client && beats%3 == 0 {
				emit(8, pack(record{"", 1, []byte(time.Now().Format(time.RFC3339Nano))}, ""))
			}
		case e := <-events:
			switch {
			case e.conn != nil:
				streams[e.id] = &stream{conn: e.conn, pending: map[uint32][]byte{}, early: map[uint32][]byte{}}
				go pump(e.id, e.conn)
			case e.echo != nil:
				r := unpack(e.echo)
				if r.kind == 1 && !client {
					emit(0, pack(record{"", 1, r.data}, ""))
				}
				if r.kind != 0 || len(r.data) < 5 || r.id == "" {
					break
				}
				s := streams[r.id]
				if s == nil && !client {
					conn, err := net.Dial("tcp", os.Args[4])
					if err != nil {
						break
					}
					s = &stream{conn: conn, pending: map[uint32][]byte{}, early: map[uint32][]byte{}}
					streams[r.id] = s
					go pump(r.id, conn)
				}
				if s == nil {
					break
				}
				n := binary.BigEndian.Uint32(r.data[1:])
				if r.data[0] == 1 {
					delete(s.pending, n)
					break
				}
				emit(way, pack(record{r.id, 0, binary.BigEndian.AppendUint32([]byte{1}, n)}, target))
				if n >= s.due {
					s.early[n] = r.data[5:]
				}
				for s.early[s.due] != nil {
					s.conn.Write(s.early[s.due])
					delete(s.early, s.due)
					s.due++
				}
			default:
				if s := streams[e.id]; s != nil {
					s.pending[s.sent] = e.data
					emit(way, pack(record{e.id, 0, append(binary.BigEndian.AppendUint32([]byte{0}, s.sent), e.data...)}, target))
					s.sent++
				}
			}
		}
	}
}
