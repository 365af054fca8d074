#!/usr/bin/perl
# `answer.pl PORT SECONDS [HOST]`: the operator's end of a raw TCP shell: takes one connection (or
# makes one, to HOST) and joins it to standard input and output.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($port, $seconds, $host) = @ARGV;
my $stop = time + $seconds;
my $line;
if ($host) {
    $line = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die "$!\n";
} else {
    my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 1, ReuseAddr => 1) or die "$!\n";
    $line = $server->accept;
}
my $both = IO::Select->new($line, \*STDIN);
while (time < $stop) {
    for my $ready ($both->can_read(1)) {
        my $got = sysread $ready, my $data, 4096;
        if (!$got) {
            exit if $ready == $line;
            $both->remove($ready);
        } elsif ($ready == $line) {
            syswrite STDOUT, $data;
        } else {
            syswrite $line, $data;
        }
    }
}
