# Sourced: `vpn TOOL SIDE PORT` runs one end (SIDE is server or client) of a VPN between $SERVER and
# $CLIENT in the foreground; its interface is holdvpn, 10.96.2.1 on the server, .2 on the client.
vpn() {
    tool=$1 side=$2 port=$3
    own=10.96.2.2 peer=$SERVER
    [ "$side" = server ] && own=10.96.2.1 peer=$CLIENT
    up="ip addr add $own/24 dev holdvpn; ip link set holdvpn mtu 1300 up"
    case $tool in
    fastd)
        for s in server client; do
            (umask 77; [ -s "$WORK/$s.sec" ] || fastd --generate-key --machine-readable > "$WORK/$s.sec" 2>/dev/null)
        done
        other=$([ "$side" = server ] && echo client || echo server)
        {
            echo "interface \"holdvpn\"; mode tun; mtu 1300; method \"${VPN_METHOD:-salsa2012+umac}\";"
            echo "secret \"$(cat "$WORK/$side.sec")\"; on up \"$up\"; drop capabilities no;"
            [ "$side" = server ] && echo "bind $SERVER:$port;"
            echo "peer \"other\" { key \"$(echo "secret \"$(cat "$WORK/$other.sec")\";" | fastd -c - --show-key --machine-readable 2>/dev/null)\";"
            [ "$side" = client ] && echo "remote $SERVER:$port;"
            echo "}"
        } > "$WORK/fastd-$side.conf"
        exec fastd -c "$WORK/fastd-$side.conf" ;;
    uanytun)
        role=$([ "$side" = server ] && echo left || echo right)
        (sleep 1; ip link set holdvpn mtu 1300) &
        exec uanytun -D -4 -p "$port" -r "$peer" -o "$port" -d holdvpn -t tun -n $own/24 -E "phrase$SEED" -e "$role" ;;
    tinc)
        dir=$WORK/tinc-$side; mkdir -p "$dir/hosts"
        printf 'Name = %s\nDevice = /dev/net/tun\nInterface = holdvpn\nAddressFamily = ipv4\nPort = %s\n' "$side" "$port" > "$dir/tinc.conf"
        [ "$side" = client ] && echo "ConnectTo = server" >> "$dir/tinc.conf"
        printf '#!/bin/sh\n%s\n' "$up" > "$dir/tinc-up"; chmod +x "$dir/tinc-up"
        address=$([ "$side" = server ] && echo "$SERVER" || echo "$CLIENT")
        printf 'Address = %s\nPort = %s\nSubnet = %s/32\n' "$address" "$port" $own > "$dir/hosts/$side"
        tincd -c "$dir" -K2048 < /dev/null > "$dir/key.log" 2>&1
        touch "$dir/ready"
        until [ -e "$WORK/tinc-server/ready" ] && [ -e "$WORK/tinc-client/ready" ]; do sleep 0.2; done
        cp "$WORK"/tinc-*/hosts/* "$dir/hosts/" 2>/dev/null
        exec tincd -c "$dir" -D -d1 --pidfile="$dir/pid" ;;
    vtun)
        printf '#!/bin/sh\n%s\n' "$up" > "$WORK/up-$side.sh"; chmod +x "$WORK/up-$side.sh"
        printf 'options { port %s; ifconfig /sbin/ifconfig; ip /sbin/ip; }\ndefault { speed 0; }\nlab { passwd p%s; type tun; proto %s; device holdvpn; encrypt %s; keepalive 5:4; up { program "%s/up-%s.sh" wait; }; }\n' \
            "$port" "$SEED" "${VPN_PROTO:-tcp}" "${VPN_CRYPT:-yes}" "$WORK" "$side" > "$WORK/vtun-$side.conf"
        if [ "$side" = server ]; then exec vtund -n -s -f "$WORK/vtun-$side.conf" -P "$port"; fi
        sleep 1; exec vtund -n -f "$WORK/vtun-$side.conf" -P "$port" lab "$SERVER" ;;
    n2n)
        [ "$side" = server ] && sleep 1
        exec edge -d holdvpn -a $own -c lab -k "k$SEED" -l "$SERVER2:$port" -f ;;
    esac
}
