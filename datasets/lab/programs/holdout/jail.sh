# Sourced: `jail` makes a small made-up root in $WORK/jail and $WORK/sh, a shell that sees nothing
# else: its own processes, files and a busybox (or bash, when $WORK/sh is called with --bash).
jail() {
    root=$WORK/jail
    mkdir -p $root/{bin,etc,proc,tmp,var/log,srv/deploy/.ssh,srv/data,lib,lib64,dev}
    for program in /bin/busybox /bin/bash; do
        cp $program $root/bin/
        ldd $program | grep -o '/[^ ]*' | while read -r lib; do
            mkdir -p "$root$(dirname "$lib")"; cp -L "$lib" "$root$lib"
        done
    done
    for name in sh ls cat ps id uname df find grep head tail tar gzip base64 wc whoami hostname \
        uptime date env free mount netstat echo sleep dd od hexdump md5sum stat stty seq; do
        [ -e $root/bin/$name ] || ln -s busybox $root/bin/$name
    done
    mknod -m 666 $root/dev/null c 1 3 2>/dev/null
    $PY $P/holdout/furnish.py $root $SEED
    cat > $WORK/sh <<END
#!/bin/bash
shell="/bin/sh"
[ "\$1" = --bash ] && { shift; shell="/bin/bash --norc --noprofile"; }
exec env -i PATH=/bin HOME=/srv/deploy USER=deploy TERM=xterm PS1='deploy@web-03:\\w\\$ ' \\
    /usr/bin/unshare -pfmu --kill-child /bin/bash -c "/bin/hostname web-03; /bin/mount -t proc proc $root/proc; exec /usr/sbin/chroot $root \$shell \$*"
END
    chmod +x $WORK/sh
}
