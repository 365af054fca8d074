// games.js minecraft-server|minecraft-client HOST: an npm package's server, and a player who joins.
const mc = require('minecraft-protocol');
const [, , role, host] = process.argv;
const at = { host, port: 25565, version: '1.16.3' };
if (role === 'minecraft-server') {
  mc.createServer({ ...at, 'online-mode': false, keepAlive: true });
} else {
  const ping = () => mc.ping(at, () => {});
  ping();
  setInterval(ping, 2500);
  mc.createClient({ ...at, username: 'anna', auth: 'offline' }).on('error', () => {});
}
