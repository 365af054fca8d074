"""The hard cases' file: which ways of hiding, and how strongly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nalpml.experiments._toml import Table, read_table
from nalpml.generators.hidden import ALPHABETS, WAYS

Strengths = Annotated[tuple[float, ...], Field(min_length=2)]


class Hiding(Table):
    """A way of hiding that is generated: a ``[[hiding]]`` table.

    Attributes
    ----------
    way : str
        One of `nalpml.generators.hidden.WAYS`.
    axis : str
        What its strength is, for figures and tables.
    strengths : tuple of float
        From the weakest to the strongest.
    carriers : tuple of str
        Channels that hide in this way.
    ladder : bool
        Whether the figure's axis has strengths as even steps, or to scale.
    """

    way: str
    axis: str = Field(min_length=1)
    strengths: Strengths
    carriers: tuple[Literal["icmp_tunnel", "udp_c2", "tcp_c2"], ...] = (
        "icmp_tunnel",
        "udp_c2",
        "tcp_c2",
    )
    ladder: bool = True

    @model_validator(mode="after")
    def _known(self) -> Hiding:
        if self.way not in WAYS:
            raise ValueError(f"{self.way!r} is not a way of hiding; use {', '.join(WAYS)}")
        bits = {entry[0] for entry in ALPHABETS}
        if self.way == "content" and set(self.strengths) - bits:
            raise ValueError(f"content has strengths {sorted(bits)}")
        return self


class Seen(Table):
    """What of labelled captures is seen: a ``[[view]]`` table.

    Attributes
    ----------
    view : str
        ``sampled`` (one packet of so many), ``truncated`` (octets of each frame) or ``one_way``
        (0 both directions, 1 only who spoke first, 2 only who answered).
    axis, strengths, ladder
        As for `Hiding`.
    """

    view: Literal["sampled", "truncated", "one_way"]
    axis: str = Field(min_length=1)
    strengths: Strengths
    ladder: bool = True


class HardCases(Table):
    """Everything that is measured.

    Attributes
    ----------
    name, question : str
        For tables and MLflow.
    seed : int
        Of everything random; no training mixture may have it.
    episodes : int
        Sessions generated of each way, carrier and strength.
    ordinary : int
        Episodes of ordinary traffic, over which the rate of false alerts is taken.
    profiles : tuple of str
        Shell patterns over the profiles that these are of; each gives one episode at least.
    fpr : float
        Stated rate of the second threshold.
    captures : str
        Labelled captures that views are taken of, relative to the file; none may be trained on.
    hiding, view : tuple
        Cases.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    question: str = Field(min_length=1)
    seed: int = Field(ge=0, lt=2**31)
    episodes: int = Field(default=24, ge=1)
    ordinary: int = Field(default=1500, ge=1)
    profiles: tuple[str, ...] = ("*",)
    fpr: float = Field(default=1e-3, gt=0, lt=1)
    captures: str | None = None
    hiding: tuple[Hiding, ...] = ()
    view: tuple[Seen, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> HardCases:
        if not self.hiding and not self.view:
            raise ValueError("nothing to measure: add [[hiding]] or [[view]]")
        if self.view and self.captures is None:
            raise ValueError("a [[view]] needs captures")
        return self


def load_cases(path: str | Path) -> HardCases:
    """Read a file of hard cases.

    Parameters
    ----------
    path : str or Path
        TOML.

    Returns
    -------
    HardCases
        Checked.

    Raises
    ------
    ConfigError
        When the file cannot be read, or a key is unknown or wrong, naming it.
    """
    return read_table(path, HardCases, name="hard cases")
