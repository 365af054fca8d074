package main

import (
	"crypto/cipher"
	"crypto/rc4"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// sized reads a 32-bit little-endian length, `extra` octets, and as many octets as the length says.
func sized(extra int) func(*talk) ([]byte, error) {
	return func(t *talk) ([]byte, error) {
		head, err := t.need(4 + extra)
		if err != nil {
			return nil, err
		}
		return t.need(int(binary.LittleEndian.Uint32(head)))
	}
}

func join(parts ...[]byte) []byte {
	var out []byte
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

func banner(format string) func(*talk) {
	return func(t *talk) {
		if !t.boss {
			text := fmt.Sprintf(format, 1000+t.rng.Intn(9000), t.rng.Intn(256))
			t.write(families[current].wrap(t, 'h', []byte(text)))
		}
	}
}

var current string

// lcg is the key stream that PlugX's reports describe: four words stepped by shifts.
func lcg(key uint32, data []byte) []byte {
	out := make([]byte, len(data))
	a, b, c, d := key, key, key, key
	for i := range data {
		a += a>>3 - 0x11111111
		b += b>>5 - 0x22222222
		c += 0x33333333 - c<<7
		d += 0x44444444 - d<<9
		out[i] = data[i] ^ byte(a+b+c+d)
	}
	return out
}

// families, filled at start since the entries refer to the table.
var families map[string]family

func init() {
	families = map[string]family{
		"plugx": {os: "win", beat: 15, hello: banner("edge-%d;sp3;%d"),
			wrap: func(t *talk, kind byte, data []byte) []byte {
				key, body := t.noise(4), deflate(data)
				head := join(le(0x1001+int(kind)), binary.LittleEndian.AppendUint16(nil, uint16(len(body))),
					binary.LittleEndian.AppendUint16(nil, uint16(len(data))), le(0))
				return join(key, lcg(binary.LittleEndian.Uint32(key), join(head, body)))
			},
			open: func(t *talk) ([]byte, error) {
				key, err := t.need(4)
				if err != nil {
					return nil, err
				}
				head, err := t.need(12)
				if err != nil {
					return nil, err
				}
				plain := lcg(binary.LittleEndian.Uint32(key), head)
				body, err := t.need(int(binary.LittleEndian.Uint16(plain[4:])))
				return inflate(lcg(binary.LittleEndian.Uint32(key), join(head, body))[12:]), err
			}},
		"winnti": {os: "win", beat: 8, hello: banner("w%d-%d"),
			wrap: func(t *talk, kind byte, data []byte) []byte {
				key := t.noise(4)
				return join(key, xor(join(le(len(data)), le(0xABC18CBA), le(int(kind)), data), key))
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(16)
				if err != nil {
					return nil, err
				}
				body, err := t.need(int(binary.LittleEndian.Uint32(xor(head[4:8], head[:4]))))
				return xor(body, head[:4]), err
			}},
		"derusbi": {os: "win", split: true, hello: func(t *talk) {
			t.write(t.noise(64))
			t.need(64)
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				body, key := deflate(data), t.noise(4)
				return join(le(24+len(body)), le(int(kind)), le(int(crc32.ChecksumIEEE(body))), key, le(1), le(len(data)), xor(body, key))
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(24)
				if err != nil {
					return nil, err
				}
				body, err := t.need(int(binary.LittleEndian.Uint32(head)) - 24)
				return inflate(xor(body, head[12:16])), err
			}},
		"netwire": {os: "win", beat: 10, hello: func(t *talk) {
			if !t.boss {
				t.write(join(le(65), []byte{0x99}, t.noise(64)))
			} else {
				t.need(69)
			}
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				if kind == 'b' {
					return []byte{1, 0, 0, 0, 0x97}
				}
				iv := make([]byte, 16)
				out := make([]byte, len(data))
				cipher.NewOFB(t.block(), iv).XORKeyStream(out, data)
				return join(le(len(data)+1), []byte{0x9a + kind&3}, out)
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(5)
				if err != nil {
					return nil, err
				}
				body, err := t.need(int(binary.LittleEndian.Uint32(head)) - 1)
				out := make([]byte, len(body))
				cipher.NewOFB(t.block(), make([]byte, 16)).XORKeyStream(out, body)
				return out, err
			}},
		"avemaria": {os: "win", beat: 20, hello: func(t *talk) {
			if t.boss {
				t.write(families["avemaria"].wrap(t, 'h', nil))
			}
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				c, _ := rc4.NewCipher([]byte("warzone160\x00"))
				plain := join(le(0x29BB66E4), le(len(data)), le(int(kind)), data)
				c.XORKeyStream(plain, plain)
				return plain
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(12)
				if err != nil {
					return nil, err
				}
				c, _ := rc4.NewCipher([]byte("warzone160\x00"))
				c.XORKeyStream(head, head)
				body, err := t.need(int(binary.LittleEndian.Uint32(head[4:])))
				c.XORKeyStream(body, body)
				return body, err
			}},
		"systembc": {os: "win", beat: 30, hello: func(t *talk) {
			if !t.boss {
				t.write(join(t.noise(50), t.crypt(make([]byte, 50), true)))
			} else {
				t.need(50)
				rest, _ := t.need(50)
				t.crypt(rest, false)
			}
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				return t.crypt(join([]byte{kind & 1, 0}, binary.LittleEndian.AppendUint16(nil, uint16(len(data))), data), true)
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(4)
				if err != nil {
					return nil, err
				}
				body, err := t.need(int(binary.LittleEndian.Uint16(t.crypt(head, false)[2:])))
				return t.crypt(body, false), err
			}},
		"meterpreter": {os: "unix", beat: 0, hello: func(t *talk) {
			if t.boss {
				t.write(le(24000))
				t.write(t.noise(24000))
			} else if _, err := sized(0)(t); err == nil {
				t.write(families["meterpreter"].wrap(t, 'h', []byte("core_negotiate_tlv_encryption")))
			}
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				iv := t.noise(16)
				body := join(iv, cbc(t.block(), iv, pad(data, 16), false))
				key := t.noise(4)
				return join(key, xor(join(t.key[8:24], be(1), be(len(body)+8), be(int(kind&1)), body), key))
			},
			open: func(t *talk) ([]byte, error) {
				head, err := t.need(32)
				if err != nil {
					return nil, err
				}
				n := int(binary.BigEndian.Uint32(xor(head[4:], head[:4])[20:])) - 8
				body, err := t.need(n)
				if err != nil {
					return nil, err
				}
				body = xor(body, head[:4])
				return unpad(cbc(t.block(), body[:16], body[16:], true)), nil
			}},
		"linked": {os: "win", beat: 5, split: true, hello: func(t *talk) {
			if !t.boss {
				t.write(le(132))
				t.write(t.noise(132))
			} else {
				sized(0)(t)
			}
		},
			wrap: func(t *talk, kind byte, data []byte) []byte {
				if kind == 'b' {
					return join(le(1), data)
				}
				iv := make([]byte, 16)
				body := cbc(t.block(), iv, pad(join(be(int(t.rng.Uint32()>>1)), be(len(data)), data), 16), false)
				return join(le(len(body)+16), body, t.noise(16))
			},
			open: func(t *talk) ([]byte, error) {
				body, err := sized(0)(t)
				if err != nil || len(body) < 32 {
					return body, err
				}
				return unpad(cbc(t.block(), make([]byte, 16), body[:len(body)-16], true))[8:], nil
			}},
	}
	more()
}

func chunked(uuid string) (func(*talk, byte, []byte) []byte, func(*talk) ([]byte, error)) {
	return func(t *talk, kind byte, data []byte) []byte {
			iv := t.noise(16)
			sealed := join([]byte(uuid), iv, cbc(t.block(), iv, pad(data, 16), false), t.noise(32))
			text := base64.StdEncoding.EncodeToString(sealed)
			return join(be(len(text)+8), be(1), be(0), []byte(text))
		}, func(t *talk) ([]byte, error) {
			head, err := t.need(12)
			if err != nil {
				return nil, err
			}
			body, err := t.need(int(binary.BigEndian.Uint32(head)) - 8)
			if err != nil {
				return nil, err
			}
			raw, _ := base64.StdEncoding.DecodeString(string(body))
			raw = raw[len(uuid) : len(raw)-32]
			return unpad(cbc(t.block(), raw[:16], raw[16:], true)), nil
		}
}
