#!/usr/bin/perl
# `loot.pl KIND SIZE SEED`: made-up contents of a file on standard output; text, hex or raw.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Host;

my ($kind, $size, $seed) = @ARGV;
Host::begin("unix", $seed);
print Host::loot($kind, $size);
