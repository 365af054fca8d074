// udp_c2.js KIND bot|boss HOST PORT SECONDS SEED: conversations over UDP; nothing is executed.
// KIND: sealed (ChaCha20-Poly1305 under a fixed key, padded to a step), pulse (a small constant
// datagram at a fixed rate, an order now and then), jitter (the same at random times), quicish
// (long and short headers like QUIC's, but foreign contents), chunks (numbered pieces of a file,
// acknowledged), text (orders and answers in clear).
const dgram = require('dgram'), crypto = require('crypto');
const [, , kind, role, host, port, seconds, seed] = process.argv;
const sock = dgram.createSocket('udp4');
let state = BigInt(crypto.createHash('sha256').update(seed + role).digest().readUInt32BE(0));
function dice() { state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn; return Number(state >> 33n) / 2 ** 31; }
const between = (a, b) => Math.floor(a + dice() * (b - a));
const key = crypto.createHash('sha256').update('k' + seed).digest();
const WORDS = 'user admin path status ok error file system service running stopped driver update cache'.split(' ');
function text(n) { let s = ''; while (s.length < n) s += WORDS[between(0, WORDS.length)] + (dice() < 0.1 ? '\n' : ' '); return s.slice(0, n); }
function seal(plain, step) {
  const padded = Buffer.concat([Buffer.from([plain.length >> 8, plain.length & 255]), plain, Buffer.alloc((step - (plain.length + 2) % step) % step)]);
  const nonce = crypto.randomBytes(12), c = crypto.createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  return Buffer.concat([nonce, c.update(padded), c.final(), c.getAuthTag()]);
}
let peer = role === 'bot' ? { address: host, port: +port } : null, count = 0;
const id = crypto.createHash('md5').update(seed).digest().subarray(0, 8);
function put(b) { if (peer) sock.send(b, peer.port, peer.address); }
const later = (s, f) => setTimeout(f, s * 1000);
function frame(body) {
  if (kind === 'sealed') return seal(Buffer.from(body), 64);
  if (kind === 'quicish') {
    const b = seal(Buffer.from(body), 1), cid = id;
    if (count++ < 2) return Buffer.concat([Buffer.from([0xc3, 0, 0, 0, 1, 8]), cid, Buffer.from([0]), Buffer.alloc(2, 0x44), b, Buffer.alloc(Math.max(0, 1200 - b.length - 17))]);
    return Buffer.concat([Buffer.from([0x40 | between(0, 64)]), cid, b]);
  }
  return Buffer.from(body);
}
function answer() { let n = between(80, 3500), out = []; while (n > 0) { const k = Math.min(n, 1000); out.push(frame(text(k))); n -= k; } out.forEach((b, i) => later(i * 0.03, () => put(b))); }
const bot = {
  sealed() { put(frame('hello ' + text(60))); (function beat() { later(2 + dice() * 2, () => { put(frame('.')); beat(); }); })(); },
  quicish() { put(frame('hello ' + text(60))); (function beat() { later(1 + dice() * 4, () => { put(frame('.')); beat(); }); })(); },
  pulse() { const b = Buffer.concat([Buffer.from([0x17, 0x2a]), id]); (function beat() { put(b); later(1.5, beat); })(); },
  jitter() { (function beat() { put(Buffer.concat([id, crypto.randomBytes(between(4, 24))])); later(0.5 + dice() * 4, beat); })(); },
  chunks() { let n = 0; (function next() { const h = Buffer.alloc(8); h.writeUInt32BE(n++, 0); h.writeUInt32BE(90, 4); put(Buffer.concat([h, crypto.randomBytes(512)])); later(0.15 + dice() * 0.3, next); })(); },
  text() { put(frame('REG ' + text(30))); },
};
sock.on('message', (data, from) => {
  if (role === 'boss') {
    peer = from;
    if (kind === 'chunks') put(data.subarray(0, 4));
    else if (kind === 'pulse') { if (dice() < 0.5) put(Buffer.concat([Buffer.from([0x17, 0x2b]), id, Buffer.from(dice() < 0.3 ? text(40) : '')])); }
    else if (kind === 'jitter') { if (dice() < 0.6) put(crypto.randomBytes(between(8, 120))); }
    return;
  }
  if (['sealed', 'quicish', 'text'].includes(kind)) later(0.05 + dice() * 0.2, answer);
});
if (role === 'boss') sock.bind(+port, host); else bot[kind]();
if (role === 'boss' && ['sealed', 'quicish', 'text'].includes(kind)) (function order() { later(1.5 + dice() * 4, () => { put(frame(text(between(8, 70)))); order(); }); })();
later(+seconds, () => process.exit(0));
