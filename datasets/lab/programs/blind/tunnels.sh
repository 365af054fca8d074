# Sourced: `tunnel TOOL SIDE PORT` runs one end (server or client) of a tunnel between $SERVER and
# $CLIENT in the foreground. GVPE and QuickTun make the interface blt (10.44.9.1 and .2).
# V2Ray's and obfs4's client listens on 127.0.0.1:7373 and leads to 127.0.0.1:$TARGET of the server.
tunnel() {
    tool=$1 side=$2 port=$3
    own=10.44.9.2 other=$SERVER
    [ "$side" = server ] && own=10.44.9.1 other=$CLIENT
    up="ip addr add $own/24 dev blt; ip link set blt mtu 1280 up; sysctl -qw net.ipv6.conf.blt.disable_ipv6=1"
    case $tool in
    gvpe)
        dir=$WORK/gvpe-$side; mkdir -p "$dir/pubkey"; : > "$dir/gvpe.conf"
        (
            flock 9
            for n in server client; do
                [ -e "$WORK/$n.key" ] || gvpectrl -c "$dir" -g "$WORK/$n.key" > /dev/null 2>&1
            done
        ) 9> "$WORK/keys.lock"
        for n in server client; do cp "$WORK/$n.key" "$dir/pubkey/$n"; done
        cp "$WORK/$side.key.privkey" "$dir/hostkey"
        {
            echo "ifname = blt"; echo "mtu = 1450"; echo "ifpersist = no"; echo "if-up = if-up"; echo "pid-file = $dir/pid"; echo "seed-interval = 3600"
            for t in udp tcp icmp rawip; do
                [ "$t" = "$TRANSPORT" ] && echo "enable-$t = yes" || echo "enable-$t = no"
            done
            [ "$TRANSPORT" = rawip ] && echo "ip-proto = $port"
            for n in server client; do
                echo "node = $n"
                [ $n = server ] && echo "hostname = $SERVER" || echo "hostname = $CLIENT"
                [ "$TRANSPORT" = udp ] && echo "udp-port = $port"
                [ "$TRANSPORT" = tcp ] && echo "tcp-port = $port"
                echo "connect = always"
            done
        } > "$dir/gvpe.conf"
        printf '#!/bin/sh\nip link set $IFNAME address $MAC mtu $MTU up\nip addr add %s/24 dev $IFNAME\n' "$own" > "$dir/if-up"
        chmod +x "$dir/if-up"
        exec gvpe -c "$dir" -D -l info "$side" ;;
    quicktun)
        (
            flock 9
            for n in server client; do
                [ -e "$WORK/$n.pair" ] || quicktun.keypair > "$WORK/$n.pair" 2> /dev/null || keypair > "$WORK/$n.pair" 2>&1
            done
        ) 9> "$WORK/keys.lock"
        peer=$([ "$side" = server ] && echo client || echo server)
        export IFACE=blt IF_QT_INTERFACE=blt IF_QT_TUN_MODE=1 IF_QT_PROTOCOL=nacltai
        export IF_QT_LOCAL_PORT=$port IF_QT_REMOTE_PORT=$port IF_QT_REMOTE_ADDRESS=$other
        IF_QT_PRIVATE_KEY=$(sed -n 's/^SECRET: *//p' "$WORK/$side.pair"); export IF_QT_PRIVATE_KEY
        IF_QT_PUBLIC_KEY=$(sed -n 's/^PUBLIC: *//p' "$WORK/$peer.pair"); export IF_QT_PUBLIC_KEY
        (sleep 1; eval "$up") &
        exec quicktun ;;
    v2ray)
        id=b831381d-6324-4d53-ad4f-8cda48b30811
        stream="\"streamSettings\":{\"network\":\"$TRANSPORT\",\"kcpSettings\":{\"header\":{\"type\":\"${HEADER:-none}\"},\"congestion\":false}}"
        if [ "$side" = server ]; then
            echo "{\"log\":{\"loglevel\":\"warning\"},\"inbounds\":[{\"port\":$port,\"listen\":\"0.0.0.0\",\"protocol\":\"vmess\",\"settings\":{\"clients\":[{\"id\":\"$id\",\"alterId\":${ALTER:-0}}]},$stream}],\"outbounds\":[{\"protocol\":\"freedom\"}]}" > "$WORK/v-$side.json"
        else
            echo "{\"log\":{\"loglevel\":\"warning\"},\"inbounds\":[{\"port\":7373,\"listen\":\"127.0.0.1\",\"protocol\":\"dokodemo-door\",\"settings\":{\"address\":\"127.0.0.1\",\"port\":$TARGET,\"network\":\"tcp\"}}],\"outbounds\":[{\"protocol\":\"vmess\",\"settings\":{\"vnext\":[{\"address\":\"$SERVER\",\"port\":$port,\"users\":[{\"id\":\"$id\",\"alterId\":${ALTER:-0},\"security\":\"aes-128-gcm\"}]}]},$stream}]}" > "$WORK/v-$side.json"
        fi
        exec v2ray -config "$WORK/v-$side.json" ;;
    obfs4)
        export TOR_PT_MANAGED_TRANSPORT_VER=1 TOR_PT_STATE_LOCATION=$WORK/obfs-$side TOR_PT_EXIT_ON_STDIN_CLOSE=0
        mkdir -p "$TOR_PT_STATE_LOCATION"
        if [ "$side" = server ]; then
            export TOR_PT_SERVER_TRANSPORTS=$KIND TOR_PT_SERVER_BINDADDR=$KIND-$SERVER:$port TOR_PT_ORPORT=127.0.0.1:$TARGET
            exec obfs4proxy
        fi
        export TOR_PT_CLIENT_TRANSPORTS=$KIND
        obfs4proxy > "$WORK/pt.txt" &
        until grep -q CMETHOD "$WORK/pt.txt"; do sleep 0.2; done
        local=$(sed -n 's/^CMETHOD [^ ]* socks5 //p' "$WORK/pt.txt")
        file=$WORK/obfs-server/obfs4_bridgeline.txt
        args=
        [ "$KIND" = obfs4 ] && args=$(sed -n 's/.*\(cert=[^ ]*\) \(iat-mode=[0-9]\).*/\1;\2/p' "$file")
        printf '#!/bin/sh\nexec "%s" "%s" "%s" "%s" "%s" "%s"\n' "$PY" "$P/blind/through.py" "$local" "$SERVER" "$port" "$args" > "$WORK/through"
        chmod +x "$WORK/through"
        exec socat TCP-LISTEN:7373,bind=127.0.0.1,fork,reuseaddr EXEC:"$WORK/through" ;;
    esac
}
