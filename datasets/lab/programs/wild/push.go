// push server ADDRESS FORM | push client ADDRESS FORM SECONDS SEED: a messenger's long-lived connection.
// Small binary frames, a heartbeat each way, rare messages. FORM is how frames are laid out:
// tlv (type, varint length), be32 (length, then type), noise (three-octet length, sealed body),
// stream (two-octet length, opcode, stream id), chat (JSON with a length in text).
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"strconv"
	"time"
)

func frame(form string, kind byte, body []byte) []byte {
	switch form {
	case "tlv":
		head := append([]byte{kind}, binary.AppendUvarint(nil, uint64(len(body)))...)
		return append(head, body...)
	case "be32":
		head := make([]byte, 5)
		binary.BigEndian.PutUint32(head, uint32(len(body)+1))
		head[4] = kind
		return append(head, body...)
	case "noise":
		sealed := make([]byte, len(body)+17)
		rand.Read(sealed)
		return append([]byte{0, byte(len(sealed) >> 8), byte(len(sealed))}, sealed...)
	case "stream":
		head := []byte{0, 0, kind, 1, 0, 0, 0, 7}
		binary.BigEndian.PutUint16(head, uint16(len(body)+6))
		return append(head, body...)
	}
	text := fmt.Sprintf(`{"t":%d,"n":%d,"body":"%x"}`, kind, rand.Intn(1e6), body)
	return []byte(fmt.Sprintf("%d:%s,", len(text), text))
}

func skip(form string, in *bufio.Reader) (byte, error) {
	head := make([]byte, 8)
	var length int
	var kind byte
	switch form {
	case "tlv":
		kind, _ = in.ReadByte()
		size, err := binary.ReadUvarint(in)
		if err != nil {
			return 0, err
		}
		length = int(size)
	case "be32":
		if _, err := io.ReadFull(in, head[:5]); err != nil {
			return 0, err
		}
		length, kind = int(binary.BigEndian.Uint32(head))-1, head[4]
	case "noise":
		if _, err := io.ReadFull(in, head[:3]); err != nil {
			return 0, err
		}
		length = int(binary.BigEndian.Uint16(head[1:]))
	case "stream":
		if _, err := io.ReadFull(in, head); err != nil {
			return 0, err
		}
		length, kind = int(binary.BigEndian.Uint16(head))-6, head[2]
	default:
		text, err := in.ReadString(':')
		if err != nil {
			return 0, err
		}
		length, _ = strconv.Atoi(text[:len(text)-1])
		length++
	}
	_, err := io.CopyN(io.Discard, in, int64(length))
	return kind, err
}

func body(least, most int) []byte {
	text := []byte("see you at the station by nine, bring the blue folder; lunch? status=ok id=")
	out := make([]byte, least+rand.Intn(most-least+1))
	for i := range out {
		out[i] = text[(i*7+rand.Intn(3))%len(text)]
	}
	return out
}

func listen(form string, peer net.Conn) {
	in := bufio.NewReader(peer)
	for {
		kind, err := skip(form, in)
		if err != nil {
			return
		}
		if kind <= 1 || form == "noise" {
			peer.Write(frame(form, 2, nil))
		} else {
			peer.Write(frame(form, 4, body(4, 12)))
		}
	}
}

func main() {
	form := os.Args[3]
	if os.Args[1] == "server" {
		rand.Seed(time.Now().UnixNano())
		socket, err := net.Listen("tcp", os.Args[2])
		if err != nil {
			panic(err)
		}
		for {
			peer, err := socket.Accept()
			if err != nil {
				return
			}
			go listen(form, peer)
			go func() {
				for {
					time.Sleep(time.Duration(4+rand.Intn(14)) * time.Second)
					if _, err := peer.Write(frame(form, 3, body(20, 160))); err != nil {
						return
					}
				}
			}()
		}
	}
	seconds, _ := strconv.Atoi(os.Args[4])
	seed, _ := strconv.ParseInt(os.Args[5], 10, 64)
	rand.Seed(seed)
	peer, err := net.Dial("tcp", os.Args[2])
	if err != nil {
		panic(err)
	}
	peer.Write(frame(form, 16, body(60, 200)))
	go func() {
		in := bufio.NewReader(peer)
		for {
			if _, err := skip(form, in); err != nil {
				return
			}
		}
	}()
	beat := time.Duration(1500+rand.Intn(4000)) * time.Millisecond
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	for time.Now().Before(end) {
		time.Sleep(beat)
		if rand.Intn(6) == 0 {
			peer.Write(frame(form, 5, body(8, 120)))
		} else {
			peer.Write(frame(form, 1, nil))
		}
	}
	peer.Close()
}
