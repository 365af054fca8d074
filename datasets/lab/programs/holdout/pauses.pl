#!/usr/bin/perl
# pauses.pl KIND HOST PORT SECONDS: a message in the pauses between otherwise plain packets.
# KIND: jitter (key strokes over TCP, each held back to an even or an odd multiple of 20 ms),
# eight (UDP datagrams with eight lengths of pause), slots (a datagram in a time slot or none,
# sorted so that silence is short), echo (ping-like requests 0.25 or 0.6 s apart).
use strict; use warnings; use Socket qw(:all); use Time::HiRes qw(sleep time);
my ($kind, $host, $port, $seconds) = @ARGV;
my $bits = unpack('B*', 'orders for the morning: open the gate, move the boxes, burn the list.');
my $proto = $kind eq 'jitter' ? SOCK_STREAM : $kind eq 'echo' ? SOCK_RAW : SOCK_DGRAM;
socket(my $s, PF_INET, $proto, $kind eq 'echo' ? 1 : 0) or die "socket: $!";
my $to = pack_sockaddr_in($kind eq 'echo' ? 0 : $port, inet_aton($host));
connect($s, $to) or die "connect: $!";
setsockopt($s, IPPROTO_TCP, 1, 1) if $kind eq 'jitter';
my ($at, $seq, $stop) = (0, 0, time + $seconds);
my @keys = split //, "ls -l /var/log\rcat notes.txt\rcd /srv\rps aux\r";
sub take { my $n = shift; my $b = substr($bits . $bits, $at, $n); $at = ($at + $n) % length $bits; oct "0b$b" }
while (time < $stop) {
    if ($kind eq 'jitter') {
        my $natural = 0.08 + rand(0.25);
        my $step = int($natural / 0.02); $step++ if $step % 2 != take(1);
        sleep($step * 0.02); syswrite($s, $keys[$seq++ % @keys]);
    } elsif ($kind eq 'eight') {
        sleep(0.05 + 0.05 * take(3)); send($s, pack('nN', 0x8060, $seq++) . 'v' x 80, 0);
    } elsif ($kind eq 'slots') {
        sleep(0.12); send($s, pack('N', $seq++) . "reading=20.5\n", 0) if take(1);
    } else {
        sleep(take(1) ? 0.6 : 0.25);
        my $m = pack('CCnnn', 8, 0, 0, 0x2b1, ++$seq) . pack('C*', 0x10 .. 0x47);
        my $sum = unpack('%32n*', $m); $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
        substr($m, 2, 2) = pack('n', ~$sum & 0xffff); send($s, $m, 0);
    }
}
