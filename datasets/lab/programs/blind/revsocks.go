// `revsocks ROLE HOST PORT SECONDS`: a SOCKS 5 server inside that calls out, as rsocks and revsocks do.
// The agent connects to HOST:PORT and serves SOCKS there over streams; the boss listens on PORT and
// offers the agent's SOCKS on 127.0.0.1:1080. Frames after yamux's public text: version, type, flags,
// stream, length, 12 octets in all; pings every 10 s.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	data = iota
	window
	ping
)

type mux struct {
	conn    net.Conn
	lock    sync.Mutex
	streams map[uint32]net.Conn
}

func (m *mux) frame(kind byte, flags uint16, id, length uint32, body []byte) {
	head := []byte{0, kind, byte(flags >> 8), byte(flags)}
	head = binary.BigEndian.AppendUint32(head, id)
	head = binary.BigEndian.AppendUint32(head, length)
	m.lock.Lock()
	defer m.lock.Unlock()
	m.conn.Write(head)
	if len(body) > 0 {
		m.conn.Write(body)
	}
}

func (m *mux) pump(id uint32, from net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			m.frame(data, 0, id, uint32(n), buffer[:n])
		}
		if err != nil {
			m.frame(window, 4, id, 0, nil)
			return
		}
	}
}

func (m *mux) read(accept func(uint32) net.Conn) {
	in := bufio.NewReader(m.conn)
	head := make([]byte, 12)
	for {
		if _, err := io.ReadFull(in, head); err != nil {
			return
		}
		flags := binary.BigEndian.Uint16(head[2:])
		id, length := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
		switch head[1] {
		case ping:
			if flags == 1 {
				m.frame(ping, 2, 0, length, nil)
			}
		case window:
			if flags&1 != 0 && accept != nil {
				m.streams[id] = accept(id)
				m.frame(window, 2, id, 0, nil)
				go m.pump(id, m.streams[id])
			} else if flags&4 != 0 && m.streams[id] != nil {
				m.streams[id].Close()
			}
		case data:
			body := make([]byte, length)
			if _, err := io.ReadFull(in, body); err != nil {
				return
			}
			if s := m.streams[id]; s != nil {
				s.Write(body)
			}
		}
	}
}

// socks serves one SOCKS 5 conversation on one end of a pipe and returns the other end.
func socks(uint32) net.Conn {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		head := make([]byte, 2)
		io.ReadFull(far, head)
		io.ReadFull(far, make([]byte, head[1]))
		far.Write([]byte{5, 0})
		request := make([]byte, 5)
		if _, err := io.ReadFull(far, request); err != nil {
			return
		}
		var host string
		if request[3] == 3 {
			name := make([]byte, request[4])
			io.ReadFull(far, name)
			host = string(name)
		} else {
			rest := make([]byte, 3)
			io.ReadFull(far, rest)
			host = net.IP(append(request[4:5], rest...)).String()
		}
		port := make([]byte, 2)
		io.ReadFull(far, port)
		to, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port)))))
		if err != nil {
			far.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		far.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		go func() { io.Copy(far, to); far.Close() }()
		io.Copy(to, far)
		to.Close()
	}()
	return near
}

func main() {
	where := net.JoinHostPort(os.Args[2], os.Args[3])
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	time.AfterFunc(time.Duration(seconds*1e9), func() { os.Exit(0) })
	m := &mux{streams: map[uint32]net.Conn{}}
	if os.Args[1] == "agent" {
		conn, err := net.Dial("tcp", where)
		if err != nil {
			panic(err)
		}
		m.conn = conn
		conn.Write([]byte("w0rdpass"))
		m.read(socks)
		return
	}
	listener, err := net.Listen("tcp", where)
	if err != nil {
		panic(err)
	}
	m.conn, _ = listener.Accept()
	io.ReadFull(m.conn, make([]byte, 8))
	go m.read(nil)
	go func() {
		for n := uint32(0); ; n++ {
			time.Sleep(10 * time.Second)
			m.frame(ping, 1, 0, n, nil)
		}
	}()
	local, err := net.Listen("tcp", "127.0.0.1:1080")
	if err != nil {
		panic(err)
	}
	for id := uint32(1); ; id += 2 {
		conn, err := local.Accept()
		if err != nil {
			return
		}
		m.streams[id] = conn
		m.frame(window, 1, id, 0, nil)
		go m.pump(id, conn)
	}
}
