"""``through.py PROXY HOST PORT ARGUMENTS``: join the standard streams to a pluggable transport.

The arguments of the transport go into the user name and password of SOCKS 5, as its
specification says.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys


def main(proxy: str, host: str, port: int, arguments: str) -> None:
    """Join the streams."""
    where, _, number = proxy.rpartition(":")
    line = socket.create_connection((where, int(number)))
    line.sendall(b"\x05\x01\x02" if arguments else b"\x05\x01\x00")
    line.recv(2)
    if arguments:
        name, word = arguments[:255].encode(), arguments[255:].encode() or b"\0"
        line.sendall(bytes((1, len(name))) + name + bytes((len(word),)) + word)
        line.recv(2)
    line.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(host) + struct.pack(">H", port))
    line.recv(10)
    while True:
        for ready in select.select([0, line], [], [])[0]:
            data = os.read(0, 4096) if ready == 0 else line.recv(4096)
            if not data:
                return
            if ready == 0:
                line.sendall(data)
            else:
                os.write(1, data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
