"""What a profile is: a frozen recipe that turns a seed and a network into conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network

__all__ = ["Profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of traffic.

    Parameters
    ----------
    name : str
        ``family.variant``; unique, and the `tool` of every packet it makes. It also keys the
        profile's random numbers, so that no profile depends on another.
    about : str
        What it stands for, where the numbers come from and what is assumed.
    """

    name: str
    about: str

    label: ClassVar[str] = "benign"
    """One of `nalpml.channels.LABELS`."""

    vsock: ClassVar[bool] = False
    """Whether its packets are of link type 271; all others are Ethernet."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one episode.

        Parameters
        ----------
        rng : numpy Generator
            The only source of chance.
        net : Network
            Hosts and paths to choose from, and the time there is.

        Returns
        -------
        list of Conversation
            Starts are relative to the start of the episode.
        """
        raise TypeError(f"{type(self).__name__} does not say how it talks")
