"""Stream sockets over TCP, or over VSOCK's loopback where LAB_VSOCK is set (in the machine)."""

from __future__ import annotations

import os
import socket

VSOCK = bool(os.environ.get("LAB_VSOCK"))
LOCAL = 1  # VMADDR_CID_LOCAL


def family() -> int:
    """Return the address family."""
    return socket.AF_VSOCK if VSOCK else socket.AF_INET


def anywhere() -> str | int:
    """Return the address to listen on."""
    return socket.VMADDR_CID_ANY if VSOCK else ""


def host(name: str | None) -> str | int | None:
    """Return the address of a named peer."""
    return LOCAL if VSOCK else name


def listen(port: int) -> socket.socket:
    """Return a listening socket."""
    sock = socket.socket(family(), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((anywhere(), port))
    sock.listen()
    return sock


def connect(name: str, port: int) -> socket.socket:
    """Return a connection."""
    sock = socket.socket(family(), socket.SOCK_STREAM)
    sock.settimeout(10)
    sock.connect((host(name), port))
    return sock
