#!/usr/bin/perl
# `plain.pl SERVICE ROLE HOST PORT SECONDS SEED`: small ordinary services and devices over TCP and UDP.
# Those over UDP: statusd, radar, gateway, netlog, meterd. Over TCP: scale, panel, tally, pos, lift, weather.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time sleep);

my ($service, $role, $host, $port, $seconds, $seed) = @ARGV;
srand $seed;
my $stop = time + $seconds;
my $udp = $service =~ /^(statusd|radar|gateway|netlog|meterd)$/;
$SIG{CHLD} = "IGNORE";
$SIG{PIPE} = "IGNORE";

sub line_out {
    my %p = (Proto => $udp ? "udp" : "tcp", PeerAddr => $host, PeerPort => $port);
    return IO::Socket::INET->new(%p) // die "$!\n";
}
sub reading { return sprintf "%s%07.2f kg\r\n", rand > 0.3 ? "ST,GS," : "US,GS,", 40 + rand 9; }
sub pause { sleep $_[0] + rand($_[1] - $_[0]); return; }
sub bcd { return pack "H*", sprintf "%0*d", $_[0], int rand 10**($_[0] > 9 ? 9 : $_[0]); }

# What the server says to a request, and what the client asks, by service.
my %reply = (
    statusd => sub { "up=" . int(time) % 100_000 . ";load=" . int(rand 90) . ";jobs=" . int rand 7 },
    radar   => sub { undef },
    gateway => sub { my ($v, $t, $k) = unpack "C a2 C", shift; pack "C a2 C", $v, $t, $k == 2 ? 4 : 1 },
    netlog  => sub { undef },
    meterd  => sub { my $d = pack "C C C4 C C a*", 8, 1, 0x12, 0x34, 0x56, 0x78, 7, int rand 200, bcd(16); "\x68" . (chr(length $d) x 2) . "\x68$d" . chr(unpack("%8C*", $d)) . "\x16" },
    scale   => sub { reading() },
    panel   => sub { my ($n) = unpack "n", shift; pack "n n C C", $n, 2, 6, int rand 2 },
    pos     => sub { my $b = "0110" . pack("H*", "7238000102c0") . bcd(12) . "00"; pack("n", length $b) . $b },
    lift    => sub { "\x02" . sprintf("F%02dD%dL%03d", rand 14, rand 3, rand 999) . "\x03" },
    tally   => sub { undef },
    weather => sub { "WIMWV," . int(rand 359) . sprintf(".0,R,%.1f,M,A*", rand 20) . sprintf("%02X\r\n", rand 256) },
);
my %ask = (
    statusd => sub { "status" }, scale => sub { "R\r\n" }, weather => sub { "0R0!\r\n" },
    radar   => sub { my $b = join "", map { pack "n n C", rand 65536, rand 65536, rand 256 } 1 .. 1 + rand 8; pack("C n", 48, 3 + length $b) . $b },
    gateway => sub { rand > 0.5 ? pack("C a2 C H16", 2, pack("n", rand 65536), 2, "b827ebfffe31c4a0") : pack("C a2 C H16", 2, pack("n", rand 65536), 0, "b827ebfffe31c4a0") . '{"rxpk":[{"tmst":' . int(rand 4e9) . ',"freq":868.1,"rssi":-' . int(40 + rand 70) . ',"size":23,"data":"' . join("", map { ("A" .. "Z", "a" .. "z", 0 .. 9)[rand 62] } 1 .. 31) . '="}]}' },
    netlog  => sub { pack("C a16 N a*", 1, "agent-" . $seed % 90, time, "cpu " . int(rand 100) . " mem " . int(rand 100) . " if0 " . int rand 1e6) },
    meterd  => sub { "\x10\x5b\x01\x5c\x16" },
    panel   => sub { pack "n n C C", rand 65536, 2, 5, 1 + rand 8 },
    pos     => sub { my $b = "0100" . pack("H*", "7238000102c0") . bcd(16) . bcd(12) . "EUR"; pack("n", length $b) . $b },
    lift    => sub { "\x02Q\x03" },
    tally   => sub { sprintf "%%0%02dD%s", rand 40, pack("A16", "CAM " . int rand 9) },
);

if ($role eq "server") {
    my %p = (Proto => $udp ? "udp" : "tcp", LocalAddr => $host, LocalPort => $port, ReuseAddr => 1);
    my $server = IO::Socket::INET->new(%p, $udp ? () : (Listen => 5)) // die "$!\n";
    if ($udp) {
        while (defined(my $from = recv $server, my $data, 2000, 0)) {
            my $out = $reply{$service}->($data);
            send $server, $out, 0, $from if defined $out;
        }
    }
    while (1) {
        my $line = $server->accept // next;
        next if fork;
        while (sysread $line, my $data, 2000) {
            my $out = $reply{$service}->($data);
            syswrite $line, $out if defined $out;
        }
        exit;
    }
}
my $line = line_out();
my %gap = (statusd => [4, 6], radar => [0.9, 1.1], gateway => [2, 9], netlog => [9, 11], meterd => [3, 3.2], scale => [0.5, 0.6], panel => [1, 2.5],
    pos => [2, 12], lift => [0.9, 1], tally => [0.2, 3], weather => [4.9, 5.1]);
while (time < $stop) {
    my $out = $ask{$service}->();
    $udp ? send($line, $out, 0) : syswrite($line, $out);
    my $bits = "";
    vec($bits, fileno $line, 1) = 1;
    sysread $line, my $got, 2000 if defined $reply{$service}->("\0" x 12) && select $bits, undef, undef, 1.5;
    pause(@{$gap{$service}});
}
