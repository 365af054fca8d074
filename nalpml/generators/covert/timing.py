"""Bits in inter-arrival times of otherwise ordinary traffic.

* IPCTC (Cabuk, Brodley, Shields 2004): a packet in an interval is a 1, silence a 0; the interval
  may rotate every 100 packets.
* TRCTC (Cabuk 2006): delays replayed from a legitimate pool split at a cut-off.
* MBCTC (Gianvecchio and others 2008): inverse distribution function of a fitted model, its half
  chosen by the bit, refitted every 100 packets.
* JitterBug (Shah, Molina, Blaze 2006): a delay below w added so that the gap modulo w is 0 or
  w/2; with a pseudo-random offset subtracted first at the hard end.
* CCgen's encodings: two gaps (BER), a threshold (GAS), divisibility (SHA), a base plus or minus
  an increment (ZAN), 300 ms or nothing (ED1); and a fuzzed pair of gaps after the eps-kalibur
  idea.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from nalpml.generators._content import loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._icmp import echo, icmp_conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.ssh import ssh_handshake
from nalpml.generators.benign.tls import handshake, records

__all__ = ["PROFILES", "Timing", "gaps"]

F64 = npt.NDArray[np.float64]
Bits = npt.NDArray[np.int64]


def _legitimate(rng: np.random.Generator, n: int) -> F64:
    """Gaps of ordinary traffic: heavy-tailed and correlated."""
    scale, sigma, memory = (
        loguniform(rng, 0.01, 0.4),
        float(rng.uniform(0.5, 1.4)),
        float(rng.uniform(0, 0.7)),
    )
    noise = rng.normal(size=n)
    state = np.empty(n)
    last = 0.0
    for k in range(n):
        last = memory * last + np.sqrt(1 - memory**2) * noise[k]
        state[k] = last
    gaps_out: F64 = scale * np.exp(sigma * state)
    return gaps_out


def _ipctc(rng: np.random.Generator, bits: Bits) -> F64:
    base = loguniform(rng, 0.02, 0.2)
    rotating = rng.random() < 0.4
    out, silence, sent = [], 1, 0
    for bit in bits.tolist():
        tau = base * (1 + 0.5 * (sent // 100 % 3)) if rotating else base
        if bit:
            out.append(tau * silence)
            silence, sent = 1, sent + 1
        else:
            silence += 1
    return np.array(out)


def _trctc(rng: np.random.Generator, bits: Bits) -> F64:
    pool = np.sort(_legitimate(rng, int(pick(rng, (200, 1000, 4000)))))
    half = len(pool) // 2
    index = rng.integers(0, half, len(bits)) + np.where(bits == 1, len(pool) - half, 0)
    replayed: F64 = pool[index]
    return replayed


def _mbctc(rng: np.random.Generator, bits: Bits) -> F64:
    u = np.clip((bits + rng.random(len(bits))) / 2, 1e-6, 1 - 1e-6)
    scale, shape = loguniform(rng, 0.01, 0.4), float(rng.uniform(0.5, 1.6))
    drift = np.repeat(np.exp(rng.normal(0, 0.15, len(bits) // 100 + 1)), 100)[: len(bits)]
    model = pick(rng, ("exponential", "weibull", "lognormal"))
    if model == "exponential":
        values = -np.log(1 - u)
    elif model == "weibull":
        values = (-np.log(1 - u)) ** (1 / shape)
    else:
        normal = NormalDist()
        values = np.exp(shape * np.array([normal.inv_cdf(x) for x in u.tolist()]))
    modelled: F64 = scale * drift * values
    return modelled


def _jitterbug(rng: np.random.Generator, bits: Bits, *, offset: bool = False) -> F64:
    w = float(pick(rng, (0.02, 0.02, 0.02, 0.01, 0.04)))
    typed = np.maximum(rng.lognormal(np.log(loguniform(rng, 0.08, 0.35)), 0.6, len(bits)), 0.02)
    shift = rng.random(len(bits)) * w if offset else np.zeros(len(bits))
    target = (bits * w / 2 + shift) % w
    added = (target - typed) % w
    delayed: F64 = typed + added
    return delayed


def _two(rng: np.random.Generator, bits: Bits) -> F64:
    low = loguniform(rng, 0.01, 0.15)
    waits: F64 = np.where(bits == 1, low * float(pick(rng, (2.0, 2.0, 3.0, 1.5))), low)
    return waits


def _threshold(rng: np.random.Generator, bits: Bits) -> F64:
    cut = loguniform(rng, 0.03, 0.3)
    u = rng.random(len(bits))
    waits: F64 = np.where(bits == 1, cut * (1.1 + u), cut * (0.1 + 0.8 * u))
    return waits


def _divisible(rng: np.random.Generator, bits: Bits) -> F64:
    unit = loguniform(rng, 0.01, 0.1)
    whole = rng.integers(1, 6, len(bits))
    waits: F64 = np.asarray(unit * (whole + np.where(bits == 1, 0.5, 0.0)), np.float64)
    return waits


def _increment(rng: np.random.Generator, bits: Bits) -> F64:
    base = loguniform(rng, 0.05, 1.0)
    step = base * float(rng.uniform(0.05, 0.5))
    waits: F64 = np.where(bits == 1, base + step, base - step)
    return waits


def _wait(rng: np.random.Generator, bits: Bits) -> F64:
    pause = float(pick(rng, (0.3, 0.3, 0.1, 0.5)))
    out, waited = [], 0.0
    for bit in bits.tolist():
        if bit:
            out.append(waited + 0.005)
            waited = 0.0
        else:
            waited += pause
    return np.array(out)


def _fuzzed(rng: np.random.Generator, bits: Bits) -> F64:
    tau = loguniform(rng, 0.005, 0.06)
    cut = 1.5 * tau
    short = np.minimum(np.abs(rng.normal(0, cut / 7, len(bits))), cut) + 1e-4
    steps = max(2, int((2.4 * tau - cut) / 0.001))
    long = cut + rng.integers(0, steps, len(bits)) * 0.001
    waits: F64 = np.where(bits == 1, long, short)
    return waits


_SCHEMES: dict[str, Callable[[np.random.Generator, Bits], F64]] = {
    "ipctc": _ipctc,
    "trctc": _trctc,
    "mbctc": _mbctc,
    "jitterbug": _jitterbug,
    "jitterbug_offset": lambda rng, bits: _jitterbug(rng, bits, offset=True),
    "two_gaps": _two,
    "threshold": _threshold,
    "divisible": _divisible,
    "increment": _increment,
    "wait": _wait,
    "fuzzed": _fuzzed,
}


def gaps(rng: np.random.Generator, scheme: str, bits: Bits) -> F64:
    """Inter-arrival times that carry bits.

    Parameters
    ----------
    rng : numpy Generator
    scheme : str
        A key of the schemes named in the module's docstring.
    bits : int64 array [shape=(n,)]
        Zeros and ones.

    Returns
    -------
    float64 array
        Seconds; as many as bits, fewer where only ones send.

    Examples
    --------
    >>> gaps(np.random.default_rng(0), "ipctc", np.array([1, 0, 0, 1])).shape
    (2,)
    """
    waits: F64 = np.maximum(_SCHEMES[scheme](rng, bits), 1e-4)
    return waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing(Profile):
    """A message in the gaps between the originator's packets.

    Parameters
    ----------
    schemes : tuple of str
        Encodings to choose from.
    carriers : tuple of str
        ``udp`` datagrams, ``ping`` echo requests, ``ssh`` keys, ``tls`` small records.
    bits : tuple of int
        Bounds of the number of bits, log-uniform.
    noise : tuple of float
        Bounds of the path's jitter as a share of the smallest gap, log-uniform.
    """

    schemes: tuple[str, ...] = tuple(_SCHEMES)
    carriers: tuple[str, ...] = ("udp", "udp", "ping", "ssh", "tls")
    bits: tuple[int, int] = (150, 1500)
    noise: tuple[float, float] = (0.002, 0.05)

    label: ClassVar[str] = "timing"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one message and its carrier."""
        n = int(loguniform(rng, *self.bits))
        octets = output(rng, n // 8) if rng.random() < 0.5 else rng.bytes(n // 8)
        bits = np.unpackbits(np.frombuffer(octets, np.uint8)).astype(np.int64)
        waits = gaps(rng, pick(rng, self.schemes), bits)
        if not len(waits):
            waits = np.array([0.1])
        ends = net.ends(rng, new=0.5)
        level = float(np.quantile(waits, 0.1)) * loguniform(rng, *self.noise)
        path = dataclasses.replace(
            ends.path, jitter=min(ends.path.jitter, level), loss=min(ends.path.loss, 5e-4)
        )
        ends = dataclasses.replace(ends, path=path)
        # Timers and schedulers are late too, wherever the capture is taken.
        late = rng.exponential(min(level, loguniform(rng, 2e-5, 2e-3)), len(waits))
        conv = self._carry(rng, net, ends, np.cumsum(waits) + late)
        conv.bits = octets.hex()
        return [conv]

    def _carry(
        self, rng: np.random.Generator, net: Network, ends: Ends, times: F64
    ) -> Conversation:
        carrier = pick(rng, self.carriers)
        owd = ends.path.owd
        answered = rng.random() < 0.7
        if carrier == "ping":
            conv = icmp_conversation(ends)
            ident, body = int(rng.integers(65536)), bytes(range(16, 72))
            for k, t in enumerate(times.tolist()):
                sent = conv.at(t, 0, body, echo(ends.version, reply=False, ident=ident, seq=k + 1))
                conv.at(
                    t + owd + 4e-5,
                    1,
                    body,
                    echo(ends.version, reply=True, ident=ident, seq=k + 1),
                    parent=sent,
                )
            return conv
        if carrier == "udp":
            conv = udp(
                rng,
                net,
                int(pick(rng, (123, 443, 5004, 27015, int(rng.integers(1024, 65536))))),
                ends=ends,
            )
            size, fixed = int(loguniform(rng, 8, 1000)), rng.random() < 0.5
            head = rng.bytes(int(rng.integers(0, 8)))
            body = rng.bytes(size)
            for k, t in enumerate(times.tolist()):
                text = head + k.to_bytes(4, "big") + (body if fixed else rng.bytes(size))
                sent = conv.at(t, 0, text)
                if answered and k % 4 == 3:
                    conv.at(t + owd + 1e-4, 1, head + k.to_bytes(4, "big"), parent=sent)
            return conv
        if carrier == "ssh":
            conv = tcp(rng, net, 22, ends=ends)
            ssh_handshake(conv, rng)
            size = 0
        else:
            conv = tcp(rng, net, 443, ends=ends)
            handshake(conv, rng, name="example.com", modern=True)
            size = int(loguniform(rng, 20, 400))
        begin = conv.now + 0.2

        def make() -> bytes:
            return records(rng, size) if size else rng.bytes(36)

        for t in times.tolist():
            conv.at(begin + t, 0, make())
            if carrier == "ssh" or answered:
                conv.at(begin + t + owd + 1e-3, 1, make())
        conv.now = begin + float(times[-1]) + 0.1
        return conv


def _named(name: str, scheme: str, about: str) -> Timing:
    return Timing(name=f"timing.{name}", about=about, schemes=(scheme,))


PROFILES: tuple[Profile, ...] = (
    Timing(name="timing.random", about="Any encoding on any carrier."),
    _named("ipctc", "ipctc", "A packet or silence in each interval (Cabuk and others 2004)."),
    _named("trctc", "trctc", "Delays replayed from a legitimate pool (Cabuk 2006)."),
    _named("mbctc", "mbctc", "Model-based delays (Gianvecchio and others 2008)."),
    Timing(
        name="timing.jitterbug",
        about="Delays below 20 ms on keys (Shah and others 2006).",
        schemes=("jitterbug",),
        carriers=("ssh", "udp"),
    ),
    Timing(
        name="timing.jitterbug_offset",
        about="JitterBug with a pseudo-random offset: the hard end.",
        schemes=("jitterbug_offset",),
        carriers=("ssh", "udp"),
    ),
    Timing(
        name="timing.ccgen",
        about="CCgen's two gaps, threshold, divisibility, increment and wait.",
        schemes=("two_gaps", "threshold", "divisible", "increment", "wait"),
    ),
    _named("fuzzed", "fuzzed", "A fuzzed pair of gaps, after the eps-kalibur idea."),
)
