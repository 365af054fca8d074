# resolve.pl SERVER TIMES: look-ups by Net::DNS.
use strict;
use warnings;
use Net::DNS;
my ($server, $times) = @ARGV;
my $resolver = Net::DNS::Resolver->new(nameservers => [$server], recurse => 1, udp_timeout => 1, retry => 1);
for (1 .. $times) {
    $resolver->send('h' . int(rand 9000) . '.wild.lab.test', (qw(A AAAA SRV PTR))[int rand 4]);
    select undef, undef, undef, rand 0.9;
}
