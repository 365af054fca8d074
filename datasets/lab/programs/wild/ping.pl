# ping.pl TARGET TIMES SIZE: Net::Ping over ICMP, a new identifier each run.
use strict;
use warnings;
use Net::Ping;
my ($target, $times, $size) = @ARGV;
my $family = $target =~ /:/ ? 'ipv6' : 'ipv4';
my $ping = Net::Ping->new({proto => $family eq 'ipv6' ? 'icmpv6' : 'icmp', timeout => 1, data_size => $size, family => $family});
for (1 .. $times) {
    $ping->ping($target);
    select undef, undef, undef, 0.2 + rand 0.9;
}
