// resolve.js SERVER TIMES: look-ups by Node's resolver (c-ares): a new port and identifier each.
const { Resolver } = require('dns').promises;
const [, , server, times] = process.argv;
const resolver = new Resolver({ timeout: 1500, tries: 1 });
resolver.setServers([server]);
const kinds = ['A', 'AAAA', 'MX', 'TXT', 'A', 'A'];
(async () => {
  for (let i = 0; i < Number(times); i++) {
    const kind = kinds[Math.floor(Math.random() * kinds.length)];
    await resolver.resolve(`n${Math.floor(Math.random() * 9000)}.wild.lab.test`, kind).catch(() => 0);
    await new Promise((done) => setTimeout(done, 60 + Math.random() * 900));
  }
})();
