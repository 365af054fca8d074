"""``beacon_server.py PORT SEED``: answer every connection's line with a short order, and close."""

from __future__ import annotations

import base64
import random
import socketserver
import sys


class Order(socketserver.StreamRequestHandler):
    """One beacon."""

    def handle(self) -> None:
        """Read a line; answer in two cases of three."""
        self.rfile.readline()
        rng = random.Random(self.client_address[1])
        if rng.random() < 0.66:
            order = f"sleep {rng.randrange(60)};get {rng.getrandbits(40):x};" * rng.randrange(1, 4)
            self.wfile.write(base64.b64encode(order.encode()))


if __name__ == "__main__":
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer(("", int(sys.argv[1])), Order).serve_forever()
