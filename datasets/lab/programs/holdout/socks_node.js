// socks_node.js simple-socks|socksv5 PORT: a SOCKS server by one of two npm packages.
const [, , kind, port] = process.argv;
if (kind === 'simple-socks') {
  require('simple-socks').default.createServer().listen(+port, '0.0.0.0');
} else {
  const socks = require('socksv5');
  socks.createServer((info, accept) => accept()).useAuth(socks.auth.None()).listen(+port, '0.0.0.0');
}
