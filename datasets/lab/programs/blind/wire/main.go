// Command wire: `wire FAMILY ROLE HOST PORT SECONDS SEED`: conversations over TCP in the framings that reports
// describe for remote-access programs. Nothing runs: the bot's answers are made up, and the
// boss's orders come on standard input. ROLE is boss (listens) or bot (connects).
package main

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

type family struct {
	os    string
	beat  float64 // seconds between keep-alives, 0 for none
	split bool    // header and body in two writes
	hello func(*talk)
	wrap  func(*talk, byte, []byte) []byte // a framed message; kind 'b'eat, 'o'rder, 'a'nswer, 'h'ello
	open  func(*talk) ([]byte, error)
}

type talk struct {
	conn net.Conn
	in   *bufio.Reader
	rng  *rand.Rand
	boss bool
	key  []byte
	up   cipher.Stream // what the bot sends
	down cipher.Stream
}

func (t *talk) need(n int) ([]byte, error) {
	if n < 0 || n > 1<<20 {
		return nil, io.ErrUnexpectedEOF
	}
	out := make([]byte, n)
	_, err := io.ReadFull(t.in, out)
	return out, err
}

func (t *talk) noise(n int) []byte {
	out := make([]byte, n)
	t.rng.Read(out)
	return out
}

func (t *talk) write(data []byte) { t.conn.Write(data) }

func le(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
func be(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func xor(data, key []byte) []byte {
	out := make([]byte, len(data))
	for i := range data {
		out[i] = data[i] ^ key[i%len(key)]
	}
	return out
}

func deflate(data []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(data)
	w.Close()
	return out.Bytes()
}

func inflate(data []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(r)
	return out
}

func pad(data []byte, size int) []byte {
	n := size - len(data)%size
	return append(append([]byte{}, data...), bytes.Repeat([]byte{byte(n)}, n)...)
}

func unpad(data []byte) []byte {
	if len(data) == 0 || int(data[len(data)-1]) > len(data) {
		return nil
	}
	return data[:len(data)-int(data[len(data)-1])]
}

func cbc(block cipher.Block, iv, data []byte, back bool) []byte {
	out := make([]byte, len(data))
	if back {
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	} else {
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, data)
	}
	return out
}

func (t *talk) block() cipher.Block { b, _ := aes.NewCipher(t.key[:16]); return b }
func (t *talk) des() cipher.Block   { b, _ := des.NewCipher(t.key[:8]); return b }

// stream returns the key stream of one direction.
func (t *talk) stream(mine bool) cipher.Stream {
	if mine != t.boss {
		return t.up
	}
	return t.down
}

func (t *talk) streams(make func(salt byte) cipher.Stream) { t.up, t.down = make(1), make(2) }

func (t *talk) crypt(data []byte, mine bool) []byte {
	out := make([]byte, len(data))
	t.stream(mine).XORKeyStream(out, data)
	return out
}

// answer asks the made-up host.
func answer(order, system string, seed int) []byte {
	path := os.Getenv("P") + "/blind/host.pl"
	command := exec.Command("perl", path, system, strconv.Itoa(seed))
	command.Stdin = strings.NewReader(order + "\n")
	out, _ := command.Output()
	return out
}

func serve(f family, t *talk, seconds float64, seed int) {
	stop := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	send := func(kind byte, data []byte) {
		frame := f.wrap(t, kind, data)
		if f.split && len(frame) > 4 {
			t.write(frame[:4])
			frame = frame[4:]
		}
		t.write(frame)
	}
	f.hello(t)
	incoming := make(chan []byte)
	go func() {
		defer close(incoming)
		for {
			data, err := f.open(t)
			if err != nil {
				return
			}
			incoming <- data
		}
	}()
	orders := make(chan string)
	if t.boss {
		go func() {
			lines := bufio.NewScanner(os.Stdin)
			for lines.Scan() {
				orders <- lines.Text()
			}
		}()
	}
	beat := time.Duration(f.beat * float64(time.Second))
	if beat == 0 {
		beat = time.Hour
	}
	next := time.Now().Add(beat)
	for time.Now().Before(stop) {
		select {
		case data, ok := <-incoming:
			if !ok {
				return
			}
			if !t.boss && len(data) > 1 {
				time.Sleep(time.Duration(20+t.rng.Intn(120)) * time.Millisecond)
				seed++
				send('a', answer(string(data), f.os, seed))
			} else if t.boss && len(data) == 1 {
				send('b', []byte{'!'})
			}
		case order := <-orders:
			send('o', []byte(order))
		case <-time.After(time.Until(next)):
			if !t.boss {
				send('b', []byte{'?'})
			}
			next = time.Now().Add(beat)
		case <-time.After(time.Until(stop)):
		}
	}
}

func main() {
	current = os.Args[1]
	f, ok := families[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "unknown family")
		os.Exit(2)
	}
	seconds, _ := strconv.ParseFloat(os.Args[5], 64)
	seed, _ := strconv.Atoi(os.Args[6])
	where := net.JoinHostPort(os.Args[3], os.Args[4])
	t := &talk{boss: os.Args[2] == "boss", rng: rand.New(rand.NewSource(int64(seed)))}
	t.key = t.noise(32)
	t.streams(func(salt byte) cipher.Stream { c, _ := rc4.NewCipher(append(t.key, salt)); return c })
	if t.boss {
		listener, err := net.Listen("tcp", where)
		if err != nil {
			panic(err)
		}
		t.conn, _ = listener.Accept()
		t.rng = rand.New(rand.NewSource(int64(seed + 1)))
	} else {
		conn, err := net.Dial("tcp", where)
		if err != nil {
			panic(err)
		}
		t.conn = conn
	}
	t.in = bufio.NewReader(t.conn)
	serve(f, t, seconds, seed)
	t.conn.Close()
}
