// amt_client.js HOST PORT SECONDS: open a redirected serial console and type standard input on it.
// Layout after the public protocol: start (0x10), authenticate (0x13), open (0x20), keys (0x28).
const net = require('net');
const [, , host, port, seconds] = process.argv;
const s = net.connect(+port, host, () => s.write(Buffer.from('1000000053 4f4c20'.replace(' ', ''), 'hex')));
s.setNoDelay(true);
let stage = 0, count = 0;
const auth = Buffer.concat([Buffer.from([5]), Buffer.from('admin'), Buffer.from([4]), Buffer.from('P4ss')]);
s.on('data', d => {
  if (stage === 0) {
    stage = 1;
    const head = Buffer.alloc(9); head[0] = 0x13; head[4] = 1; head.writeUInt32LE(auth.length, 5);
    s.write(Buffer.concat([head, auth]));
  } else if (stage === 1) {
    stage = 2;
    const open = Buffer.alloc(24); open[0] = 0x20;
    [1000, 100, 0, 10000, 10000].forEach((v, i) => open.writeUInt16LE(v, 8 + 2 * i));
    s.write(open);
  } else if (stage === 2) {
    stage = 3;
    process.stdin.on('data', keys => {
      const head = Buffer.alloc(10); head[0] = 0x28; head.writeUInt32LE(count++, 4); head.writeUInt16LE(keys.length, 8);
      s.write(Buffer.concat([head, keys]));
    });
  }
});
setTimeout(() => process.exit(0), +seconds * 1000);
