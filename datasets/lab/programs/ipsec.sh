# Sourced: `charon_up NAME LOCAL REMOTE INNER` runs strongSwan with IPsec in user space (UDP 4500).
charon_up() {
  mount -t tmpfs tmpfs /run
  ip addr add "$4/32" dev lo
  mkdir -p "vpn-$1"
  cat > "vpn-$1/strongswan.conf" <<EOF
charon {
  load = random nonce openssl pem pkcs1 pubkey hmac sha1 sha2 aes gmp kdf gcm kernel-libipsec kernel-netlink socket-default vici updown
  install_virtual_ip = no
  plugins { vici { socket = unix://$WORK/vpn-$1/vici } kernel-libipsec { allow_peer_ts = yes } }
}
EOF
  export STRONGSWAN_CONF="$PWD/vpn-$1/strongswan.conf"
  mkdir -p "vpn-$1/etc"
  peer=10.77.2.1
  [ "$4" = 10.77.2.1 ] && peer=10.77.1.1
  cat > "vpn-$1/etc/swanctl.conf" <<EOF
connections { site {
  version = 2
  local_addrs = $2
  remote_addrs = $3
  encap = yes
  dpd_delay = 3s
  proposals = aes256-sha256-modp2048
  local { auth = psk
    id = $2 }
  remote { auth = psk
    id = $3 }
  children { net { local_ts = $4/32
    remote_ts = $peer/32
    esp_proposals = aes256-sha256 } }
} }
secrets { ike-1 { secret = "shared" } }
EOF
  (sleep 1.5; swanctl --load-all --file "$PWD/vpn-$1/etc/swanctl.conf" --uri "unix://$WORK/vpn-$1/vici") &
  exec /usr/lib/ipsec/charon
}
