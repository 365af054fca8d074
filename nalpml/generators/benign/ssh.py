"""SSH: the handshake as OpenSSH and others speak it, and what sessions are used for (RFC 4253)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation, Hook
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "Ssh", "ssh_handshake"]

_EXCHANGES = (
    "sntrup761x25519-sha512@openssh.com",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256",
    "kex-strict-c-v00@openssh.com",
    "ext-info-c",
)
_KEYS = (
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_CIPHERS = (
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
)
_MACS = (
    "umac-64-etm@openssh.com",
    "umac-128-etm@openssh.com",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "umac-64@openssh.com",
    "umac-128@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
)
_PACKERS = ("none", "zlib@openssh.com", "zlib")


_SERVERS = (
    "OpenSSH_9.2p1 Debian-2+deb12u2",
    "OpenSSH_9.2p1 Debian-2+deb12u7",
    "OpenSSH_8.4p1 Debian-5+deb11u3",
    "OpenSSH_8.9p1 Ubuntu-3ubuntu0.10",
    "OpenSSH_9.6p1 Ubuntu-3ubuntu13.5",
    "OpenSSH_8.0",
    "OpenSSH_7.4",
    "OpenSSH_9.7",
    "dropbear_2022.83",
    "Cisco-1.25",
    "OpenSSH_for_Windows_9.5",
)
_CLIENTS = (
    *_SERVERS[:8],
    "PuTTY_Release_0.79",
    "libssh2_1.11.0",
    "libssh_0.10.6",
    "paramiko_3.4.0",
    "Go",
    "OpenSSH_for_Windows_8.6",
)


def _some(rng: np.random.Generator, names: tuple[str, ...]) -> str:
    """All of a list in its order, as the large implementations offer; else a part of it."""
    if rng.random() < 0.8:
        return ",".join(names)
    return ",".join(names[: int(rng.integers(1, len(names) + 1))])


def _ssh_packet(payload: bytes, rng: np.random.Generator) -> bytes:
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    # OpenSSH pads with zeros as long as nothing is encrypted; others with noise.
    tail = bytes(padding) if rng.random() < 0.7 else rng.bytes(padding)
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + tail


def ssh_handshake(conv: Conversation, rng: np.random.Generator) -> None:
    """Version lines, key exchange, authentication."""
    client, server = pick(rng, _CLIENTS), pick(rng, _SERVERS)
    if rng.random() < 0.4:
        # One distribution, one version, as where a site's machines are all alike.
        client = server
    conv.say(0, f"SSH-2.0-{client}\r\n".encode(), 1e-4)
    conv.say(1, f"SSH-2.0-{server}\r\n".encode(), loguniform(rng, 1e-3, 0.05))
    # Both sides offer the first method, so that it is the one they agree on.
    quantum = 1158 if rng.random() < 0.5 else 0
    methods = _EXCHANGES if quantum else _EXCHANGES[1:]
    for d in (0, 1):
        text = b"\x14" + rng.bytes(16)
        ciphers, macs, packers = (_some(rng, x) for x in (_CIPHERS, _MACS, _PACKERS))
        exchange, keys = _some(rng, methods), _some(rng, _KEYS if d == 0 else _KEYS[8:12])
        for names in (exchange, keys, ciphers, ciphers, macs, macs, packers, packers, "", ""):
            text += struct.pack(">I", len(names)) + names.encode()
        conv.say(d, _ssh_packet(text + bytes(5), rng), 1e-3)
    share = b"\x1e" + struct.pack(">I", 32 + quantum) + rng.bytes(32 + quantum)
    conv.say(0, _ssh_packet(share, rng), 2e-3)
    host_key = b"\0\0\0\x33\0\0\0\x0bssh-ed25519\0\0\0\x20" + rng.bytes(32)
    answer_size = 32 + (1039 if quantum else 0)
    reply = b"\x1f" + host_key + struct.pack(">I", answer_size) + rng.bytes(answer_size)
    reply += b"\0\0\0\x53\0\0\0\x0bssh-ed25519\0\0\0\x40" + rng.bytes(64)
    conv.say(1, _ssh_packet(reply, rng) + _ssh_packet(b"\x15", rng), 3e-3)
    conv.say(0, _ssh_packet(b"\x15", rng), 1e-3)
    # Service, "none", then a key that is first offered and then used, or a password.
    tried = int(pick(rng, (60, 60, 68, 76)))
    proof = pick(rng, (((372, 332), (500, 36)), ((140, 100), (308, 28)), ((148, 28),)))
    for size, answer in ((44, 44), (tried, int(pick(rng, (52, 60, 68, 84)))), *proof):
        conv.say(0, rng.bytes(size), loguniform(rng, 1e-3, 0.1))
        conv.say(1, rng.bytes(answer), loguniform(rng, 1e-3, 0.05))
    if rng.random() < 0.6:
        # A channel is opened, and OpenSSH's server names its other keys.
        conv.say(0, rng.bytes(112), 1e-3)
        conv.say(1, rng.bytes(int(pick(rng, (396, 500, 636, 1060)))), 1e-3)
        conv.say(1, rng.bytes(44), 1e-3)


def _service(after: float, tos: int) -> Hook:
    """Change the type of service once a session knows what it is for, as OpenSSH does."""

    def change(rows: Rows, rng: np.random.Generator) -> str:
        rows["tos"][rows["time"] > after * 1e9] = tos
        return ""

    return change


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssh(Profile):
    """A session after its handshake.

    Parameters
    ----------
    use : {"interactive", "mixed", "copy", "command", "idle", "forward"}
        What it is for.
    """

    use: str = "interactive"
    ports: tuple[int, ...] = (22, 22, 22, 22, 2222, 22022)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, pick(rng, self.ports))
        ssh_handshake(conv, rng)
        if rng.random() < 0.6:
            conv.hook = _service(conv.now, pick(rng, (0x10, 0x48, 0x20, 0x08)))
        duration = min(net.duration, 400.0)
        if self.use == "interactive":
            pace = loguniform(rng, 0.08, 0.4)
            for _ in range(int(rng.integers(2, 25))):
                for _ in range(int(rng.integers(2, 20))):
                    conv.say(0, rng.bytes(36), float(rng.lognormal(np.log(pace), 0.5)))
                    conv.say(1, rng.bytes(36), loguniform(rng, 3e-4, 5e-3))
                out = int(np.clip(rng.lognormal(5.5, 1.5), 36, 40_000)) // 8 * 8 + 4
                conv.say(1, rng.bytes(out), loguniform(rng, 1e-3, 0.3))
                conv.now += loguniform(rng, 0.3, 20)
                if conv.now > duration:
                    break
        elif self.use == "copy":
            d, left = int(rng.integers(2)), int(loguniform(rng, 20_000, 2_000_000))
            conv.say(0, rng.bytes(100), 0.01)
            while left > 0:
                conv.say(d, rng.bytes(min(left, 32_808)), float(rng.exponential(5e-4)))
                if rng.random() < 0.3:
                    conv.say(1 - d, rng.bytes(36), 1e-4)
                left -= 32_808
        elif self.use == "command":
            conv.say(0, rng.bytes(int(rng.integers(52, 300))), 0.01)
            conv.say(1, rng.bytes(int(loguniform(rng, 50, 20_000))), loguniform(rng, 0.01, 3))
        elif self.use == "mixed":
            # A script or a person: commands at any pace, screens and files between them.
            pace = loguniform(rng, 0.01, 3)
            for _ in range(int(rng.integers(3, 80))):
                for _ in range(int(rng.geometric(0.4))):
                    conv.say(
                        0,
                        rng.bytes(36 + 8 * int(rng.geometric(0.6) - 1)),
                        pace * loguniform(rng, 0.05, 3),
                    )
                    conv.say(
                        1, rng.bytes(int(pick(rng, (28, 36, 36, 44)))), loguniform(rng, 2e-4, 0.02)
                    )
                big = int(loguniform(rng, 36, 120_000 if rng.random() < 0.2 else 2000))
                conv.say(1, rng.bytes(big // 8 * 8 + 4), loguniform(rng, 1e-3, 1))
                if conv.now > duration or len(conv.t) > 600:
                    break
        elif self.use == "idle":
            for _ in range(int(rng.integers(3, 20))):
                conv.say(int(rng.integers(2)), rng.bytes(36), pick(rng, (15.0, 30.0, 60.0)))
                conv.say(1 - conv.last, rng.bytes(36), 1e-3)
        else:
            for _ in range(int(rng.integers(2, 30))):
                conv.say(0, rng.bytes(int(loguniform(rng, 60, 2000))), loguniform(rng, 1e-3, 5))
                conv.say(1, rng.bytes(int(loguniform(rng, 60, 60_000))), loguniform(rng, 5e-3, 0.3))
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Ssh(name="ssh.mixed", about="Scripts and people: commands, screens and files.", use="mixed"),
    Ssh(name="ssh.interactive", about="Keys and echoes, screens of output (RFC 4253)."),
    Ssh(name="ssh.copy", about="scp, sftp, rsync and git over SSH.", use="copy"),
    Ssh(name="ssh.command", about="Automation: a command and its output.", use="command"),
    Ssh(name="ssh.idle", about="Sessions held open by keep-alives.", use="idle"),
    Ssh(name="ssh.forward", about="Administrators' port forwards.", use="forward"),
)
