# `operator.rb MODE SECONDS SEED [OS]`: what an operator types, on standard output.
# MODE is keys (every key by itself), lines, or burst (several prepared lines at once);
# OS is unix or win.
ORDERS = {
  "unix" => ["w", "last -n 6", "crontab -l", "ss -tlpn", "lsblk", "cat /etc/fstab", "getent passwd",
             "dmesg | tail", "ls /opt /srv", "stat backup.sh", "cat notes.md", "route -n", "groups",
             "lsmod | head", "du -sh *", "cat .ssh/config", "journalctl -n 12", "which gcc python3"],
  "win" => ["ipconfig /all", "systeminfo", "net user", "net localgroup administrators", "tasklist /svc",
            "dir c:\\users", "wmic product get name", "arp -a", "net view", "schtasks /query",
            "type notes.txt", "reg query hklm\\software", "set", "nltest /dclist:corp", "quser"],
}.freeze

mode, seconds, seed, os = ARGV
rng = Random.new(seed.to_i * 7 + 3)
orders = ORDERS.fetch(os || "unix").shuffle(random: rng).cycle
stop = Time.now + seconds.to_f
$stdout.sync = true

def rest(rng, low, high)
  sleep(low + (high - low) * rng.rand**2)
end

rest(rng, 0.6, 2.5)
begin
  while Time.now < stop
    case mode
    when "keys"
      orders.next.each_char do |key|
        $stdout.write(key)
        rest(rng, 0.04, 0.35)
      end
      $stdout.write("\n")
    when "burst"
      $stdout.write(Array.new(rng.rand(2..5)) { orders.next + "\n" }.join)
      rest(rng, 2, 6)
    else
      $stdout.write(orders.next + "\n")
    end
    rest(rng, 0.9, 5.5)
  end
rescue Errno::EPIPE
  exit
end
