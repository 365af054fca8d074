"""Labelled packets from parameters and a seed: captures are written, nothing is ever sent.

`PROFILES` holds every kind of traffic by name; `generate` lays episodes of them over one network
and one stretch of time and labels every packet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from nalpml.generators import benign, covert
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.config import Entry, MixConfig, load_config, parse_config
from nalpml.generators.mix import Frames, Generated, mix, stream

__all__ = [
    "PROFILES",
    "Conversation",
    "Entry",
    "Frames",
    "Generated",
    "MixConfig",
    "Network",
    "Profile",
    "generate",
    "inject",
    "load_config",
    "parse_config",
    "stream",
    "training_mix",
]


def _by_name(profiles: Iterable[Profile]) -> Mapping[str, Profile]:
    table: dict[str, Profile] = {}
    for profile in profiles:
        if profile.name in table:
            raise ValueError(f"two profiles are called {profile.name}")
        table[profile.name] = profile
    return MappingProxyType(table)


PROFILES: Mapping[str, Profile] = _by_name((*benign.PROFILES, *covert.PROFILES))
"""Every profile by its name."""


def generate(config: MixConfig, *, seed: int) -> Generated:
    r"""Generate a labelled capture.

    Parameters
    ----------
    config : MixConfig
        What to mix; see `load_config`.
    seed : int
        Not negative. The same seed gives the same octets.

    Returns
    -------
    Generated
        Frames, labels of every packet, and a card.

    Raises
    ------
    ConfigError
        When an entry matches no profile, or Ethernet and VSOCK are mixed.

    Examples
    --------
    >>> made = generate(parse_config('[[entry]]\nprofile = "dns.client"\ncount = 3'), seed=1)
    >>> made.linktype, sorted(set(made.labels["label"]))
    (1, ['benign'])
    """
    return mix(config, PROFILES, seed=seed)


def inject(
    config: MixConfig, capture: str | Path, *, seed: int, rest: str | None = "benign"
) -> Generated:
    """Generate a mixture into a capture of one's own; see `nalpml.generators.injection`."""
    from nalpml.generators.injection import inject as run

    return run(config, capture, seed=seed, rest=rest)


def training_mix(
    *,
    episodes: int = 1000,
    covert_share: float = 0.5,
    vsock: bool = False,
    exclude: Iterable[str] = (),
    duration: float = 600.0,
    hosts: int = 200,
    name: str = "training",
) -> MixConfig:
    """Balance all profiles: channels get equal shares, and the tools of a channel equal shares.

    Parameters
    ----------
    episodes : int
        Episodes in all (an episode may hold many conversations).
    covert_share : float
        Share of covert episodes.
    vsock : bool
        A mixture of VSOCK instead of Ethernet profiles.
    exclude : iterable of str
        Names of profiles to leave out, as a test by unseen tool needs.
    duration, hosts, name
        As in `MixConfig`.

    Returns
    -------
    MixConfig

    Examples
    --------
    >>> round(sum(e.weight for e in training_mix(covert_share=0.3).entry), 6)
    1.0
    """
    left_out = set(exclude)
    chosen = [p for p in PROFILES.values() if p.vsock == vsock and p.name not in left_out]
    by_label: dict[str, list[Profile]] = {}
    for profile in chosen:
        by_label.setdefault(profile.label, []).append(profile)
    labels = [label for label in by_label if label != "benign"]
    entries = []
    for label, group in by_label.items():
        share = 1 - covert_share if label == "benign" else covert_share / len(labels)
        entries += [Entry(profile=p.name, weight=share / len(group)) for p in group if share > 0]
    return MixConfig(
        name=name, entry=tuple(entries), episodes=episodes, duration=duration, hosts=hosts
    )
