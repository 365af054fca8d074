#!/usr/bin/perl
# `host.pl OS SEED [ECHO]`: a made-up shell on standard input and output; it runs nothing.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Host;

my ($os, $seed, $echo) = @ARGV;
Host::begin($os, $seed);
my $line = "";
syswrite STDOUT, Host::prompt();
while (sysread STDIN, my $got, $echo ? 1 : 4096) {
    syswrite STDOUT, $got =~ s/\n/\r\n/r if $echo;
    $line .= $got;
    while ($line =~ s/^([^\r\n]*)[\r\n]+//) {
        exit if $1 eq "exit";
        syswrite STDOUT, Host::answer($1) . Host::prompt();
    }
}
