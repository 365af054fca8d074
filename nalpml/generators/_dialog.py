"""What the two ends of a channel have to say to each other, before any channel carries it.

A dialog is a list of (gap, direction, octets): direction 0 is the implant (or client), 1 the
operator (or server); the gap is the time the speaker waits after the message before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nalpml.generators._content import (
    CODINGS,
    command,
    encode,
    file_octets,
    hostname,
    loguniform,
    output,
    pick,
    sentence,
    word,
)

__all__ = ["KINDS", "Dialog", "answer_of", "coded", "dialog", "report_of", "timeline"]

Dialog = list[tuple[float, int, bytes]]

KINDS = (
    "shell", "keys", "pull", "push", "take", "give", "beacon", "tasks", "proxy", "log",
)  # fmt: skip


def dialog(
    rng: np.random.Generator,
    kind: str,
    *,
    duration: float,
    octets: tuple[int, int] = (2_000, 150_000),
) -> Dialog:
    """Draw a dialog.

    Parameters
    ----------
    rng : numpy Generator
    kind : str
        One of `KINDS`: commands and their output line by line; single keys and their echo; a file
        to the operator; a file to the implant; the same two with nothing around them; beacons with
        empty answers; beacons with tasks and results; a proxied request and response; short
        records one way.
    duration : float
        Seconds it may last, about.
    octets : tuple of int
        Bounds of a file's size, log-uniform.
    """
    return _MAKERS[kind](rng, duration, octets)


def _shell(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    prompt = _prompt(rng)
    newline = b"\r\n" if b"\\" in prompt else b"\n"
    echo = rng.random() < 0.3
    # A shell without a terminal prints no prompt; one that has a prompt always prints it.
    prompts = rng.random() < 0.6
    apart = prompts and rng.random() < 0.6
    out: Dialog = []
    if prompts or rng.random() < 0.3:
        out.append((0.05, 0, _banner(rng) + (prompt if prompts else b"")))
        out = [entry for entry in out if entry[2]]
    typing = loguniform(rng, 0.5, 15)
    spent = 0.0
    for _ in range(int(rng.integers(2, 40))):
        gap = float(rng.lognormal(np.log(typing), 0.8))
        spent += gap
        if spent > duration:
            break
        line = command(rng) + b"\n"
        out.append((gap, 1, line))
        if echo:
            out.append((1e-3, 0, line))
        run = loguniform(rng, 2e-3, 0.6)
        if rng.random() < 0.12:
            # cd, export and the like print nothing.
            if prompts:
                out.append((run / 4, 0, prompt))
            continue
        size = int(np.clip(rng.lognormal(np.log(150), 1.7), 1, 60_000))
        text = output(rng, size).replace(b"\n", newline) + newline
        if prompts and not apart:
            text += prompt
        pieces = int(rng.integers(1, 4)) if len(text) > 500 else 1
        step = -(-len(text) // pieces)
        for k in range(pieces):
            out.append((run if k == 0 else 2e-3, 0, text[k * step : (k + 1) * step] or newline))
        if apart:
            out.append((5e-4, 0, prompt))
    return out or [(0.05, 0, _banner(rng) or prompt)]


def _prompt(rng: np.random.Generator) -> bytes:
    name = word(rng)
    styles = (
        f"{name}@{word(rng)}:~$ ",
        "# ",
        "$ ",
        f"C:\\Users\\{name}>",
        "PS C:\\> ",
        "> ",
        f"[root@{name} tmp]# ",
        "C:\\Windows\\system32>",
    )
    return pick(rng, styles).encode()


def _banner(rng: np.random.Generator) -> bytes:
    banners = (
        "Microsoft Windows [Version 10.0.19045.3803]\r\n(c) Microsoft Corporation. All rights "
        "reserved.\r\n\r\n",
        f"Linux {word(rng)} 5.15.0-91-generic x86_64\n",
        "sh: no job control in this shell\n",
        f"{hostname(rng)} {int(rng.integers(1000, 99999))}\n",
        "",
    )
    return pick(rng, banners).encode()


def _keys(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    out: Dialog = []
    spent = 0.0
    pace = loguniform(rng, 0.06, 0.35)
    prompt = _prompt(rng)
    for _ in range(int(rng.integers(2, 14))):
        for key in command(rng) + b"\r":
            gap = float(rng.lognormal(np.log(pace), 0.5))
            spent += gap
            out.append((gap, 1, bytes((key,))))
            out.append((2e-4, 0, b"\r\n" if key == 13 else bytes((key,))))
        text = output(rng, int(np.clip(rng.lognormal(np.log(200), 1.3), 1, 20_000)))
        out.append((loguniform(rng, 1e-3, 0.3), 0, text + b"\r\n" + prompt))
        pause = loguniform(rng, 0.5, 10)
        out[-1] = (out[-1][0], 0, out[-1][2])
        spent += pause
        out.append((pause, 1, b""))
        if spent > duration:
            break
    return [entry for entry in out if entry[2]]


def _transfer(
    rng: np.random.Generator, duration: float, octets: tuple[int, int], side: int
) -> Dialog:
    out: Dialog = []
    size = int(loguniform(rng, *octets))
    name = f"{word(rng)}.{pick(rng, ('zip', 'docx', 'pdf', 'exe', 'txt', '7z', 'db'))}".encode()
    if rng.random() < 0.8:
        out.append((loguniform(rng, 0.1, 5), 1, b"get " + name if side == 0 else b"put " + name))
        out.append((0.02, 0, name + b" " + str(size).encode()))
    chunk = int(loguniform(rng, 400, 64_000))
    pause = loguniform(rng, 1e-4, 0.5) if rng.random() < 0.7 else 0.0
    pause = min(pause, duration * chunk / size)
    acknowledged = rng.random() < 0.4
    left = file_octets(rng, size)
    for low in range(0, size, chunk):
        out.append(
            (float(rng.exponential(pause)) if pause else 1e-5, side, left[low : low + chunk])
        )
        if acknowledged:
            out.append((1e-3, 1 - side, low.to_bytes(4, "little")))
    if rng.random() < 0.6:
        out.append((0.01, 1 - side, b"done"))
    return out


def _pull(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _transfer(rng, duration, octets, 0)


def _push(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _transfer(rng, duration, octets, 1)


def _bare(rng: np.random.Generator, duration: float, octets: tuple[int, int], side: int) -> Dialog:
    """A file through netcat or socat: nobody asks, nobody thanks."""
    size = int(loguniform(rng, *octets))
    left = file_octets(rng, size)
    chunk = int(pick(rng, (1024, 2048, 4096, 8192, 8192, 16384, 65536)))
    # A program that writes as fast as it reads, or one that lets itself be slowed down.
    pause = min(loguniform(rng, 1e-4, 0.3), duration * chunk / size) if rng.random() < 0.3 else 0.0
    return [
        (float(rng.exponential(pause)) if pause else 1e-5, side, left[low : low + chunk])
        for low in range(0, size, chunk)
    ]


def _take(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _bare(rng, duration, octets, 0)


def _give(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _bare(rng, duration, octets, 1)


def _beats(
    rng: np.random.Generator, duration: float, *, tasks: float, interval: float | None = None
) -> Dialog:
    interval = interval or loguniform(rng, 0.5, min(90.0, max(1.0, duration / 4)))
    jitter = float(pick(rng, (0, 0.05, 0.1, 0.2, 0.3, 0.5)))
    hello = f"{word(rng)}|{word(rng)}|{hostname(rng)}|10.0.{int(rng.integers(1 << 16))}".encode()
    beat, empty = report_of(rng), answer_of(rng)
    silent = rng.random() < 0.15
    out: Dialog = [(0.01, 0, hello), (0.02, 1, empty(hello))] if rng.random() < 0.7 else []
    spent = 0.0
    for k in range(1 + int(min(400, duration / interval))):
        gap = interval * float(1 + rng.uniform(-jitter, jitter)) + float(rng.exponential(2e-3))
        if rng.random() < 0.01:
            interval *= pick(rng, (0.1, 0.5, 2.0, 5.0))
        spent += gap
        if spent > duration:
            break
        report = beat(k)
        out.append((gap, 0, report))
        if rng.random() < tasks:
            out.append((loguniform(rng, 1e-3, 0.1), 1, command(rng)))
            result = output(rng, int(np.clip(rng.lognormal(np.log(600), 1.5), 1, 60_000)))
            out.append((loguniform(rng, 0.02, 3), 0, result))
            if rng.random() < 0.7:
                out.append((5e-3, 1, empty(b"")))
        elif not silent:
            out.append((loguniform(rng, 1e-3, 0.05), 1, empty(report)))
    return out or [(0.01, 0, hello)]


def report_of(rng: np.random.Generator) -> Callable[[int], bytes]:
    """What a beacon says the k-th time: fixed, noise of about one size, or a line of state."""
    style = int(rng.integers(4))
    size = int(loguniform(rng, 4, 120))
    fixed = rng.bytes(size)
    name, key, states = word(rng), word(rng), (word(rng), word(rng))
    first = int(rng.integers(1000)) if rng.random() < 0.5 else 0
    if style == 0:
        return lambda k: fixed
    if style == 1:
        return lambda k: rng.bytes(max(1, size + int(rng.integers(-3, 9))))
    end = pick(rng, (b"", b"\n", b"\r\n", b"\0"))
    layout = pick(
        rng,
        (
            "host {} seq {} {} {}",
            "{}|{}|{}={}",
            "id={}&n={}&{}={}",
            "{}: {} {} {}",
            '{{"h":"{}","n":{},"{}":"{}"}}',
        ),
    )
    return lambda k: layout.format(name, first + k, key, pick(rng, states)).encode() + end


def answer_of(rng: np.random.Generator) -> Callable[[bytes], bytes]:
    """What the operator says when there is nothing to do."""
    style = int(rng.integers(4))
    fixed = rng.bytes(int(loguniform(rng, 1, 60)))
    short = pick(rng, (b"OK", b"ok\n", b"0", b"NOP\r\n", b"sleep 5\n", b"\0"))
    prompt = pick(rng, (b"> ", b"$ ", b"ready> ", b""))
    if style == 0:
        return lambda report: fixed
    if style == 1:
        return lambda report: short
    if style == 2:
        return lambda report: b"ok: " + report + prompt
    return lambda report: rng.bytes(len(fixed))


def _beacon(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _beats(rng, duration, tasks=0.02)


def _tasks(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    return _beats(rng, duration, tasks=float(rng.uniform(0.1, 0.7)))


def _proxy(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    """Requests and responses of something proxied: text, or records of an inner TLS session."""
    out: Dialog = []
    inner_tls = rng.random() < 0.5
    spent = 0.0
    for _ in range(int(rng.integers(1, 30))):
        size = int(loguniform(rng, 60, 2000))
        reply = int(loguniform(rng, 100, octets[1]))
        gap = loguniform(rng, 1e-3, 8)
        spent += gap
        if spent > duration:
            break
        if inner_tls:
            ask = b"\x17\x03\x03" + size.to_bytes(2, "big") + rng.bytes(size)
            answer = b"\x17\x03\x03" + min(reply, 16000).to_bytes(2, "big") + rng.bytes(reply)
        else:
            ask = f"GET /{word(rng)}/{word(rng)} HTTP/1.1\r\nHost: {hostname(rng)}\r\n\r\n".encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {reply}\r\n\r\n".encode()
            answer = head + file_octets(rng, reply)
        out.append((gap, 0, ask))
        out.append((loguniform(rng, 2e-3, 0.3), 1, answer))
    return out or [(0.01, 0, b"hello"), (0.01, 1, b"hello")]


def _log(rng: np.random.Generator, duration: float, octets: tuple[int, int]) -> Dialog:
    """Short records to the operator as they come up: keystroke logs, sensors, scraped cards."""
    out: Dialog = []
    pace = loguniform(rng, 0.05, max(0.1, duration / 8))
    spent = 0.0
    for _ in range(int(rng.integers(3, 200))):
        gap = float(rng.exponential(pace))
        spent += gap
        if spent > duration:
            break
        out.append((gap, 0, sentence(rng, int(rng.integers(1, 20))).encode()))
    return out or [(0.01, 0, b"start")]


_MAKERS = {
    "shell": _shell,
    "keys": _keys,
    "pull": _pull,
    "push": _push,
    "take": _take,
    "give": _give,
    "beacon": _beacon,
    "tasks": _tasks,
    "proxy": _proxy,
    "log": _log,
}


def coded(rng: np.random.Generator, talk: Dialog, coding: str = "", *, fix: int = 0) -> Dialog:
    """Encode every message of a dialog alike.

    Parameters
    ----------
    rng : numpy Generator
    talk : Dialog
    coding : str
        One of `CODINGS`; drawn when empty.
    fix : int
        Octets of the key; drawn (1 to 32) when 0.
    """
    coding = coding or pick(rng, CODINGS)
    if coding == "clear":
        return talk
    key = rng.bytes(fix or int(rng.choice([1, 1, 4, 4, 8, 16, 32])))
    return [(gap, d, encode(rng, coding, text, key)) for gap, d, text in talk]


def timeline(talk: Dialog, rtt: float) -> list[tuple[float, int, bytes]]:
    """Turn gaps into times, with half a round trip at every change of speaker."""
    now, last, out = 0.0, -1, []
    for gap, d, text in talk:
        now += gap + (rtt / 2 if d != last and last >= 0 else 0.0)
        out.append((now, d, text))
        last = d
    return out
