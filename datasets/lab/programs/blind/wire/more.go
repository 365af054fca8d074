package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

func quiet(*talk) {}

// until reads text up to a mark, which is taken off.
func until(mark string, unwrap func(string) []byte) func(*talk) ([]byte, error) {
	return func(t *talk) ([]byte, error) {
		var out []byte
		for !bytes.HasSuffix(out, []byte(mark)) {
			one, err := t.in.ReadByte()
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		return unwrap(strings.TrimSuffix(string(out), mark)), nil
	}
}

func more() {
	wrap, open := chunked("6f1d5b0c-9a53-4f0e-8a55-1c0d2b7e4a19")
	families["poseidon"] = family{os: "unix", beat: 12, wrap: wrap, open: open, hello: func(t *talk) {
		if !t.boss {
			t.write(wrap(t, 'h', []byte(`{"action":"checkin","os":"linux","pid":4211,"integrity_level":2}`)))
		}
	}}
	families["nanocore"] = family{os: "win", beat: 6, hello: func(t *talk) {
		if !t.boss {
			t.write(families["nanocore"].wrap(t, 'h', t.noise(60)))
		}
	},
		wrap: func(t *talk, kind byte, data []byte) []byte {
			body := cbc(t.des(), t.key[8:16], pad(join([]byte{kind & 1, kind, 0}, deflate(data)), 8), false)
			return join(le(len(body)), body)
		},
		open: func(t *talk) ([]byte, error) {
			body, err := sized(0)(t)
			if err != nil {
				return nil, err
			}
			return inflate(unpad(cbc(t.des(), t.key[8:16], body, true))[3:]), nil
		}}
	families["xtreme"] = family{os: "win", beat: 25, hello: func(t *talk) {
		if !t.boss {
			t.write([]byte("myversion|3.6 Public\r\n"))
			t.need(3)
		} else {
			t.need(22)
			t.write([]byte("X\r\n"))
		}
	},
		wrap: func(t *talk, kind byte, data []byte) []byte {
			body := deflate(data)
			return join(t.key[:8], le(len(body)), le(0), body)
		},
		open: func(t *talk) ([]byte, error) {
			head, err := t.need(16)
			if err != nil {
				return nil, err
			}
			body, err := t.need(int(binary.LittleEndian.Uint32(head[8:])))
			return inflate(body), err
		}}
	families["danabot"] = family{os: "win", beat: 0, hello: quiet,
		wrap: func(t *talk, kind byte, data []byte) []byte {
			iv := make([]byte, 16)
			body := cbc(t.block(), iv, pad(data, 16), false)
			n := len(body) + 4 + 128
			salt := t.rng.Uint64() >> 2
			head := binary.LittleEndian.AppendUint64(nil, uint64(n))
			head = binary.LittleEndian.AppendUint64(head, salt)
			head = binary.LittleEndian.AppendUint64(head, salt+uint64(n))
			return join(head, body, le(16-len(data)%16), t.noise(128))
		},
		open: func(t *talk) ([]byte, error) {
			head, err := t.need(24)
			if err != nil {
				return nil, err
			}
			body, err := t.need(int(binary.LittleEndian.Uint64(head)))
			if err != nil {
				return nil, err
			}
			return unpad(cbc(t.block(), make([]byte, 16), body[:len(body)-132], true)), nil
		}}
	families["limerat"] = family{os: "win", beat: 9, hello: quiet,
		wrap: func(t *talk, kind byte, data []byte) []byte {
			text := join([]byte{kind}, []byte("|'L'|"), data)
			iv := make([]byte, 16)
			return []byte(base64.StdEncoding.EncodeToString(cbc(t.block(), iv, pad(text, 16), false)) + "|'N'|")
		},
		open: until("|'N'|", nil)}
	lime := families["limerat"]
	lime.open = func(t *talk) ([]byte, error) {
		return until("|'N'|", func(text string) []byte {
			raw, _ := base64.StdEncoding.DecodeString(text)
			return unpad(cbc(t.block(), make([]byte, 16), raw, true))[6:]
		})(t)
	}
	families["limerat"] = lime
	families["zxshell"] = family{os: "win", beat: 0, hello: func(t *talk) {
		if !t.boss {
			t.write([]byte("\r\nEnter the password:"))
			until("\r\n", func(string) []byte { return nil })(t)
			t.write([]byte("\r\nPassword is correct.\r\nZXSHELL>"))
		} else {
			until(":", func(string) []byte { return nil })(t)
			t.write([]byte("pass\r\n"))
		}
	},
		wrap: func(t *talk, kind byte, data []byte) []byte {
			if kind == 'o' {
				return join(data, []byte("\r\n"))
			}
			return join(data, []byte("\r\nZXSHELL>"))
		},
		open: func(t *talk) ([]byte, error) {
			mark := "\r\n"
			if t.boss {
				mark = "ZXSHELL>"
			}
			return until(mark, func(text string) []byte { return []byte(text) })(t)
		}}
	families["bifrost"] = family{os: "win", beat: 14, hello: func(t *talk) {
		if !t.boss {
			t.write(families["bifrost"].wrap(t, 'h', []byte("10.8.1.4|unknown|edge-02|svc_web|p1.2d||3|1|0|")))
		}
	},
		wrap: func(t *talk, kind byte, data []byte) []byte {
			return join(le(len(data)+1), t.crypt(join([]byte{0x80 + kind}, data), true))
		},
		open: func(t *talk) ([]byte, error) {
			body, err := sized(0)(t)
			if err != nil || len(body) == 0 {
				return nil, err
			}
			return t.crypt(body, false)[1:], nil
		}}
}
