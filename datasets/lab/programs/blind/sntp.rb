# `small.rb ROLE HOST PORT SECONDS`: a time server, and its client.
require "socket"

role, host, port, seconds = ARGV
stop = Time.now + seconds.to_f

EPOCH = 2_208_988_800
stamp = ->(t) { [(t.to_i + EPOCH), (t.to_f % 1 * (1 << 32)).to_i].pack("NN") }

if role == "server"
  socket = UDPSocket.new
  socket.bind(host, port.to_i)
  loop do
    data, from = socket.recvfrom(200)
    now = Time.now
    socket.send([0x24, 2, 6, 0xe9].pack("C4") + "\0\0\1\2\0\0\3\4LOCL" + stamp.call(now - 9) + data[40, 8] + stamp.call(now) + stamp.call(Time.now), 0, from[3], from[1])
  end
else
  while Time.now < stop
    socket = UDPSocket.new
    socket.connect(host, port.to_i)
    socket.send("\x23".b + "\0" * 39 + stamp.call(Time.now), 0)
    socket.recv(200) if IO.select([socket], nil, nil, 1)
    socket.close
    sleep(rand(2.0..5.0))
  end
end
