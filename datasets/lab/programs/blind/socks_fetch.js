// `node socks_fetch.js TYPE PROXY PORT HOST SECONDS [USER PASSWORD]`: pages through a SOCKS server with
// the package `socks` (TYPE 4 or 5), at uneven times; then lines of an echo service on port 7777.
const { SocksClient } = require('socks');
const [, , type, proxy, port, host, seconds, userId, password] = process.argv;
const stop = Date.now() + 1000 * seconds;
const rest = (low, high) => new Promise((done) => setTimeout(done, 1000 * (low + Math.random() * (high - low))));
const open = (target) => SocksClient.createConnection({
  proxy: { host: proxy, port: +port, type: +type, userId, password }, command: 'connect',
  destination: { host, port: target }, timeout: 8000,
});

async function page(name) {
  const { socket } = await open(8000);
  socket.write(`GET /${name} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
  await new Promise((done) => socket.on('close', done).on('error', done).resume());
}

async function lines() {
  const { socket } = await open(7777);
  socket.on('error', () => {}).resume();
  for (let i = 0; i < 9 && Date.now() < stop; i++) {
    socket.write(`item ${i} ${Math.random().toString(36).repeat(1 + (i % 3))}\n`);
    await rest(0.3, 1.6);
  }
  socket.destroy();
}

(async () => {
  for (const name of ['index.html', 'style.css', 'page2.html']) {
    if (Date.now() > stop) break;
    await page(name).catch(() => {});
    await rest(0.5, 2);
  }
  await lines().catch(() => {});
  process.exit(0);
})();
