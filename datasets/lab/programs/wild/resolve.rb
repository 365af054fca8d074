# resolve.rb SERVER TIMES: look-ups by Ruby's resolver.
require "resolv"
server, times = ARGV
resolver = Resolv::DNS.new(nameserver: [server])
resolver.timeouts = 1
times.to_i.times do
  resolver.getresources("h#{rand(9000)}.wild.lab.test", [Resolv::DNS::Resource::IN::A, Resolv::DNS::Resource::IN::MX].sample)
  sleep rand * 0.9
end
