package Host;
# A made-up host: `answer(ORDER)` is what a shell on it would print. Nothing is ever run.
use strict;
use warnings;

my @users = qw(mwalter oidris tsato plindqvist svc_web nbarros kfraser dba01);
my @units = qw(sshd cron postfix nginx kubelet rsyslogd apcupsd named dockerd backupd);
my @said = (
    "accepted publickey", "started session", "lease renewed", "pool exhausted, waiting",
    "wrote 118 buffers", "dropping privileges", "certificate expires soon", "peer went away",
    "retrying in 30 s", "rotated log", "queue is empty", "mirror is 4 minutes behind",
);
my $os = "unix";

sub begin { ($os, my $seed) = @_; srand($seed); return; }
sub pick { return $_[int rand @_]; }
sub lines { my ($n, $one) = @_; return join("", map { $one->($_) } 1 .. $n); }

sub prompt {
    my $user = $users[2];
    return $os eq "win" ? "\r\nC:\\Users\\$user> " : $os eq "ps" ? "PS C:\\Users\\$user> " : "$user\@edge-02:~\$ ";
}

sub table {
    return lines(3 + int rand 9, sub {
        sprintf("%-16s %5d %-8s %8d K  %s\n", pick(@units) . ($os eq "unix" ? "" : ".exe"), 300 + rand 9000,
            pick("Console", "Services", "pts/0", "?"), 900 + rand 90000, pick(@users));
    });
}

sub journal {
    my $second = int rand 40000;
    return lines(4 + int rand 14, sub {
        $second += rand 90;
        sprintf("Oct %02d %02d:%02d:%02d edge-02 %s[%d]: %s\n", 1 + $second / 20000, 8 + $second / 3600 % 12,
            $second / 60 % 60, $second % 60, pick(@units), 200 + rand 30000, pick(@said));
    });
}

sub listing {
    return lines(2 + int rand 16, sub {
        $os eq "unix"
            ? sprintf("drwxr-x--- %d %-10s staff %7d Oct %2d %02d:%02d %s.%s\n", 1 + rand 4, pick(@users), rand 400000,
                1 + rand 28, rand 24, rand 60, pick(qw(plan draft scan export key minutes)), pick(qw(odt cfg csv pem zip)))
            : sprintf("%02d.%02d.2024  %02d:%02d  %12d %s.%s\r\n", 1 + rand 28, 1 + rand 12, rand 24, rand 60, rand 4e6,
                pick(qw(Budget Offer Report Visits Passwords Layout)), pick(qw(xlsx docx pdf kdbx zip)));
    });
}

sub net {
    return lines(2 + int rand 7, sub {
        sprintf("   %-22s 10.%d.%d.%d  %s\n", pick("IPv4 Address", "Default Gateway", "tcp LISTEN", "eth0 up", "DNS Servers"),
            rand 256, rand 256, 1 + rand 254, join(":", map { sprintf "%02x", rand 256 } 1 .. 6));
    });
}

sub answer {
    my ($order) = @_;
    my $text =
          $order =~ /^(w|last|tasklist|ps|quser|lsmod|schtasks|net user|getent|wmic)/ ? table()
        : $order =~ /^(ls|dir|du|stat|which|lsblk)/                                   ? listing()
        : $order =~ /(ipconfig|arp|ss |route|net view|nltest|reg)/                    ? net()
        : $order eq ""                                                                ? ""
        :                                                                               journal();
    $text =~ s/(?<!\r)\n/\r\n/g if $os ne "unix";
    return $text;
}

# Made-up file contents: text, or octets that do not compress.
sub loot {
    my ($kind, $size) = @_;
    my $out = "";
    while (length $out < $size) {
        $out .= $kind eq "raw" ? pack("N", rand 2**32) : $kind eq "hex" ? sprintf("%08x", rand 2**32) : journal();
    }
    return substr($out, 0, $size);
}

1;
