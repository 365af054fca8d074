# calls.rb server|client KIND HOST PORT TIMES SEED: dRuby, XML-RPC, marshalled objects, echo requests.
require "drb"
require "socket"

role, kind, host, port, times, seed = ARGV
port, times = port.to_i, times.to_i
srand(seed.to_i)

class Shop
  def price(item) = item.sum % 997
  def list(from) = (from...from + 8).map { |i| "item-#{i}" }
end

def checksum(data)
  sum = data.unpack("n*").sum + (data.bytesize.odd? ? data.getbyte(-1) << 8 : 0)
  sum = (sum & 0xffff) + (sum >> 16) while sum > 0xffff
  ~sum & 0xffff
end

if role == "server"
  if kind == "drb"
    DRb.start_service("druby://#{host}:#{port}", Shop.new)
    sleep 90
  end
  Socket.tcp_server_loop(host, port) do |peer|
    Thread.new do
      loop do
        asked = Marshal.load(peer.read(peer.read(4).unpack1("N")))
        answer = Marshal.dump({ id: asked[:id], value: asked[:name].sum / 7.0, at: Time.now.to_f })
        peer.write([answer.bytesize].pack("N") + answer)
      end
    rescue StandardError
      peer.close
    end
  end
end

case kind
when "drb"
  DRb.start_service("druby://0.0.0.0:0")
  shop = DRbObject.new_with_uri("druby://#{host}:#{port}")
  times.times { |i| i % 4 == 3 ? shop.list(i) : shop.price("item-#{rand(400)}"); sleep rand * 1.5 + 0.1 }
when "marshal"
  peer = TCPSocket.new(host, port)
  times.times do |i|
    asked = Marshal.dump({ id: i, name: "item-#{rand(400)}", tags: %w[a b c].first(rand(4)) })
    peer.write([asked.bytesize].pack("N") + asked)
    peer.read(peer.read(4).unpack1("N"))
    sleep rand * 1.5 + 0.1
  end
when "ping"
  raw = Socket.new(:INET, :RAW, 1)
  times.times do |i|
    data = "net-ping #{Process.pid}".ljust(56, "\0")
    head = [8, 0, 0, Process.pid & 0xffff, i].pack("CCnnn")
    head = [8, 0, checksum(head + data), Process.pid & 0xffff, i].pack("CCnnn")
    raw.send(head + data, 0, Socket.sockaddr_in(0, host))
    raw.recvfrom(1500) if raw.wait_readable(0.9)
    sleep rand * 0.8 + 0.2
  end
end
