# Sourced: `sshd_on PORT [SSHD_OPTION...]` runs a throw-away sshd; $SSHOPT are client options.
# The keys are made in $WORK for one run and thrown away with it.
SSHOPT="-F none -i $WORK/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
-o LogLevel=ERROR -o BatchMode=yes -o ConnectTimeout=15"
sshd_on() {
    mkdir -p /run/sshd
    [ -e "$WORK/id" ] || ssh-keygen -q -t ed25519 -N "" -C lab -f "$WORK/id"
    [ -e "$WORK/hk" ] || ssh-keygen -q -t ed25519 -N "" -C lab -f "$WORK/hk"
    cp "$WORK/id.pub" "$WORK/ak"
    port=$1; shift
    exec /usr/sbin/sshd -D -e -f /dev/null -p "$port" -h "$WORK/hk" -o AuthorizedKeysFile="$WORK/ak" \
        -o StrictModes=no -o UsePAM=no -o PidFile=none -o PermitRootLogin=yes -o UseDNS=no \
        -o Subsystem="sftp internal-sftp" -o PasswordAuthentication=no "$@"
}
