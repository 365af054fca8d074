# Sourced: `beacon_server PORT` and `beacon_client HOST PORT SECONDS EVERY`: a new TCP connection
# for every beacon, made with bash alone; the answer is an order in base64, or nothing.
beacon_client() {
    until=$((SECONDS + $3)); n=0
    while [ $SECONDS -lt $until ]; do
        n=$((n + 1))
        if exec 5<>"/dev/tcp/$1/$2"; then
            printf 'id=%s;n=%d;u=%s\n' "$SEED" $n "$(head -c $((n % 4 * 40 + 30)) /dev/urandom | base64 -w0)" >&5
            timeout 1 cat <&5 >/dev/null
            exec 5<&- 5>&-
        fi
        sleep "$4"
    done
}
