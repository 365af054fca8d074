"""Training, baselines, metrics and explanations."""

from __future__ import annotations

from nalpml.models.detector import CovertChannelDetector

__all__ = ["CovertChannelDetector"]
