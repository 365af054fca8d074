#!/usr/bin/perl
# `icmp_bots.pl DIALECT ROLE PEER SECONDS SEED`: orders and answers in ICMP echo, after public
# descriptions. The bot asks, the boss (whose orders come on standard input) answers.
# DIALECT  icmpsh    bot asks every 0.2 s, up to 64 octets of output a request, orders in replies
#          posh      prompt and output in pieces of 128 under identifier 1, polls every 5 s
#          ish       replies only, identifier 1515, a small binary header, text
#          loki      56 octets always: tag 0xb1/0xb2, text, zeros
#          pingback  788 octets, sequence 1234/1235/1236, the order in clear
#          pingrat   text of any length, identifier by process, polls of one octet every second
#          sweep     RC4, length first, polls every 7 +- 3 s padded to 48
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Host;
use Socket;
use Time::HiRes qw(time sleep);

my ($dialect, $role, $peer, $seconds, $seed) = @ARGV;
my %style = (
    icmpsh => {every => 0.2, piece => 64, os => "win"}, posh => {every => 5, piece => 128, os => "ps", id => 1},
    ish => {every => 1e9, piece => 512, os => "unix", id => 1515}, loki => {every => 1, piece => 54, os => "unix", id => 0xf001},
    pingback => {every => 1e9, piece => 700, os => "win", id => 20_000 + $seed % 9000}, pingrat => {every => 1, piece => 900, os => "unix"},
    sweep => {every => 7, jitter => 3, piece => 200, os => "win"},
);
my $own = $style{$dialect} or die "unknown dialect\n";
my $id = $own->{id} // (300 + $seed % 30_000);
Host::begin($own->{os}, $seed);
socket(my $raw, PF_INET, SOCK_RAW, 1) or die "raw: $!";
my $to = pack_sockaddr_in(0, inet_aton($peer));
my $sequence = $dialect eq "icmpsh" || $dialect eq "posh" ? 1 : int rand 60_000;

sub rc4 {
    my ($text) = @_;
    my @s = 0 .. 255;
    my @k = unpack "C*", "k$seed";
    my ($i, $j, $out) = (0, 0, "");
    for (0 .. 255) { $j = ($j + $s[$_] + $k[$_ % @k]) % 256; @s[$_, $j] = @s[$j, $_]; }
    $j = 0;
    for my $octet (unpack "C*", $text) {
        $i = ($i + 1) % 256; $j = ($j + $s[$i]) % 256; @s[$i, $j] = @s[$j, $i];
        $out .= chr($octet ^ $s[($s[$i] + $s[$j]) % 256]);
    }
    return $out;
}

sub wrap {
    my ($text, $up) = @_;
    return pack("C a55", $up ? 0xb1 : 0xb2, $text) if $dialect eq "loki";
    return pack("N C C n a*", 0, 1, 0, length $text, $text) if $dialect eq "ish";
    return pack("a788", $text) if $dialect eq "pingback";
    return rc4(pack("n", length $text) . $text . ("\0" x ($text eq "" ? 46 : 0))) if $dialect eq "sweep";
    return $text eq "" && $dialect eq "pingrat" ? "." : $text;
}

sub open_up {
    my ($data) = @_;
    my $text =
          $dialect eq "loki" ? substr($data, 1) =~ s/\0+$//r
        : $dialect eq "ish"  ? substr($data, 8)
        : $dialect eq "pingback" ? $data =~ s/\0.*//sr
        : $dialect eq "sweep" ? do { my $plain = rc4($data); substr $plain, 2, unpack "n", $plain }
        : $data;
    return $dialect eq "pingrat" && $text eq "." ? "" : $text;
}

sub put {
    my ($type, $data, $seq) = @_;
    my $packet = pack("C C n n n a*", $type, 0, 0, $id, $seq, $data);
    my $sum = unpack("%32n*", $packet . (length($packet) % 2 ? "\0" : ""));
    $sum = ($sum & 0xffff) + ($sum >> 16) for 1 .. 2;
    substr($packet, 2, 2) = pack "n", ~$sum & 0xffff;
    send $raw, $packet, 0, $to;
    return;
}

# Wait for one echo message of the peer; returns type, sequence and data, or nothing.
sub get {
    my ($wait) = @_;
    my $until = time + $wait;
    while ((my $left = $until - time) > 0) {
        my $bits = "";
        vec($bits, fileno $raw, 1) = 1;
        vec($bits, fileno STDIN, 1) = 1 if $role eq "boss";
        next unless select $bits, undef, undef, $left;
        return if $role eq "boss" && vec($bits, fileno STDIN, 1);
        next unless vec $bits, fileno $raw, 1;
        my $from = recv $raw, my $got, 4096, 0;
        next unless $from eq $to || substr($got, 12, 4) eq inet_aton($peer);
        my ($type, undef, undef, $gotid, $seq, $data) = unpack "C C n n n a*", substr $got, 20;
        next unless $gotid == $id && $type == ($dialect eq "ish" || $role eq "bot" ? 0 : 8);
        return ($type, $seq, $data);
    }
    return;
}

my $stop = time + $seconds;
my $next = 0;
if ($role eq "bot") {
    my $out = $dialect =~ /icmpsh|posh/ ? Host::prompt() : $dialect eq "pingback" || $dialect eq "ish" ? "" : "up $id\n";
    while (time < $stop) {
        if (length $out || time >= $next) {
            my $piece = substr $out, 0, $own->{piece}, "";
            my $seq = $dialect eq "pingback" ? 1235 : $sequence++ % 65536;
            put($dialect eq "ish" ? 0 : 8, wrap($piece, 1), $seq) unless $dialect =~ /ish$|pingback/ && $piece eq "" && $dialect ne "icmpsh";
            $next = time + $own->{every} + ($own->{jitter} // 0) * (2 * rand() - 1);
        }
        my (undef, undef, $data) = get(length $out ? 0.05 + 0.1 * rand : $dialect =~ /^(ish|pingback)$/ ? 0.5 : $next - time);
        next unless defined $data && length(my $order = open_up($data));
        $out .= Host::answer($order =~ s/\s+$//r) . Host::prompt();
    }
} else {
    my @orders;
    my $quiet = $dialect =~ /^(ish|pingback)$/;
    while (time < $stop) {
        my $bits = "";
        vec($bits, fileno STDIN, 1) = 1;
        if (select $bits, undef, undef, 0) {
            my $line = "";
            sysread STDIN, $line, 400;
            push @orders, grep { length } split /\n/, $line;
            sleep 0.3 if $line eq "";
        }
        if ($quiet && @orders) { put($dialect eq "ish" ? 0 : 8, wrap(shift @orders, 0), $dialect eq "ish" ? $sequence++ % 65536 : 1234); }
        my (undef, $seq, $data) = get(0.4);
        put(0, wrap(@orders ? shift @orders : "", 0), $seq) if defined $data && !$quiet;
    }
}
