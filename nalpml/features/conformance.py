"""Does the traffic follow the protocol of its port."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..capture.apps import APP_CODES, EXPECTED
from ..channels import VSOCK
from ..flows.table import Flows
from ._reduce import from_count, share, summary
from ._registry import feature
from ._views import (
    F64,
    BoolColumn,
    cached,
    frame_time,
    is_proto,
    kept_where,
    side_steps,
    with_payload,
)

__all__: list[str] = []

_ENCRYPTED = ("tls", "dtls", "quic", "ssh", "ike", "wireguard", "openvpn")
_NO_PROTOCOL = (APP_CODES["none"], APP_CODES["text"])


def _marked(size: int, places: Iterable[int]) -> BoolColumn:
    table = np.zeros(size, bool)
    table[list(places)] = True
    return table


_PROTOCOL = ~_marked(256, _NO_PROTOCOL)
_CALL = _marked(256, [APP_CODES[name] for name in ("rtp", "rtcp", "stun", "turn", "dtls")])


@cache
def _promises() -> tuple[dict[int, NDArray[np.int64]], BoolColumn]:
    # By protocol, the row of each port among what ports promise (0: nothing), and for each row
    # which codes keep it.
    rows: dict[int, NDArray[np.int64]] = {}
    kept = [_marked(256, ())]
    for proto, ports in EXPECTED.items():
        rows[proto] = np.zeros(65536, np.int64)
        for number, codes in ports.items():
            rows[proto][number] = len(kept)
            kept.append(_marked(256, codes))
    return rows, np.array(kept)


@cached
def _promise(flows: Flows) -> NDArray[np.int64]:
    # Row of what the responder's port promises.
    port = np.minimum(flows.windows["dport"], 65535).astype(np.int64)
    result = np.zeros(len(flows), np.int64)
    for proto, rows in _promises()[0].items():
        here = is_proto(flows, proto)
        result[here] = rows[port[here]]
    return result


@cached
def _among(flows: Flows) -> BoolColumn:
    # Payload packets that recognition is tried on.
    proto = flows.column("proto")
    return np.asarray(with_payload(flows) & ((proto == 6) | (proto == 17) | (proto == VSOCK)))


@cached
def _payloads(flows: Flows) -> F64:
    # Payloads seen in the flow until the window ended; none where there are no ports.
    windows = flows.windows
    number = windows["payloads_orig"].astype(np.float64) + windows["payloads_resp"]
    return np.where(is_proto(flows, 6, 17, VSOCK), number, 0.0)


def _seen(flows: Flows, values: BoolColumn) -> F64:
    return from_count(1, _payloads(flows), values)


@cached
def _chance_rtp(flows: Flows) -> BoolColumn:
    # RTP behind a payload of its sender that is not of a call: one random payload in 25.
    codes = flows.column("app")
    call = _CALL[codes].astype(np.float64)
    steps = side_steps(flows, kept_where(call, _among(flows)))
    return np.asarray((codes == APP_CODES["rtp"]) & (steps > 0))


@cached
def _stray_esp(flows: Flows) -> BoolColumn:
    # ESP in UDP whose number does not count on from the one before with its SPI (RFC 4303, 2.2).
    esp = flows.column("app") == APP_CODES["esp"]
    prefix = flows.column("prefix_hi")
    spi = side_steps(flows, kept_where((prefix >> np.uint64(32)).astype(np.float64), esp))
    step = side_steps(flows, kept_where((prefix & np.uint64(0xFFFFFFFF)).astype(np.float64), esp))
    # The first says nothing yet; another SPI is a new pair of keys.
    counts = np.isnan(spi) | (spi != 0) | ((step > -64) & (step != 0) & (step < 4096))
    return np.asarray(esp & ~counts)


def _app_share(flows: Flows, *names: str) -> F64:
    wanted = _marked(256, [APP_CODES[name] for name in names])
    return share(flows, wanted[flows.column("app")], _among(flows))


def _codes(flows: Flows, side: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return flows.windows[f"app_{side}"], flows.windows[f"app_{side}_2"]


def _any_of(flows: Flows, table: BoolColumn) -> BoolColumn:
    result = np.zeros(len(flows), bool)
    for side in ("orig", "resp"):
        for codes in _codes(flows, side):
            result |= table[codes]
    return result


def _opens(flows: Flows, *names: str) -> BoolColumn:
    return _any_of(flows, _marked(256, [APP_CODES[name] for name in names]))


@cached
def _known(flows: Flows) -> BoolColumn:
    return _any_of(flows, _PROTOCOL)


@cached
def _agreement(flows: Flows) -> F64:
    promise, kept = _promise(flows), _promises()[1]
    agrees = np.zeros(len(flows), bool)
    for side in ("orig", "resp"):
        for codes in _codes(flows, side):
            agrees |= kept[promise, codes]
    other = np.where(_known(flows), -1.0, 0.0)
    return kept_where(np.where(agrees, 1.0, other), (promise > 0) & (_payloads(flows) > 0))


@feature(unit="1", serves="protocol conformance", revision=2)
def port_agreement(flows: Flows) -> F64:
    """Whether first payloads are what the responder's port promises.

    1 agrees, 0 nothing recognised, -1 another protocol; NaN for a port without expectation or
    a flow without payload.

    >>> shown(port_agreement, "web", "dns")
    [1.0, -1.0]
    """
    return _agreement(flows).copy()


@feature(unit="1", serves="protocol conformance")
def port_expected(flows: Flows) -> F64:
    """1 when the responder's port is one that a known protocol is expected on, TCP and UDP only.

    >>> shown(port_expected, "shell", "beacon")
    [0.0, 1.0]
    """
    return kept_where(_promise(flows) > 0, is_proto(flows, 6, 17))


@feature(unit="1", serves="protocol conformance")
def port_system(flows: Flows) -> F64:
    """1 when the responder's port is below 1024.

    >>> shown(port_system, "shell", "raw")
    [0.0, 1.0]
    """
    return kept_where(flows.windows["dport"] < 1024, is_proto(flows, 6, 17, VSOCK))


@feature(unit="1", serves="protocol conformance")
def port_ephemeral(flows: Flows) -> F64:
    """1 when the responder's port is one that systems hand out (32768 and above).

    >>> shown(port_ephemeral, "shell")
    [0.0]
    """
    return kept_where(flows.windows["dport"] >= 32768, is_proto(flows, 6, 17))


@feature(unit="1", serves="protocol conformance", revision=3)
def port_both_low(flows: Flows) -> F64:
    """1 when both ports are below 1024 or equal (peers of one service).

    0 also where the content is not what the responder's port promises.

    >>> shown(port_both_low, "shell", "inner")
    [0.0, 1.0]
    """
    source, target = flows.windows["sport"], flows.windows["dport"]
    low = (source < 1024) & (target < 1024)
    broken = _agreement(flows) < 1  # NaN, where nothing is promised, is no breach
    return kept_where((low | (source == target)) & ~broken, is_proto(flows, 6, 17))


@feature(unit="1", serves="protocol conformance", revision=2)
def app_recognised(flows: Flows) -> F64:
    """1 when a first or second payload of either side is of a known protocol, plain text aside.

    >>> shown(app_recognised, "shell", "web")
    [0.0, 1.0]
    """
    return _seen(flows, _known(flows))


@feature(unit="1", serves="protocol conformance", revision=2)
def app_recognised_orig(flows: Flows) -> F64:
    """1 when the originator's first payloads are of a known protocol, plain text aside.

    >>> shown(app_recognised_orig, "ping", "web")
    [0.0, 1.0]
    """
    one, two = _codes(flows, "orig")
    seen = flows.windows["payloads_orig"] > 0
    return kept_where(_PROTOCOL[one] | _PROTOCOL[two], seen)


@feature(unit="1", serves="protocol conformance", revision=2)
def app_recognised_resp(flows: Flows) -> F64:
    """1 when the responder's first payloads are of a known protocol, plain text aside.

    >>> shown(app_recognised_resp, "ping", "web")
    [0.0, 1.0]
    """
    one, two = _codes(flows, "resp")
    seen = flows.windows["payloads_resp"] > 0
    return kept_where(_PROTOCOL[one] | _PROTOCOL[two], seen)


@feature(unit="1", serves="protocol conformance", revision=2)
def app_text_first(flows: Flows) -> F64:
    """1 when the flow's first payloads are plain text of no known protocol.

    >>> shown(app_text_first, "shell", "beacon")
    [1.0, 0.0]
    """
    text = APP_CODES["text"]
    opens = (flows.windows["app_orig"] == text) | (flows.windows["app_resp"] == text)
    return _seen(flows, opens)


@feature(unit="1", serves="protocol conformance", revision=3)
def app_share(flows: Flows) -> F64:
    """Share of payload packets that are recognised by themselves, plain text aside.

    RTP counts behind another packet of a call (RTP, RTCP, STUN, DTLS) or as the first alone, ESP
    in UDP where its numbers go on.

    >>> shown(app_share, "shell", "web")
    [0.0, 1.0]
    """
    among = _among(flows)
    chance = _chance_rtp(flows) | _stray_esp(flows)
    return share(flows, _PROTOCOL[flows.column("app")] & ~chance, among)


@feature(unit="1", serves="protocol conformance", revision=2)
def app_text_share(flows: Flows) -> F64:
    """Share of payload packets that are plain text of no known protocol.

    >>> shown(app_text_share, "beacon", "closed")
    [0.0, 1.0]
    """
    return _app_share(flows, "text")


@feature(unit="1", serves="protocol conformance")
def app_encrypted(flows: Flows) -> F64:
    """1 when the flow opens with a known encrypted protocol (TLS, DTLS, QUIC, SSH, IKE, VPNs).

    >>> shown(app_encrypted, "shell")
    [0.0]
    """
    return _seen(flows, _opens(flows, *_ENCRYPTED))


@feature(unit="1", serves="protocol conformance")
def app_tls_share(flows: Flows) -> F64:
    """Share of payload packets that start with a TLS record.

    >>> shown(app_tls_share, "shell")
    [0.0]
    """
    return _app_share(flows, "tls")


@feature(unit="1", serves="protocol conformance")
def socks_greeting(flows: Flows) -> F64:
    """1 when one side opens with a SOCKS 5 greeting or SOCKS 4 request, else 0 (RFC 1928).

    >>> shown(socks_greeting, "shell", "socks")
    [0.0, 1.0]
    """
    return _seen(flows, _opens(flows, "socks5_greeting", "socks4_request"))


@feature(unit="1", serves="protocol conformance")
def socks_answer(flows: Flows) -> F64:
    """1 when one side opens with a SOCKS 5 method choice or SOCKS 4 reply, else 0.

    >>> shown(socks_answer, "shell", "socks")
    [0.0, 1.0]
    """
    return _seen(flows, _opens(flows, "socks5_choice", "socks4_reply"))


@feature(unit="1", serves="protocol conformance")
def socks_request(flows: Flows) -> F64:
    """1 when a second payload is a SOCKS 5 request or sub-negotiation (RFC 1928, 1929), else 0.

    >>> shown(socks_request, "shell", "socks")
    [0.0, 1.0]
    """
    return _seen(flows, _opens(flows, "socks5_request", "socks5_auth"))


@feature(unit="1", serves="protocol conformance")
def socks_reversed(flows: Flows) -> F64:
    """1 when the responder speaks first in SOCKS: the tunnel was dialled from the other end.

    >>> shown(socks_reversed, "ping")
    [0.0]
    """
    wanted = (APP_CODES["socks5_greeting"], APP_CODES["socks4_request"])
    first = np.isin(flows.windows["app_resp"], wanted)
    return kept_where(first, flows.windows["payloads_resp"] > 0)


@feature(unit="1", serves="protocol conformance")
def rmcp_share(flows: Flows) -> F64:
    """Share of payload packets that are RMCP (IPMI), Serial over LAN included.

    Source: IPMI 2.0 specification, 13.

    >>> shown(rmcp_share, "shell", "sol")
    [0.0, 1.0]
    """
    return _app_share(flows, "rmcp", "rmcp_sol")


@feature(unit="1", serves="protocol conformance")
def sol_share(flows: Flows) -> F64:
    """Share of payload packets that are RMCP+ with Serial over LAN payload.

    Source: IPMI 2.0 specification, 13.28 (payload type 1) and 15.

    >>> shown(sol_share, "shell", "sol")
    [0.0, 1.0]
    """
    return _app_share(flows, "rmcp_sol")


@cached
def _console_gaps(flows: Flows) -> F64:
    console = flows.column("app") == APP_CODES["rmcp_sol"]
    return side_steps(flows, kept_where(frame_time(flows), console))


@feature(unit="s", serves="anomalous traffic patterns")
def sol_gap_median(flows: Flows) -> F64:
    """Median time between Serial over LAN packets of one direction, NaN below two.

    Consoles send what was typed, or a screen, within tens of milliseconds (character accumulate
    interval); a tunnel through one sends back to back, a beacon on its own clock.

    Source: IPMI 2.0 specification, 26.3 (SOL configuration parameters).

    >>> shown(sol_gap_median, "shell", "sol")
    [nan, 1.4]
    """
    return summary(flows, _console_gaps).median


@feature(unit="1", serves="protocol conformance")
def amt_redirection(flows: Flows) -> F64:
    """1 when the flow opens with an Intel AMT redirection message, else 0.

    >>> shown(amt_redirection, "shell")
    [0.0]
    """
    return _seen(flows, _opens(flows, "amt"))
