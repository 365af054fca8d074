# Sourced: `frr_up DAEMON DEVICE OWN PEER NUMBER` runs one routing daemon of FRR beside its zebra.
frr_up() {
  mount -t tmpfs tmpfs /run
  mkdir -p /run/frr
  sed "s/@DEV@/$2/; s/@ME@/$3/; s/@PEER@/$4/; s/@N@/$5/" "$1.conf" > "/run/frr/$1.conf"
  : > /run/frr/zebra.conf
  chown -R frr:frrvty /run/frr
  set -- "$1" -P 0 -z /run/frr/zserv.api
  /usr/lib/frr/zebra "${@:2}" -i /run/frr/zebra.pid -f /run/frr/zebra.conf &
  sleep 0.7
  exec "/usr/lib/frr/$1" "${@:2}" -i "/run/frr/$1.pid" -f "/run/frr/$1.conf" --log stdout
}
