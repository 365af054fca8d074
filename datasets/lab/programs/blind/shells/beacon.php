<?php
// php beacon.php HOST PORT SECONDS EVERY SEED: one connection a beacon, with jitter; the record is a
// 16-bit length and XORed text, what comes back is an order or nothing.
[, $host, $port, $seconds, $every, $seed] = $argv;
mt_srand((int) $seed);
$stop = microtime(true) + $seconds;
$mask = str_pad('', 4096, pack('N', mt_rand()));
$out = 'hello';
while (microtime(true) < $stop) {
    $line = @fsockopen($host, (int) $port, $errno, $error, 4);
    if ($line) {
        $text = sprintf('%08x|edge-02|%s', (int) $seed, $out);
        fwrite($line, pack('n', strlen($text)) . ($text ^ substr($mask, 0, strlen($text))));
        stream_set_timeout($line, 4);
        $order = (string) fread($line, 512);
        fclose($line);
        $out = $order === "\0" || $order === '' ? '' : str_repeat(bin2hex(pack('N', mt_rand())), mt_rand(2, 60));
    }
    usleep((int) ($every * 1e6 * mt_rand(60, 140) / 100));
}
