"""What the operator permits: windows that are scored but not alerted.

A TOML file with any of ``addresses`` (addresses or networks, either end), ``ports`` (numbers or
``"udp/623"``, the responder's) and ``labels``, each of which permits by itself, and tables
``[[rule]]`` with ``address``, ``port``, ``proto`` and ``label``, all of which must match.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from .channels import LABELS, proto_number
from .errors import ConfigError

__all__ = ["AllowList", "load_allow"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: str) -> str:
    if not value.isdecimal():  # a VSOCK context identifier is a plain number
        ipaddress.ip_network(value, strict=False)
    return value


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str | None = None
    port: int | None = None
    proto: str | None = None
    label: str | None = None

    @field_validator("address")
    @classmethod
    def _address_is_one(cls, value: str | None) -> str | None:
        return None if value is None else _network(value)

    @field_validator("proto")
    @classmethod
    def _proto_is_one(cls, value: str | None) -> str | None:
        if value is not None:
            proto_number(value)
        return value

    @field_validator("label")
    @classmethod
    def _label_is_one(cls, value: str | None) -> str | None:
        if value is not None and value not in LABELS:
            raise ValueError(f"unknown label: use one of {', '.join(LABELS)}")
        return value

    def permits(self, verdict: Mapping[str, Any]) -> bool:
        """Tell whether all that the rule names matches."""
        if self.label is not None and verdict["label"] != self.label:
            return False
        if self.proto is not None and verdict["proto"] != self.proto:
            return False
        if self.port is not None and verdict["dport"] != self.port:
            return False
        if self.address is None:
            return True
        return any(_inside(self.address, verdict[end]) for end in ("src", "dst"))


def _inside(network: str, address: str) -> bool:
    if network.isdecimal() or address.isdecimal():
        return network == address
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


class AllowList(BaseModel):
    """What the operator permits.

    Attributes
    ----------
    addresses : tuple of str
        Addresses or networks, of either end.
    ports : tuple of int or str
        Responder ports, any protocol (``1080``) or one (``"udp/623"``).
    labels : tuple of str
        Channels that are allowed here.
    rule : tuple
        Conditions that must hold together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: tuple[str, ...] = ()
    ports: tuple[int | str, ...] = ()
    labels: tuple[str, ...] = ()
    rule: tuple[_Rule, ...] = ()

    @field_validator("addresses")
    @classmethod
    def _addresses_are(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_network(item) for item in value)

    @property
    def _rules(self) -> list[_Rule]:
        rules = [_Rule(address=item) for item in self.addresses]
        rules += [_Rule(label=item) for item in self.labels]
        for item in self.ports:
            proto, _, port = str(item).rpartition("/")
            rules.append(_Rule(port=int(port), proto=proto or None))
        return [*rules, *self.rule]

    def permits(self, verdict: Mapping[str, Any]) -> bool:
        """Tell whether a verdict's window is permitted.

        Parameters
        ----------
        verdict : mapping
            With ``proto``, ``src``, ``dst``, ``dport`` and ``label``.

        Returns
        -------
        bool
            True when any entry matches.
        """
        return any(rule.permits(verdict) for rule in self._rules)


def load_allow(path: str | os.PathLike[str]) -> AllowList:
    """Read an allow list.

    Parameters
    ----------
    path : path
        TOML file.

    Returns
    -------
    AllowList

    Raises
    ------
    ConfigError
        If it cannot be read or says something unknown, naming the key.
    """
    name = os.fspath(path)
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        result = AllowList.model_validate(content)
        _ = result._rules  # ports such as "udp/x" are found out now
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror or error}; name a readable file") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{name}: {key}: {first['msg']}") from error
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
    return result
