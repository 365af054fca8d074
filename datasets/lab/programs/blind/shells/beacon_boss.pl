#!/usr/bin/perl
# `beacon_boss.pl PORT SEED`: takes beacons; answers with a zero octet, or now and then an order.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $seed) = @ARGV;
srand $seed;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 5, ReuseAddr => 1) or die "$!\n";
while (my $line = $server->accept) {
    sysread $line, my $head, 2 or next;
    my $left = unpack "n", $head;
    while ($left > 0 && (my $got = sysread $line, my $data, $left)) { $left -= $got; }
    syswrite $line, rand() < 0.35 ? pack("N*", map { rand 2**32 } 1 .. 2 + rand 8) : "\0";
    close $line;
}
