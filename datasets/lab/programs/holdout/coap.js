// coap.js server|client HOST: the npm package coap, a resource asked for and observed.
const coap = require('coap');
const [, , role, host] = process.argv;
if (role === 'server') {
  coap.createServer((req, res) => {
    if (req.headers.Observe !== 0) return res.end(JSON.stringify({ t: 20 + Math.random(), u: req.url }));
    const timer = setInterval(() => res.write('t=' + (20 + Math.random()).toFixed(2)), 1500);
    res.on('finish', () => clearInterval(timer));
  }).listen(5683, host);
} else {
  coap.request({ host, pathname: '/temp', observe: true }).on('response', r => r.on('data', () => {})).end();
  setInterval(() => coap.request({ host, pathname: '/info/' + Math.floor(Math.random() * 9) }).on('response', r => r.on('data', () => {})).end(), 2300);
}
