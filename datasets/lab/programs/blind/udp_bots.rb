# `udp_bots.rb FAMILY ROLE HOST PORT SECONDS SEED`: bots over UDP, in shapes that reports describe;
# their answers are made up. The boss (who listens) reads orders from standard input.
# FAMILY  zeroaccess  16 octets: checksum, command, flag, XOR with a rolling key; peer lists
#         gameover    44-octet head of noise and identifiers, padding, XOR with the octet before
#         sality      checksum, length, RC4 of a small record; answers of URL packs
#         turla       a request with a magic in a datagram, then blowfish-sized blocks of eight
#         reliable    sequence, acknowledgement and flags in clear, AES-sized bodies, resent
#         tiny        one octet type, two octets session, text as it is
#         saltbox     eight octets of salt, everything behind them XORed, QUIC-sized first datagram
#         cookie      order and answer as base64 lines with a session cookie
require "socket"
require "openssl"
require "zlib"

family, role, host, port, seconds, seed = ARGV
$rng = Random.new(seed.to_i + (role == "boss" ? 1 : 0))
KEY = Random.new(seed.to_i * 3).bytes(32)

def rc4(text, key = KEY)
  s = (0..255).to_a
  j = 0
  256.times { |i| j = (j + s[i] + key.getbyte(i % key.size)) % 256; s[i], s[j] = s[j], s[i] }
  i = j = 0
  text.bytes.map do |b|
    i = (i + 1) % 256
    j = (j + s[i]) % 256
    s[i], s[j] = s[j], s[i]
    b ^ s[(s[i] + s[j]) % 256]
  end.pack("C*")
end

def rolling(text, key)
  text.ljust((text.size + 3) / 4 * 4, "\0").unpack("V*").map { |w| x = w ^ key; key = (key << 1 | key >> 31) & 0xffffffff; x }.pack("V*")
end

def chain(text)
  last = 0
  text.bytes.map { |b| last = b ^ last }.pack("C*")
end

def unchain(text)
  last = 0
  text.bytes.map { |b| plain = b ^ last; last = b; plain }.pack("C*")
end

def blocks(text, name, back: false)
  cipher = OpenSSL::Cipher.new(name)
  back ? cipher.decrypt : cipher.encrypt
  cipher.key = KEY[0, cipher.key_len]
  cipher.iv = KEY[16, cipher.iv_len]
  cipher.update(text) + cipher.final
end

$count = 0
FAMILIES = {
  "zeroaccess" => {
    beat: 3, wrap: lambda { |kind, text|
      record = { beat: "Lteg", order: "Ltrt", answer: "Ltrv" }[kind] + [0, text.size].pack("VV") + text
      rolling([Zlib.crc32(record)].pack("V") + record, 0x66747032)
    }, open: ->(d) { p = rolling(d, 0x66747032); p[16, p[12, 4].unpack1("V")] },
  },
  "gameover" => {
    beat: 6, wrap: lambda { |kind, text|
      pad = $rng.rand(20..90)
      head = [$rng.rand(256), $rng.rand(256), pad, kind == :beat ? 0 : 4].pack("C4") + $rng.bytes(40)
      chain(head + [text.size].pack("n") + text + $rng.bytes(pad))
    }, open: ->(d) { p = unchain(d); p[46, p[44, 2].unpack1("n")] },
  },
  "sality" => {
    beat: 10, wrap: lambda { |kind, text|
      body = [3, kind == :beat ? 3 : 2, text.size, $rng.rand(1 << 32)].pack("CCnV") + text
      [Zlib.crc32(body) & 0xffff, body.size].pack("vv") + rc4(body, [body.size].pack("v") + "sal")
    }, open: ->(d) { p = rc4(d[4..], [d[2, 2].unpack1("v")].pack("v") + "sal"); p[8, p[2, 2].unpack1("n")] },
  },
  "turla" => {
    beat: 12, wrap: ->(_, text) { [0x7a31c2d9, ($count += 1)].pack("NN") + blocks(text.empty? ? "idle" : text, "des-ede3-cbc") },
    open: ->(d) { t = blocks(d[8..], "des-ede3-cbc", back: true); t == "idle" ? "" : t },
  },
  "reliable" => {
    beat: 5, acks: true, wrap: ->(_, text) { [0x10, 0, $count += 1, $count - 1].pack("CCnn") + blocks(text.empty? ? "idle" : text, "aes-128-cbc") },
    open: ->(d) { d.size < 22 ? "" : blocks(d[6..], "aes-128-cbc", back: true).sub(/\Aidle\z/, "") },
  },
  "tiny" => { beat: 2, wrap: ->(kind, text) { [kind == :beat ? 1 : 4, 0x1f27].pack("Cn") + text }, open: ->(d) { d[3..] } },
  "saltbox" => {
    beat: 4, first: 1200, wrap: lambda { |_, text|
      salt = $rng.bytes(8)
      size = ($count += 1) <= 2 ? 1180 : text.size + $rng.rand(24..60)
      salt + rc4([0x40, text.size].pack("Cn") + text + $rng.bytes([size - text.size, 0].max), salt + KEY)
    }, open: ->(d) { p = rc4(d[8..], d[0, 8] + KEY); p[3, p[1, 2].unpack1("n")] },
  },
  "cookie" => { beat: 15, wrap: ->(_, text) { "SID=#{KEY[0, 6].unpack1('H*')};#{[text].pack('m0')}" }, open: ->(d) { d[17..].unpack1("m") } },
}.freeze

own = FAMILIES.fetch(family)
socket = UDPSocket.new
role == "boss" ? socket.bind(host, port.to_i) : socket.connect(host, port.to_i)
peer = nil
stop = Time.now + seconds.to_f
beat = Time.now
say = lambda do |kind, text|
  text.chars.each_slice(900).map(&:join).then { |all| all.empty? ? [""] : all }.each do |piece|
    data = own[:wrap].call(kind, piece.b)
    role == "boss" ? (socket.send(data, 0, peer[3], peer[1]) if peer) : socket.send(data, 0)
  end
end
system_name = family =~ /turla|tiny|cookie/ ? "unix" : "win"
while Time.now < stop
  if role == "bot" && Time.now >= beat
    say.call(:beat, "")
    beat = Time.now + own[:beat] * $rng.rand(0.75..1.25)
  end
  watched = role == "boss" ? [socket, $stdin] : [socket]
  watched.delete($stdin) if $done
  ready, = IO.select(watched, nil, nil, role == "bot" ? [beat - Time.now, 0.01].max : 0.5)
  next unless ready
  if ready.include?($stdin) && peer
    line = $stdin.gets
    $done = line.nil?
    say.call(:order, line.chomp) if line
  end
  next unless ready.include?(socket)
  begin
    data, from = socket.recvfrom(4096)
  rescue Errno::ECONNREFUSED
    next
  end
  peer = from if role == "boss"
  text = (own[:open].call(data) rescue "") || ""
  if own[:acks] && data.size > 21
    ack = [0x20, 0].pack("CC") + data[2, 4]
    role == "boss" ? socket.send(ack, 0, from[3], from[1]) : socket.send(ack, 0)
  end
  if role == "bot" && !text.empty?
    out = IO.popen(["perl", "#{ENV['P']}/blind/host.pl", system_name, rand(9999).to_s], "r+b") { |io| io.puts(text); io.close_write; io.read }
    say.call(:answer, out)
  elsif role == "boss" && text.empty? && $rng.rand < 0.7 && !own[:acks]
    say.call(:beat, "")
  end
end
