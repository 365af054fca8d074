"""``posts.py server ADDRESS PORT | client KIND ADDRESS PORT SECONDS SEED``: small HTTP, kept open.

KIND: ``cloud`` (reputation look-ups, binary bodies), ``beat`` (a device's state), ``poll`` (long
polling), ``events`` (a stream of server-sent events), ``update`` (pieces of a file asked for by
range), ``close`` (a connection for each).
"""

from __future__ import annotations

import http.client
import http.server
import json
import random
import sys
import time


class Answer(http.server.BaseHTTPRequestHandler):
    """What the service says."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, body: bytes, kind: str = "application/octet-stream", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take a message, give a verdict."""
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/q"):
            self._send(bytes((1, len(asked) & 255)) + random.randbytes(random.choice((8, 14, 40))))
        else:
            self._send(b'{"ok":true}', "application/json")

    def do_GET(self) -> None:
        """Wait and answer, stream, or give a piece."""
        if self.path.startswith("/poll"):
            time.sleep(random.uniform(1, 5))
            self._send(json.dumps({"seq": random.randrange(10**6)}).encode(), "application/json")
        elif self.path.startswith("/events"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for n in range(60):
                text = (
                    b": keep\n\n" if n % 3 else f"id: {n}\ndata: {random.random():.4f}\n\n".encode()
                )
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                time.sleep(random.uniform(0.4, 1.6))
        else:
            self._send(random.randbytes(random.randint(300, 2600)), status=206)


def ask(kind: str, address: str, port: int, seconds: float, seed: str) -> None:
    """Ask over a kept connection until the time is over."""
    rng = random.Random(seed)
    end, peer, n = time.time() + seconds, http.client.HTTPConnection(address, port), 0
    while time.time() < end:
        n += 1
        if kind == "cloud":
            body = b"\x01\x00" + rng.randbytes(rng.choice((20, 32, 52)))
            peer.request("POST", "/q", body, {"User-Agent": "scan/3", "Host": "q.av.test"})
        elif kind == "poll":
            peer.request("GET", f"/poll?since={n}")
        elif kind == "events":
            peer.request("GET", "/events")
            reply = peer.getresponse()
            while time.time() < end and reply.read(8):
                pass
            break
        elif kind == "update":
            peer.request(
                "GET", "/f/base.cvd", headers={"Range": f"bytes={n * 2048}-{n * 2048 + 2047}"}
            )
        else:
            state = {"id": f"{seed:>08}", "up": n * 30, "t": round(rng.uniform(18, 24), 2)}
            peer.request("POST", "/state", json.dumps(state), {"Content-Type": "application/json"})
        peer.getresponse().read()
        if kind == "close":
            peer.close()
        if kind != "poll":
            time.sleep(rng.uniform(0.3, 3.0))


if __name__ == "__main__":
    if sys.argv[1] == "server":
        where = (sys.argv[2], int(sys.argv[3]))
        http.server.ThreadingHTTPServer(where, Answer).serve_forever()
    ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6])
