<?php
// ping.php TARGET TIMES SIZE KIND: echo requests as monitors in PHP send them.
[, $target, $times, $size, $kind] = $argv;
$socket = socket_create(AF_INET, SOCK_RAW, 1);
socket_set_option($socket, SOL_SOCKET, SO_RCVTIMEO, ["sec" => 0, "usec" => 900000]);
function checksum(string $data): int {
    $sum = array_sum(unpack("n*", strlen($data) % 2 ? $data . "\0" : $data));
    while ($sum > 0xffff) $sum = ($sum >> 16) + ($sum & 0xffff);
    return ~$sum & 0xffff;
}
for ($i = 0; $i < $times; $i++) {
    $data = match ($kind) {
        "host" => str_pad("PingHost", (int) $size, "\0"),
        "cacti" => "cacti-monitoring-system",
        "random" => random_bytes((int) $size),
        default => substr(str_repeat("abcdefghijklmnopqrstuvw", 60), 0, (int) $size),
    };
    $id = $kind === "host" ? 0 : random_int(0, 0xffff);
    $body = pack("nn", $id, $kind === "cacti" ? $i : 0) . $data;
    socket_sendto($socket, pack("CCn", 8, 0, checksum("\x08\0\0\0" . $body)) . $body, 4 + strlen($body), 0, $target, 0);
    @socket_recv($socket, $answer, 1500, 0);
    usleep(random_int(200000, 1200000));
}
