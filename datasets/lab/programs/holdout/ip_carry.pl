#!/usr/bin/perl
# ip_carry.pl bot|boss PROTO PEER SECONDS KIND: messages straight in IP datagrams of a protocol.
# KIND: chat (orders and answers in clear), masked (the same XORed with a running key behind an
# 8-octet head), drip (pieces of a made-up archive one way), pulse (a constant 24 octets), gre
# (a GRE head whose payload is no network protocol's packet), wrapped (an inner IPv4 head with
# addresses of its own, then data; for protocol 4).
use strict; use warnings; use Socket qw(:all); use Time::HiRes qw(sleep time);
my ($role, $proto, $peer, $seconds, $kind) = @ARGV;
my $six = $peer =~ /:/;
socket(my $s, $six ? PF_INET6 : PF_INET, SOCK_RAW, $proto) or die "socket: $!";
my $to = $six ? pack_sockaddr_in6(0, inet_pton(AF_INET6, $peer)) : pack_sockaddr_in(0, inet_aton($peer));
srand(length($peer) * 7919 + $proto + ($role eq 'bot' ? 1 : 2));
my @words = qw(host user admin file copy path done error disk list open none socket proxy route key);
sub text { my $n = shift; my $t = ''; $t .= $words[rand @words] . (rand() < 0.1 ? "\n" : ' ') while length $t < $n; substr($t, 0, $n) }
sub noise { join '', map { chr int rand 256 } 1 .. shift }
my $count = 0;
sub head { my ($len, $p) = @_; my $h = pack('CCnnnCCna4a4', 0x45, 0, 20 + $len, $count, 0, 64, $p, 0, pack('C4', 10, 0, 0, 1), pack('C4', 10, 0, 0, 2)); my $sum = unpack('%32n*', $h); $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16; substr($h, 10, 2) = pack('n', ~$sum & 0xffff); $h }
sub put {
    my $body = shift; $count++;
    if ($kind eq 'masked') { my $k = noise(4); my $m = $k x (length($body) / 4 + 1); $body = $k . pack('nn', $count, length $body) . ($body ^ substr($m, 0, length $body)); }
    if ($kind eq 'gre') { $body = pack('nnN', 0x2000, 0x6558, $count) . $body; }
    if ($kind eq 'wrapped') { $body = head(length $body, 61) . $body; }
    send($s, $body, 0, $to);
}
my $stop = time + $seconds;
my $next = time + 0.5;
while (time < $stop) {
    my $mask = ''; vec($mask, fileno($s), 1) = 1;
    my $wait = $role eq 'bot' && $kind !~ /^(drip|pulse)$/ ? $stop - time : $next - time;
    if ($wait > 0 && select($mask, undef, undef, $wait)) {
        my $from = recv($s, my $data, 65535, 0);
        next unless $from && $from eq $to;
        if ($role eq 'bot' && $kind !~ /^(drip|pulse)$/) {
            sleep(0.05 + rand 0.2);
            my $left = 40 + int rand 2500;
            while ($left > 0) { my $n = $left < 900 ? $left : 900; put(text($n)); $left -= $n; sleep 0.02; }
        }
        next;
    }
    last if time >= $stop;
    if ($role eq 'bot') { put($kind eq 'drip' ? "PK\3\4" . noise(400 + int rand 200) : "\x01beat" . pack('N', $$ & 0) . 'A' x 15); $next = time + ($kind eq 'drip' ? 0.4 + rand 0.3 : 1.5); }
    else { put(text(6 + int rand 60)) if $kind !~ /^(drip|pulse)$/ || rand() < 0.2; $next = time + 1 + rand 4; }
}
