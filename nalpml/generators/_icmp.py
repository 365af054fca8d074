"""Echo requests and replies as conversations, for ping and for what hides in it."""

from __future__ import annotations

from nalpml.generators._conversation import Conversation, icmp_meta
from nalpml.generators._network import Ends

__all__ = ["echo", "request_and_reply"]


def echo(version: int, *, reply: bool, ident: int, seq: int) -> int:
    """Type, code, identifier and sequence number of an echo message, packed.

    Examples
    --------
    >>> hex(echo(4, reply=False, ident=1, seq=2))
    '0x80000010002'
    """
    kind = (129 if reply else 128) if version == 6 else (0 if reply else 8)
    return icmp_meta(kind, 0, (ident & 0xFFFF) << 16 | (seq & 0xFFFF))


def icmp_conversation(ends: Ends, *, start: float = 0.0) -> Conversation:
    """An empty ICMP conversation of the right protocol for the IP version."""
    return Conversation(ends, 58 if ends.version == 6 else 1, start=start)


def request_and_reply(
    conv: Conversation,
    *,
    ident: int,
    seq: int,
    data: bytes,
    at: float,
    reply: bytes | None,
    think: float = 3e-5,
) -> None:
    """Send a request at a time and, unless `reply` is None, its reply one round trip later."""
    version, path = conv.ends.version, conv.ends.path
    request = conv.at(at, 0, data, echo(version, reply=False, ident=ident, seq=seq))
    if reply is not None:
        meta = echo(version, reply=True, ident=ident, seq=seq)
        conv.at(at + path.owd + think, 1, reply, meta, parent=request)
