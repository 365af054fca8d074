<?php
// php ping.php HOST COUNT GAP: the raw-socket ping of countless monitoring scripts ("PingHost").
[, $host, $count, $gap] = $argv;
for ($i = 0; $i < $count; $i++) {
    $socket = socket_create(AF_INET, SOCK_RAW, 1);
    socket_set_option($socket, SOL_SOCKET, SO_RCVTIMEO, ['sec' => 1, 'usec' => 0]);
    socket_connect($socket, $host, 0);
    socket_send($socket, "\x08\x00\x7d\x4b\x00\x00\x00\x00PingHost", 16, 0);
    @socket_read($socket, 255);
    socket_close($socket);
    usleep((int) ($gap * 1e6));
}
