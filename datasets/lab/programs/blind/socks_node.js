// `node socks_node.js WHICH PORT`: SOCKS servers of two packages.
const [, , which, port] = process.argv;
if (which === 'lib') {
  require('socks-server-lib').runSocksServer({ port: +port, host: '0.0.0.0' });
} else {
  require('@pondwader/socks5-server').createServer({
    port: +port, hostname: '0.0.0.0', auth: { username: 'agent', password: 'w' + (process.env.SEED || '') },
  });
}
