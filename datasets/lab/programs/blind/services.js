// `node services.js SERVICE ROLE HOST PORT SECONDS`: both ends of ordinary services of npm packages.
const [, , service, role, host, port, seconds] = process.argv;
const serving = role === 'server';
const stop = Date.now() + 1000 * seconds;
const wait = (low, high) => new Promise((done) => setTimeout(done, 1000 * (low + Math.random() * (high - low))));
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const during = async (low, high, act) => {
  while (Date.now() < stop) { await act(); await wait(low, high); }
  process.exit(0);
};
const call = (act) => new Promise((done) => { act(done); setTimeout(done, 3000); });

// Packages that only export modules are not found by NODE_PATH.
const module_ = (name) => import(`${process.env.NODE_PATH}/${name}/index.js`);

const services = {
  aedes() {
    if (serving) {
      const make = require('aedes');
      const start = make.Aedes && make.Aedes.createBroker ? make.Aedes.createBroker() : Promise.resolve(new make());
      return start.then((broker) => require('net').createServer(broker.handle).listen(+port, host));
    }
    const client = require('mqtt').connect({ host, port: +port, keepalive: 5, clientId: `hall-${process.pid}` });
    client.on('connect', () => {
      client.subscribe('hall/#');
      during(0.4, 2, async () => client.publish(`hall/${pick(['temp', 'door', 'lux'])}`, JSON.stringify({ v: Math.random() * 30, n: Date.now() }), { qos: pick([0, 1]) }));
    });
  },
  ldapjs() {
    const ldap = require('ldapjs');
    if (serving) {
      const server = ldap.createServer();
      server.bind('cn=reader', (req, res, next) => { res.end(); return next(); });
      server.search('o=lab', (req, res, next) => {
        for (let i = 0; i < 3; i++) res.send({ dn: `cn=person${i}, o=lab`, attributes: { objectclass: ['person'], cn: `person${i}`, mail: `p${i}@lab.test` } });
        res.end();
        return next();
      });
      return server.listen(+port, host);
    }
    const client = ldap.createClient({ url: `ldap://${host}:${port}` });
    client.bind('cn=reader', 'word', () => during(0.5, 3, () => call((done) => client.search('o=lab', { filter: '(objectclass=person)', scope: 'sub' }, (e, res) => res.on('end', done).on('error', done).on('searchEntry', () => {})))));
  },
  smpp() {
    const smpp = require('smpp');
    if (serving) {
      return smpp.createServer((session) => {
        session.on('bind_transceiver', (pdu) => session.send(pdu.response()));
        session.on('enquire_link', (pdu) => session.send(pdu.response()));
        session.on('submit_sm', (pdu) => session.send(pdu.response({ message_id: String(Date.now()) })));
      }).listen(+port, host);
    }
    const session = smpp.connect({ url: `smpp://${host}:${port}`, auto_enquire_link_period: 4000 }, () => session.bind_transceiver({ system_id: 'shop', password: 'w0rd' }, () => during(0.5, 4, async () => session.submit_sm({ destination_addr: `0049170${Math.floor(Math.random() * 1e7)}`, short_message: `Your parcel ${Math.floor(Math.random() * 1e6)} is on its way` }))));
  },
  dns2() {
    const dns2 = require('dns2');
    if (serving) {
      const server = dns2.createServer({ udp: true, handle: (request, send) => {
        const response = dns2.Packet.createResponseFromRequest(request);
        const [{ name }] = request.questions;
        response.answers.push({ name, type: dns2.Packet.TYPE.A, class: dns2.Packet.CLASS.IN, ttl: 300, address: `10.7.${name.length}.4` });
        send(response);
      } });
      return server.listen({ udp: { port: +port, address: host } });
    }
    const client = new dns2({ dns: host, port: +port, nameServers: [host] });
    during(0.2, 1.5, () => Promise.race([client.resolveA(`${pick(['www', 'mail', 'db', 'files', 'print'])}.lab.test`), wait(2, 2)]).catch(() => {}));
  },
  async dht() {
    const { Client: DHT } = await module_('bittorrent-dht');
    const node = new DHT({ bootstrap: serving ? false : [`${host}:${port}`], verify: () => true });
    if (serving) return node.listen(+port, host);
    node.listen(20000 + (process.pid % 20000), () => during(1, 4, async () => node.lookup(Buffer.from(Array.from({ length: 20 }, () => Math.floor(Math.random() * 256))))));
  },
  snmp() {
    const snmp = require('net-snmp');
    if (serving) {
      const agent = snmp.createAgent({ port: +port, address: host, disableAuthorization: true }, (error) => error && console.log(error));
      const mib = agent.getMib();
      agent.registerProvider({ name: 'sysDescr', type: snmp.MibProviderType.Scalar, oid: '1.3.6.1.2.1.1.1', scalarType: snmp.ObjectType.OctetString, maxAccess: snmp.MaxAccess['read-only'] });
      mib.setScalarValue('sysDescr', 'Cabinet controller 7');
      agent.registerProvider({ name: 'load', type: snmp.MibProviderType.Scalar, oid: '1.3.6.1.4.1.9999.1', scalarType: snmp.ObjectType.Integer, maxAccess: snmp.MaxAccess['read-only'] });
      mib.setScalarValue('load', 17);
      return agent;
    }
    const session = snmp.createSession(host, 'public', { port: +port, version: pick([snmp.Version1, snmp.Version2c]) });
    during(0.8, 3, () => call((done) => session.get(['1.3.6.1.2.1.1.1.0', '1.3.6.1.4.1.9999.1.0'], done)));
  },
  axon() {
    const axon = require('axon');
    if (serving) {
      const sock = axon.socket('rep');
      sock.bind(+port, host);
      return sock.on('message', (task, data, reply) => reply({ task, done: true, rows: data.n }));
    }
    const sock = axon.socket('req');
    sock.connect(+port, host);
    during(0.3, 2, () => call((done) => sock.send('resize', { n: Math.floor(Math.random() * 900), file: `img${Math.random()}.png` }, done)));
  },
  modbus() {
    const modbus = require('jsmodbus');
    const net = require('net');
    if (serving) {
      const server = new net.Server();
      new modbus.server.TCP(server, { holding: Buffer.alloc(400, 7) });
      return server.listen(+port, host);
    }
    const socket = new net.Socket();
    const client = new modbus.client.TCP(socket, 3);
    socket.on('connect', () => during(0.5, 1.5, () => Promise.race([pick([() => client.readHoldingRegisters(pick([0, 10, 40]), 8), () => client.writeSingleRegister(5, Math.floor(Math.random() * 4000))])(), wait(2, 2)]).catch(() => {})));
    socket.connect({ host, port: +port });
  },
  osc() {
    const osc = require('osc');
    const udp = new osc.UDPPort({ localAddress: '0.0.0.0', localPort: serving ? +port : 57001, remoteAddress: host, remotePort: +port });
    udp.on('ready', () => {
      if (serving) return udp.on('message', (message, _, from) => udp.send({ address: '/ok', args: [{ type: 'f', value: 1 }] }, from.address, from.port));
      during(0.05, 0.9, async () => udp.send({ address: `/track/${pick([1, 2, 3])}/volume`, args: [{ type: 'f', value: Math.random() }] }));
    });
    udp.open();
  },
  dhtrpc() {
    const DHT = require('dht-rpc');
    const node = new DHT({ bootstrap: serving ? [] : [`${host}:${port}`], ephemeral: false, firewalled: false, port: serving ? +port : 0, host: serving ? host : undefined, anyPort: false });
    node.on('request', (req) => req.reply && req.reply(Buffer.from('value')));
    if (!serving) node.on('ready', () => during(1, 3, () => Promise.race([node.query({ target: node.id, command: 1, value: null }).finished().catch(() => {}), wait(3, 3)])));
  },
  radius() {
    const radius = require('radius');
    const socket = require('dgram').createSocket('udp4');
    if (serving) {
      socket.on('message', (data, from) => {
        const packet = radius.decode({ packet: data, secret: 'w0rd' });
        const answer = radius.encode_response({ packet, code: 'Access-Accept', secret: 'w0rd' });
        socket.send(answer, 0, answer.length, from.port, from.address);
      });
      return socket.bind(+port, host);
    }
    let n = 0;
    during(0.6, 4, async () => {
      const packet = radius.encode({ code: 'Access-Request', secret: 'w0rd', identifier: n++ & 255, attributes: [['NAS-IP-Address', '10.5.5.5'], ['User-Name', pick(['ana', 'bo', 'cy'])], ['User-Password', 'geheim']] });
      socket.send(packet, 0, packet.length, +port, host);
    });
  },
};

process.on('uncaughtException', (error) => console.log(String(error)));
Promise.resolve(services[service]()).catch((error) => console.log(String(error)));
