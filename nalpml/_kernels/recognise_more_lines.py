"""Protocols of lines and words over TCP, further on than their greetings."""

from __future__ import annotations

import numpy as np

from ._apps import BANNER, HTTP, SIP, XMPP, head_at, printable, upper
from ._apps_more import STOMP, at_port, digits, graphic
from ._jit import kernel
from ._octets import be16
from ._words import starts, words

__all__ = ["keep_alive", "recognise_lines"]

CRLF = 0x0D0A

XMPP_WORDS = words(
    b"<STREAM:", b"</STREAM", b"<SUCCESS", b"<CHALLEN", b"<RESPONS", b"<AUTH XM", b"<STARTTL",
    b"<PROCEED", b"<PRESENC", b"<MESSAGE", b"<IQ ", b"<R XMLNS", b"<A XMLNS", b"<ENABLE ",
)  # fmt: skip
"""RFC 6120; the last three are stream management (XEP-0198)."""

COMMANDS = words(
    b"CWD ", b"LIST", b"NLST", b"MLSD", b"EPSV", b"EPRT ", b"STOR ", b"SIZE ", b"MDTM ", b"FEAT",
    b"OPTS ", b"NOOP", b"PBSZ ", b"PROT ", b"REST ", b"ABOR", b"DATA\r\n", b"RSET", b"STARTTLS",
    b"VRFY ", b"STAT\r\n", b"UIDL", b"DELE ", b"TOP ", b"GROUP ", b"ARTICLE ", b"XOVER", b"OVER ",
    b"MODE ", b"BODY ", b"HEAD <", b"NEXT\r\n", b"PRIVMSG ", b"JOIN ", b"PART ", b"NOTICE ",
    b"PONG ", b"PING ", b"WHO ", b"TOPIC ", b"PUB ", b"SUB ", b"MSG ", b"UNSUB ",
)  # fmt: skip
"""FTP (RFC 959, 2228, 2428, 3659), SMTP (5321), POP3 (1939), NNTP (3977), IRC (2812), NATS."""

IMAP_WORDS = words(
    b"LOGIN ", b"SELECT ", b"EXAMINE ", b"UID ", b"FETCH ", b"NOOP", b"IDLE", b"LIST ", b"LSUB ",
    b"STATUS ", b"LOGOUT", b"OK ", b"NO ", b"BAD ", b"STARTTLS", b"CAPABILI", b"AUTHENTI",
    b"CLOSE", b"EXPUNGE", b"SEARCH", b"STORE ", b"COPY ", b"APPEND ", b"ID ", b"FLAGS ", b"BYE ",
    b"PREAUTH ", b"EXISTS", b"RECENT", b"ENABLE ", b"NAMESPAC",
)  # fmt: skip
"""RFC 3501: commands behind a tag, and what servers say."""

IRC_WORDS = words(
    b"PRIVMSG ", b"JOIN ", b"PART ", b"NOTICE ", b"MODE ", b"QUIT ", b"NICK ", b"PONG ", b"TOPIC ",
    b"KICK ",
)  # fmt: skip

STOMP_WORDS = words(
    b"CONNECT\n", b"CONNECTE", b"RECEIPT\n", b"ERROR\n", b"ACK\n", b"NACK\n", b"BEGIN\n",
    b"COMMIT\n", b"ABORT\n", b"DISCONNE", b"UNSUBSCR", b"SUBSCRIB",
)  # fmt: skip


@kernel
def _blank(b, s, n, most):
    # Place of the first blank behind 1 to `most` visible characters, 0 where there is none.
    for i in range(min(n, most + 1)):
        if b[s + i] == 0x20:
            return i
        if not 0x21 <= b[s + i] < 0x7F:
            return 0
    return 0


@kernel
def _chunk(b, s, n, length):
    # A chunk of HTTP (RFC 9112, 7.1): its size, and so many octets or more than came.
    size = np.int64(0)
    place = np.int64(0)
    while place < min(n, 6):
        octet = np.int64(b[s + place])
        if 0x30 <= octet <= 0x39:
            size = size * 16 + octet - 0x30
        elif 0x61 <= octet | 0x20 <= 0x66:
            size = size * 16 + (octet | 0x20) - 0x57
        else:
            break
        place += 1
    if place == 0 or n < place + 4 or be16(b, s + place) != CRLF:
        return False
    end = place + 2 + size
    if size == 0:
        return length == end + 2 and be16(b, s + end) == CRLF
    if end + 2 <= n:
        return be16(b, s + end) == CRLF
    return length >= 512 or end + 2 == length


@kernel
def _replies(b, s, n):
    # Three digits and a text (RFC 959, 5321, 3977), a tag and a word (RFC 3501), a name and a
    # word or number (RFC 2812); at least eight octets that end a line.
    if 0x31 <= b[s] <= 0x35 and digits(b, s, 3) == 3 and b[s + 3] in (0x20, 0x2D):
        return b[s + 1] <= 0x38
    place = _blank(b, s, n, 64)
    if place == 0 or place + 3 > n:
        return False
    word = head_at(b, s + place + 1, min(n - place - 1, 8))
    if b[s] == 0x3A:
        if place + 5 <= n and digits(b, s + place + 1, 3) == 3 and b[s + place + 4] == 0x20:
            return True
        return starts(word, IRC_WORDS)
    if place > 10:
        return False
    if b[s] == 0x2A and place == 1:
        count = digits(b, s + 2, min(n - 2, 9))
        if count and 2 + count < n and b[s + 2 + count] == 0x20:
            return starts(head_at(b, s + 3 + count, min(n - 3 - count, 8)), IMAP_WORDS)
        return starts(word, IMAP_WORDS)
    for i in range(s, s + place):
        if not (0x30 <= b[i] <= 0x39 or 0x41 <= b[i] & 0xDF <= 0x5A):
            return False
    return starts(word, IMAP_WORDS)


@kernel
def keep_alive(b, s, n, length, sport, dport):
    """Whether a payload is the keep-alive of SIP (RFC 5626, 3.5.1) or XMPP (RFC 6120, 4.6.1).

    Parameters as of `recognise_lines`.

    Returns
    -------
    int
        A code, 0 where it is none.
    """
    if length == 4 and n == 4 and be16(b, s) == CRLF and be16(b, s + 2) == CRLF:
        return SIP if at_port(sport, dport, 5060, 5061) else 0
    if length == 2 and n == 2 and be16(b, s) == CRLF:
        return SIP if at_port(sport, dport, 5060, 5061) else 0
    if length == 1 and n == 1 and b[s] == 0x20:
        if at_port(sport, dport, 5222, 5223) or at_port(sport, dport, 5269, 5269):
            return XMPP
    return 0


@kernel
def recognise_lines(b, s, n, length, head):
    """Recognise a TCP payload of lines; parameters and result as of `recognise_both`."""
    if n < 5 or not 0x20 < b[s] < 0x7F:
        return 0
    if _chunk(b, s, n, length):
        return HTTP
    capitals = upper(head)
    if b[s] == 0x3C:
        return XMPP if starts(capitals, XMPP_WORDS) and graphic(b, s, 3) else 0
    if n >= 8 and b[s + n - 1] == 0 and n == length and starts(capitals, STOMP_WORDS):
        for i in range(s, s + min(n, 24)):
            if b[i] == 10:
                return STOMP
    if n < 8 or n != length or be16(b, s + n - 2) != CRLF or not printable(b, s, min(n, 64)):
        return 0
    if starts(capitals, COMMANDS) or _replies(b, s, n):
        return BANNER
    return 0
