"""``icmp_remote.py server|client OWN PEER``: drive the package icmp-remote-shell from a script.

The package's parts are used as they are, but that commands run in the made-up root ($WORK/sh) and
the operator's lines come from a list.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time

from icmp_remote_shell.common import send_one

LINES = ("id", "ls", "cat /etc/hosts", "uname -a", "ps", "cat /etc/app.conf", "df", "date")


def server(own: str, peer: str) -> None:
    """Run what arrives marked and send the answer line by line, as the package does."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    raw.bind((own, 0))
    while True:
        data = raw.recv(65_565)
        found = re.match(rb"@@(.*)", data[28:], re.DOTALL)
        if data[20] != 8 or not found:
            continue
        words = [os.environ["WORK"] + "/sh", "-c", f'"{found[1].decode()}"']
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            send_one(peer, 0.2, line)


def client(peer: str) -> None:
    """Send the commands."""
    for line in LINES:
        send_one(peer, 1, line)
        time.sleep(2.5)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        server(sys.argv[2], sys.argv[3])
    else:
        client(sys.argv[3])
