"""A small payload of each protocol: name, port, octets (built from the published framing)."""

from __future__ import annotations

import struct

MAC = bytes.fromhex("020000000001")
AMS = bytes([5, 1, 2, 3, 1, 1])


def _plug(text, first=171):
    result = bytearray()
    for octet in text:
        first ^= octet
        result.append(first)
    return bytes(result)


def _part(kind, data):
    return struct.pack(">HH", kind, len(data) + 4) + data


BOTH = [
    ("zabbix", 10050, b"ZBXD\1" + struct.pack("<Q", 10) + b"agent.ping"),
    ("rtps", 7400, b"RTPS\2\1\1\1" + bytes(12)),
    ("giop", 683, b"GIOP\1\2\0\0" + struct.pack(">I", 4) + bytes(4)),
    ("fins", 9600, b"FINS" + struct.pack(">III", 12, 0, 0) + bytes(4)),
    ("syncthing", 22000, b"\x2e\xa7\xd9\x0b\0\4abcd"),
    ("discord", 50000, b"\x13\x37\xca\xfe\1\0\0\0"),
    ("proxy", 8080, b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n"),
    ("http", 9229, b"Content-Length: 2\r\n\r\n{}"),
    ("sap", 9875, b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"),
    ("doip", 13400, b"\2\xfd\0\5" + struct.pack(">I", 7) + b"\x0e\0" + bytes(5)),
    ("someip", 30490, struct.pack(">HHIHHBBBB", 0x6059, 0x410C, 12, 3, 1, 1, 1, 0, 0) + bytes(4)),
    ("trdp", 17224, struct.pack(">IH2sIIIIII", 9, 0x100, b"Pd", 1000, 0, 0, 4, 0, 0) + bytes(8)),
    ("knxip", 3671, bytes.fromhex("06100201000e0801c00002010e57")),
    ("dlms", 4059, struct.pack(">HHHH", 1, 16, 1, 5) + b"\xc0\1\xc1\0\1"),
    ("dlms", 4059, bytes.fromhex("7ea0070321930f017e")),
    ("synchrophasor", 4712, b"\xaa\x41" + struct.pack(">HHII", 18, 1, 1, 1) + b"\0\5\0\0"),
    ("hart_ip", 5094, struct.pack(">BBBBHHBI", 1, 0, 0, 0, 1, 13, 1, 30000)),
    ("enip", 2222, bytes.fromhex("02000280080001000000010000 00b1000200 0000".replace(" ", ""))),
    ("tuya", 6668, struct.pack(">IIII", 0x55AA, 1, 10, 12) + bytes(8) + b"\0\0\xaa\x55"),
    ("tplink", 9999, _plug(b'{"system":{"get_sysinfo":{}}}')),
    ("tplink", 9999, struct.pack(">I", 29) + _plug(b'{"system":{"get_sysinfo":{}}}')),
    ("ldp", 646, struct.pack(">HH4sHHHI", 1, 14, b"\x0a\0\0\1", 0, 0x0201, 4, 1)),
    ("openflow", 6653, struct.pack(">BBHI", 4, 0, 8, 1)),
    ("msdp", 639, b"\4\0\3"),
    ("coin", 8333, b"\xf9\xbe\xb4\xd9verack" + bytes(10) + b"\x5d\xf6\xe0\xe2"),
    ("memcached", 11211, b"\x80\0\0\3\0\0\0\0" + struct.pack(">I", 3) + bytes(12) + b"key"),
    ("stun", 3478, struct.pack(">HHI", 3, 0, 0x2112A442) + b"transactions"),
    ("stun", 4000, struct.pack(">HHHI", 20, 1, 0, 0x2112A442) + b"transactions"),
    ("turn", 3478, struct.pack(">HH", 0x4000, 8) + b"\x80\x60\0\1\0\0\0\2"),
    ("dcerpc", 34964, b"\4\0\x20\0\x10\0\0\0" + bytes(66) + b"\4\0\0\0\0\0abcd"),
]  # fmt: skip

LINES = [
    ("http", 8000, b"5\r\nhello\r\n0\r\n\r\n"),
    ("http", 8000, b"0\r\n\r\n"),
    ("http", 8000, b"2000\r\n" + b"\xa5" * 600),
    ("xmpp", 5222, b"<presence to='a@example.org'/>"),
    ("xmpp", 5222, b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
    ("xmpp", 5222, b" "),
    ("sip", 5060, b"\r\n\r\n"),
    ("sip", 5060, b"\r\n"),
    ("stomp", 61613, b"CONNECTED\nversion:1.2\n\n\0"),
    ("banner", 21, b"227 Entering Passive Mode (192,0,2,1,4,1)\r\n"),
    ("banner", 21, b"EPSV ALL\r\n"),
    ("banner", 143, b"a42 SELECT INBOX\r\n"),
    ("banner", 143, b"* 18 EXISTS\r\n"),
    ("banner", 143, b"* FLAGS (\\Seen)\r\n"),
    ("banner", 6667, b":irc.example.org 001 nick :Welcome\r\n"),
    ("banner", 6667, b":nick!user@host PRIVMSG #channel :hello\r\n"),
    ("banner", 119, b"ARTICLE <1@example.org>\r\n"),
    ("banner", 4222, b"PUB subject 5\r\nhello\r\n"),
]


def _kakao(method, body):
    head = struct.pack("<IH", 7, 0) + method.ljust(11, b"\0") + b"\0"
    return head + struct.pack("<I", len(body)) + body


def _masked(text, key=b"\1\2\3\4"):
    data = bytes(octet ^ key[i % 4] for i, octet in enumerate(text))
    return bytes([0x81, 0x80 | len(text)]) + key + data


def _frame(kind, flags, stream, body):
    return (
        struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body
    )


def _der(tag, body):
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


FRAMES = [
    ("amqp", 5672, b"\1\0\0" + struct.pack(">I", 4) + b"\0\x0a\0\x0b\xce"),
    ("amqp", 5672, b"\x08\0\0\0\0\0\0\xce"),
    ("amqp", 5672, struct.pack(">IBBH", 16, 2, 0, 0) + b"\0\x53\x10\xc0\x03\1\xa1\0"),
    ("amqp", 5672, struct.pack(">IBBH", 16, 2, 1, 0) + b"\0\x53\x40\xc0\x03\1\xa1\0"),
    ("amqp", 5672, struct.pack(">IBBH", 8, 2, 0, 0)),
    ("http", 50051, _frame(8, 0, 0, struct.pack(">I", 4096)) + _frame(6, 0, 0, bytes(8))),
    ("http", 50051, _frame(0, 1, 3, b"\0\0\0\0\5hello")),
    ("http", 50051, _frame(2, 0, 5, bytes(5)) + _frame(3, 0, 5, bytes(4))),
    ("http", 50051, _frame(7, 0, 0, bytes(8))),
    ("websocket", 8080, b"\x81\x0chello, world"),
    ("websocket", 8080, _masked(b'{"op":1}')),
    ("websocket", 8080, b"\x81\x7e\0\x90" + b"a" * 144),
    ("websocket", 8080, b"\x88\2\x03\xe8"),
    ("websocket", 8080, b"\x88\x82abcd\1\2"),
    ("websocket", 8080, b"\x89\0"),
    ("loco", 5223, struct.pack("<III", 256, 12, 2) + b"\x5a" * 256),
    ("loco", 5223, _kakao(b"PING", b"")),
    ("wow", 3724, b"\0\x08" + struct.pack("<H", 34) + b"WoW\0" + bytes(30)),
    ("pptp", 1723, struct.pack(">HHI", 16, 1, 0x1A2B3C4D) + bytes(8)),
    ("kerberos", 88, struct.pack(">I", 2008) + _der(0x6C, _der(0x30, bytes(2000)))[:900]),
    ("asn1", 389, _der(0x30, b"\2\1\5" + _der(0x64, bytes(2000)))[:900]),
    ("smb", 445, b"\0\1\0\0\xfeSMB" + bytes(600)),
    ("mysql", 3306, b"\5\0\0\0\3sele"),
    ("mysql", 3306, b"\1\0\0\1\2\3\0\0\2abc"),
    ("thrift", 9090, b"\x82\x21\1\4ping\0"),
    ("thrift", 9090, b"\x82\x21\x81\1\4ping\0"),
    ("kerberos", 88, struct.pack(">I", 203) + b"\x6c\x81\xc8\x30\x81\xc5" + bytes(80)),
    ("asn1", 389, bytes.fromhex("3084000007d8 020105 6484000007cf") + bytes(200)),
    ("z3950", 210, b"\xb6\x09\x8d\1\0\x8e\1\1\x8f\1\0"),
]

TCP = [
    *BOTH,
    ("vnc", 5900, b"RFB 003.008\n"),
    ("rsync", 873, b"@RSYNCD: 31.0\n"),
    *LINES,
    *FRAMES,
    ("gearman", 4730, b"\0REQ" + struct.pack(">II", 1, 2) + b"ab"),
    ("svn", 3690, b"( success ( 2 2 ( ) ( ) ) )"),
    ("nats", 4222, b'INFO {"server_id":"a"}\r\n'),
    ("stomp", 61613, b"STOMP\naccept-version:1.2\n\n\0"),
    ("hl7", 2575, b"\x0bMSH|^~\\&|A|B\r\x1c\r"),
    ("rtmp", 1935, b"\2\0\0\0\0\0\4\1\0\0\0\0\0\0\x10\0"),
    ("rtmp", 1935, b"\3\0\0\0\1" + bytes(4) + b"\x5a" * 1528),
    ("rtmp", 1935, b"\3\0\0\0\0\0\x20\x14\0\0\0\0\2\0\7connect"),
    ("x11", 6000, b"l\0\x0b\0\0\0\0\0\0\0\0\0"),
    ("ica", 1494, b"\x7f\x7fICA\0"),
    ("java", 1099, b"JRMI\0\2K"),
    ("nbd", 10809, b"NBDMAGICIHAVEOPT\0\3"),
    ("ceph", 6789, b"ceph v027" + bytes(20)),
    ("rtsp", 554, b"GET_PARAMETER rtsp://a RTSP/1.0\r\n\r\n"),
    ("rtsp", 554, b"$\0\0\x0c\x80\x60" + bytes(10)),
    ("munin", 4949, b"# munin node at host\n"),
    ("fix", 9878, b"8=FIX.4.2\x019=5\x0135=0\x0110=000\x01"),
    ("fix", 9878, b"8=O.9=1\x019=5\x0135=0\x0110=000\x01"),
    ("xmpp", 5222, b"<presence to='a@example.org'/>"),
    ("banner", 21, b"PASS secret\r\n"),
    ("syslog", 601, b"<34>1 2024-01-01T00:00:00Z h a - - - m\n"),
    ("syslog", 601, b"17 <34>1 - - - - - -"),
    ("markup", 5000, b"<event id='1'>x</event>"),
    ("rsh", 514, b"1022\0"),
    ("rlogin", 513, b"\0user\0user\0xterm/38400\0"),
    ("iperf", 5201, b"abcdefghijklmnopqrstuvwxyz234567abcd\0"),
    ("tinc", 655, b"0 alpha 17.7\n"),
    ("telnet", 23, b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23"),
    ("telnet", 23, b"\xff\xfb\1login: "),
    ("telnet", 23, b"\xff\xfa\x18\0XTERM\xff\xf0"),
    ("zmtp", 5555, b"\xff" + bytes(7) + b"\1\x7f"),
    ("tds", 1433, b"\x12\1\0\x10\0\0\1\0" + bytes(8)),
    ("oracle_tns", 1521, struct.pack(">HHBBH", 12, 0, 1, 0, 0) + b"\1\x3b\1\x2c"),
    ("oracle_tns", 1521, struct.pack(">IBBH", 12, 6, 0, 0) + b"\0\0\1\2"),
    ("drda", 50000, struct.pack(">HBBHHH", 12, 0xD0, 1, 1, 6, 0x1041) + b"\0\0"),
    ("cassandra", 9042, b"\4\0\0\0\5\0\0\0\0"),
    ("kafka", 9092, struct.pack(">IHHIH", 14, 18, 0, 1, 4) + b"name"),
    ("ajp", 8009, b"\x12\x34\0\1\x0a"),
    ("fastcgi", 9000, b"\1\1\0\1\0\x08\0\0\0\1\0\0\0\0\0\0"),
    ("fastcgi", 9000, b"\1\6\0\1\0\4\4\0Stat\0\0\0\0\1\3\0\1\0\x08\0\0" + bytes(8)),
    ("thrift", 9090, b"\x80\1\0\1\0\0\0\4ping" + bytes(5)),
    ("thrift", 9090, struct.pack(">I", 17) + b"\x80\1\0\1\0\0\0\4ping" + bytes(5)),
    ("openwire", 61616, struct.pack(">IB", 20, 1) + b"ActiveMQ" + bytes(11)),
    ("afp", 548, struct.pack(">BBHIII", 0, 4, 1, 0, 4, 0) + b"\0\0\0\1"),
    ("elasticsearch", 9300, b"ES" + struct.pack(">I", 13) + bytes(13)),
    ("hislip", 4880, b"HS\0\0\1\0AB" + struct.pack(">Q", 7) + b"hislip0"),
    ("http", 8080, b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64"),
    ("dicom", 104, b"\1\0" + struct.pack(">IHH", 68, 1, 0) + b"A" * 64),
    ("dicom", 104, b"\4\0" + struct.pack(">IIBB", 8, 4, 1, 3) + b"ab"),
    ("dicom", 104, b"\5\0\0\0\0\4\0\0\0\0"),
    ("z3950", 210, b"\xb4\x0a\x83\2\0\xe0\x84\1\0\x85\0\0"),
    ("iscsi", 3260, b"\x43\x87\0\0" + struct.pack(">I", 5) + bytes(40) + b"a=b\0\0\0\0\0"),
    ("smpp", 2775, struct.pack(">IIII", 25, 2, 0, 1) + b"user\0pas\0"),
    ("smpp", 2775, struct.pack(">IIII", 16, 0x15, 0, 7)),
    ("smpp", 2775, struct.pack(">IIII", 17, 0x80000004, 0, 7) + b"\0"),
    ("ads", 48898, b"\0\0" + struct.pack("<I", 32) + AMS + b"\x53\3" + AMS + b"\1\x80"
     + struct.pack("<HHIII", 1, 4, 0, 0, 1)),
    ("nfs_rpc", 2049, struct.pack(">IIIIIII", 0x80001000, 1, 0, 2, 100003, 3, 7) + bytes(8)),
    ("skinny", 2000, struct.pack("<III", 4, 0, 0)),
    ("mqtt", 1883, b"\x30\x07\0\3a/bhi"),
    ("mqtt", 1883, b"\x90\3\0\1\0"),
    ("tacacs", 49, struct.pack(">BBBBII", 0xC0, 1, 1, 0, 0x1234, 6) + b"secret"),
    ("modbus", 502, b"\0\1\0\0\0\4\0\x5a\0\2"),
    ("minecraft", 25565, b"\x10\0\xf7\5\x09localhost\x63\xdd\1"),
    ("levin", 18080, b"\1\x21\1\1\1\1\1\1" + bytes(25)),
    ("gnutella", 6346, b"GNUTELLA CONNECT/0.6\r\n"),
    ("ymsg", 5050, b"YMSG\0\x10\0\0" + bytes(12)),
    ("mtproto", 443, b"\xee\xee\xee\xee" + struct.pack("<I", 40) + bytes(40)),
    ("mtproto", 443, b"\xef\x0a" + bytes(40)),
    ("whatsapp", 5222, b"WA\6\3\0\0\x24\x12\x22"),
    ("edonkey", 4662, b"\xe3\3\0\0\0\x01\x10\0"),
    ("ethereum", 30303, struct.pack(">HB", 400, 4) + b"\x91" * 399),
    ("spotify", 4070, b"\0\4\0\0\0\x0a\x52\2\x50\0"),
    ("steam", 27017, struct.pack("<I", 4) + b"VT01abcd"),
    ("teamviewer", 5938, b"\x17\x24\x0a\x20" + bytes(8)),
    ("oscar", 5190, b"\x2a\1\0\1\0\4\0\0\0\1"),
]  # fmt: skip

UDP = [
    *BOTH,
    ("slp", 427, b"\2\1\0\0\x14\0\0\0\0\0\0\1\0\2en\0\0\0\0"),
    ("slp", 427, b"\1\1\0\x10\0\0en\0\3\0\1\0\0\0\0"),
    ("dhcpv6", 547, b"\1\1\2\3\0\1\0\x0a\0\3\0\1" + MAC + b"\0\6\0\2\0\x17"),
    ("bfd", 3784, struct.pack(">BBBBIIIII", 0x20, 0xC0, 3, 24, 1, 0, 300000, 300000, 0)),
    ("lisp", 4342, b"\x10\0\0\1" + bytes(12)),
    ("lisp", 4341, b"\xc0\0\0\1\0\0\0\1\x45\0\0\x1c" + bytes(24)),
    ("geneve", 6081, b"\0\0\x65\x58\0\0\1\0" + bytes(20)),
    ("glbp", 3222, b"\1\0\0\1\0\0" + MAC + bytes(8)),
    ("babel", 6696, b"\x2a\2\0\x08\4\6\0\0\1\2\3\4"),
    ("ahcp", 5359, b"\x2b\1" + bytes(22)),
    ("sflow", 6343, struct.pack(">II", 5, 1) + bytes(20)),
    ("netflow", 2055, struct.pack(">HH", 5, 1) + bytes(68)),
    ("netflow", 2055, struct.pack(">HHIIII", 9, 1, 1, 1700000000, 1, 0) + b"\1\0\0\x08abcd"),
    ("netflow", 4739, struct.pack(">HHIII", 10, 24, 1700000000, 1, 0) + b"\1\0\0\x08abcd"),
    ("esp", 4500, struct.pack(">II", 0xC0FFEE01, 1) + b"\xa5" * 32),
    ("ptp", 319, b"\0\2\0\x2c" + bytes(40)),
    ("wol", 9, b"\xff" * 6 + MAC * 16),
    ("capwap", 5246, b"\0\x10\2\0\0\0\0\0\0\0\0\1"),
    ("capwap", 5246, b"\1\0\0\0\x16\xfe\xff\0" + bytes(20)),
    ("hsrp", 1985, b"\1\x28\2\0\6\4\0\1" + MAC + bytes(28)),
    ("l2tp", 1701, b"\0\3\0\0\0\0\0\1data"),
    ("quic", 443, b"\x0d" + bytes(8) + b"Q043\1" + bytes(20)),
    ("pfcp", 8805, b"\x20\1\0\x0c\0\0\1\0\0\x60\0\4\1\2\3\4"),
    ("bjnp", 8612, b"BJNP\2\1\0\0" + bytes(8)),
    ("collectd", 25826, _part(0, b"host\0") + _part(8, bytes(8))),
    ("raknet", 19132, b"\5" + bytes.fromhex("00ffff00fefefefefdfdfdfd12345678") + bytes(8)),
    ("source_query", 27015, b"\xff\xff\xff\xffTSource Engine Query\0"),
    ("steam", 27036, b"\xff\xff\xff\xff\x21\x4c\x5f\xa0" + bytes(8)),
    ("teamviewer", 5938, bytes(10) + b"\3\x17\x24\x47" + bytes(8)),
    ("roughtime", 2002, b"ROUGHTIM" + struct.pack("<I", 8) + bytes(8)),
    ("roughtime", 2002, struct.pack("<II", 2, 64) + b"NONCPAD\xff" + bytes(80)),
    ("natpmp", 5351, b"\0\0"),
    ("natpmp", 5351, b"\2\1" + bytes(58)),
    ("mgcp", 2427, b"RSIP 1 *@gw MGCP 1.0\r\n"),
    ("afs_rx", 7001, struct.pack(">IIIII", 1700000000, 8, 1, 1, 1) + b"\1\5\0\0\0\0\0\4\0\0\1\xfe"),
    ("nfs_rpc", 111, struct.pack(">IIIIII", 7, 1, 0, 0, 0, 0) + bytes(4)),
    ("ntp", 123, b"\x23\1" + bytes(58)),
    ("ntp", 123, b"\x97\0\3\x2a\0\0\0\0" + bytes(40)),
    ("radius", 3799, struct.pack(">BBH", 40, 1, 20) + b"\x5a" * 16),
    ("rtcp", 6001, b"\x81\xcb\0\1abcd"),
    ("mumble", 64738, bytes(4) + b"\1\2\3\4\5\6\7\x08"),
    ("discord", 50000, struct.pack(">HHI", 1, 70, 9) + bytes(66)),
    ("mtproto", 598, b"\x5a" * 16 + b"\xff" * 16),
    ("miio", 54321, b"\x21\x31\0\x20" + b"\xff" * 28),
    ("ubiquiti", 10001, b"\1\0\0\0"),
    ("spotify", 57621, b"SpotUdp0" + bytes(32)),
    ("bittorrent", 6771, b"BT-SEARCH * HTTP/1.1\r\n"),
    ("gnutella", 6346, b"GND\1\0\0\0\0"),
    ("edonkey", 4665, b"\xe3\x96\1\2\3\4"),
    ("edonkey", 40000, b"\xe4\x21\x0b" + b"\x5a" * 32),
    ("edonkey", 40000, b"\xe4\x29" + b"\x5a" * 16 + b"\2" + b"\x5a" * 50),
    ("edonkey", 40000, b"\xe4\x09" + b"\x5a" * 19 + b"\1\0" + b"\x5a" * 25),
    ("edonkey", 40000, b"\xe4\x11" + b"\x5a" * 18 + b"\x08\0"),
    ("edonkey", 40000, b"\xe4\x60"),
    ("edonkey", 40000, b"\xe4\x61\x12\x40"),
    ("edonkey", 40000, b"\xe5\x29\x78\xda" + b"\x5a" * 40),
    ("sip", 5060, b"\r\n\r\n"),
    ("ethereum", 30303, b"\x91" * 96 + b"\1\1\xc3\1\2\3"),
    ("gelf", 12201, b"\x1e\x0fabcdefgh\0\2data"),
    ("gelf", 12201, b"\x1f\x8b\x08\0" + bytes(8)),
    ("dnscrypt", 443, b"r6fnvWj8" + b"\x5a" * 60),
    ("teamspeak", 9987, b"TS3INIT1\0\x65\0\0\x88"),
    ("tailscale", 41641, "TS💬".encode() + b"\x5a" * 60),
    ("xdmcp", 177, struct.pack(">HHH", 1, 2, 1) + b"\0"),
    ("sap", 9875, b"\x20\0\1\2\x0a\0\0\1application/sdp\0v=0\r\n"),
    ("mqtt_sn", 1883, b"\7\4\4\1\0\x0aa"),
    ("lorawan", 1700, b"\2\1\2\0" + MAC + b"\0\0" + b'{"rxpk":[]}'),
    ("lorawan", 1700, b"\2\1\2\2" + MAC + b"\0\0"),
    ("fins", 9600, b"\x80\0\2\0\2\0\0\1\0\0\1\1"),
    ("ads", 48899, b"\3\x66\x14\x71" + bytes(20)),
    ("netcode", 40000, b"\0NETCODE 1.02\0" + bytes(8)),
    ("dlep", 854, b"DLEP\0\1\0\0"),
    ("megaco", 2944, b"!/1 [192.0.2.1] T=1{C=1}"),
    ("mpls_ping", 3503, struct.pack(">HHBBBB", 1, 0, 1, 2, 0, 0) + bytes(24)),
]  # fmt: skip
