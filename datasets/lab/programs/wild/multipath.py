"""``multipath.py server|client ADDRESS PORT TIMES SEED``: calls over Multipath TCP."""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

MPTCP = 262


def main(role: str, address: str, port: int, times: int, seed: int) -> None:
    """Serve, or ask so many times."""
    rng = random.Random(seed)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP) as sock:
        if role == "server":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            sock.listen()
            while True:
                peer, _ = sock.accept()
                with peer:
                    while head := peer.recv(6, socket.MSG_WAITALL):
                        peer.recv(struct.unpack(">IH", head)[1], socket.MSG_WAITALL)
                        body = b"value=%d;" % rng.randrange(10**6) * rng.randint(1, 12)
                        peer.sendall(head[:4] + struct.pack(">H", len(body)) + body)
        sock.connect((address, port))
        for n in range(times):
            body = b"get sensor/%d/level" % rng.randrange(99)
            sock.sendall(struct.pack(">IH", n, len(body)) + body)
            size = struct.unpack(">IH", sock.recv(6, socket.MSG_WAITALL))[1]
            sock.recv(size, socket.MSG_WAITALL)
            time.sleep(rng.uniform(0.1, 1.5))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *(int(text) for text in sys.argv[3:6]))
