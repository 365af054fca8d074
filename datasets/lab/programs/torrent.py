"""A seed and a peer: ``torrent.py seed PORT SEED MODE`` / ``torrent.py peer PORT SEED_HOST MODE``.

MODE ``tcp`` or ``utp`` (with encryption).  Both run a DHT node and know each other only.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import libtorrent as lt
from text import make

SIZE = 150_000


def session(port: int, mode: str) -> lt.session:
    """Return a session that listens on a port and speaks one transport."""
    utp = mode == "utp"
    settings = {
        "listen_interfaces": f"0.0.0.0:{port}",
        "enable_outgoing_utp": utp,
        "enable_incoming_utp": utp,
        "enable_outgoing_tcp": not utp,
        "enable_incoming_tcp": not utp,
        "enable_dht": True,
        "dht_bootstrap_nodes": "",
        "enable_lsd": True,
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "upload_rate_limit": 30_000,
        "out_enc_policy": 0 if utp else 1,
        "in_enc_policy": 0 if utp else 1,
    }
    return lt.session(settings)


def seed(port: int, number: int, mode: str) -> None:
    """Share a file and write its description."""
    Path("data").mkdir(exist_ok=True)
    Path("data/set.bin").write_bytes(make("zip", SIZE, number))
    storage = lt.file_storage()
    lt.add_files(storage, "data/set.bin")
    torrent = lt.create_torrent(storage, 16384)
    lt.set_piece_hashes(torrent, "data")
    encoded = lt.bencode(torrent.generate())
    one = session(port, mode)
    one.add_torrent({"ti": lt.torrent_info(lt.bdecode(encoded)), "save_path": "data"})
    Path("part").write_bytes(encoded)
    Path("part").rename("t.torrent")
    time.sleep(100)


def peer(port: int, host: str, mode: str) -> None:
    """Fetch the file from the seed."""
    one = session(port, mode)
    address = socket.gethostbyname(host)
    other = 6881 if port == 6882 else 51413
    one.add_dht_node((address, other))
    Path("copy").mkdir(exist_ok=True)
    handle = one.add_torrent({"ti": lt.torrent_info("t.torrent"), "save_path": "copy"})
    handle.connect_peer((address, other))
    for _ in range(44):
        time.sleep(0.5)
        print(handle.status().progress, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        peer(int(sys.argv[2]), sys.argv[3], sys.argv[4])
