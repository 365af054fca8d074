"""The configuration of a mixture: TOML in, a checked model out."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nalpml.errors import ConfigError

__all__ = ["Entry", "MixConfig", "SystemName", "load_config", "parse_config"]

SystemName = Literal[
    "linux", "windows", "macos", "bsd", "android", "embedded", "appliance", "windows_old", "unix"
]  # fmt: skip
"""Operating systems that hosts may run."""


class Entry(BaseModel):
    """Profiles to draw from, and how many episodes.

    Attributes
    ----------
    profile : str
        A profile's name, a shell pattern over names (``icmp_tunnel.*``) or ``label:`` and a label;
        episodes are shared out evenly among the profiles it matches.
    count : int, optional
        Episodes in all.
    weight : float, optional
        Share of `MixConfig.episodes` instead of a count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str = Field(min_length=1)
    count: int | None = Field(default=None, ge=1)
    weight: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_of_two(self) -> Entry:
        if (self.count is None) == (self.weight is None):
            raise ValueError("give either count or weight")
        return self


class MixConfig(BaseModel):
    """A mixture: which traffic, how much of it, on which network, for how long.

    Attributes
    ----------
    name : str
        For the card.
    entry : tuple of Entry
        ``[[entry]]`` tables.
    episodes : int
        Episodes shared out by `Entry.weight`.
    duration : float
        Seconds over which episodes start.
    start : float
        Time of the first packet, seconds since the epoch.
    hosts : int
        Machines on the site.
    v6 : float
        Share of conversations over IPv6 where a profile leaves it open.
    resolution : int
        Nanoseconds to which capture times are cut.
    midstream, one_way : float
        Share of conversations captured from their middle on, or in one direction only.
    vlan : float
        Share of hosts' pairs whose frames carry an 802.1Q tag, as on a trunk.
    snaplen : int
        Octets of each frame that the capture keeps.
    systems : tuple of str
        Operating systems that hosts may run; all when empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "mixture"
    entry: tuple[Entry, ...] = Field(min_length=1)
    episodes: int = Field(default=100, ge=1)
    duration: float = Field(default=600.0, gt=0, le=86400)
    start: float = Field(default=1_700_000_000.0, ge=0, lt=4_000_000_000)
    hosts: int = Field(default=60, ge=2, le=4000)
    v6: float = Field(default=0.15, ge=0, le=1)
    resolution: int = Field(default=1000, ge=1, le=1_000_000)
    midstream: float = Field(default=0.04, ge=0, le=1)
    one_way: float = Field(default=0.01, ge=0, le=1)
    vlan: float = Field(default=0.0, ge=0, le=1)
    snaplen: int = Field(default=262_144, ge=42, le=262_144)
    systems: tuple[SystemName, ...] = ()


def parse_config(text: str, *, source: str = "configuration") -> MixConfig:
    r"""Read a configuration from TOML text.

    Raises
    ------
    ConfigError
        Names the key that is wrong.

    Examples
    --------
    >>> parse_config('[[entry]]\nprofile = "dns.client"\ncount = 3').entry[0].count
    3
    >>> parse_config('[[entry]]\nprofile = "dns.client"\ncount = 0')  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    nalpml.errors.ConfigError: configuration: entry.0.count: ...
    """
    try:
        return MixConfig.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML ({error})") from error
    except ValidationError as error:
        raise ConfigError(f"{source}: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    where: Sequence[object] = detail["loc"]
    return f"{'.'.join(str(part) for part in where) or 'mixture'}: {detail['msg']}"


def load_config(path: str | Path) -> MixConfig:
    """Read a configuration file.

    Raises
    ------
    ConfigError
        When the file cannot be read, is not TOML, or has an unknown or wrong key.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text, so not TOML") from error
    return parse_config(text, source=str(path))
