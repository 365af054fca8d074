#!/usr/bin/perl
# `netping.pl HOST COUNT GAP SIZE [PROTO]`: Net::Ping, the way monitoring scripts use it.
use strict;
use warnings;
use Net::Ping;
use Time::HiRes qw(sleep);

my ($host, $count, $gap, $size, $proto) = @ARGV;
my $ping = Net::Ping->new($proto // "icmp", 2, $size);
$ping->hires;
for (1 .. $count) {
    printf "%d %.1f ms\n", $_, 1000 * (($ping->ping($host))[1] // 0);
    sleep $gap;
}
