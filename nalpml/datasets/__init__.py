"""Labelled data: from captures and label files to features, labels, groups and splits."""

from __future__ import annotations

from nalpml.datasets.dataset import Dataset, concatenate, from_frame, read_parquet
from nalpml.datasets.families import kindred, leave_kindred_out
from nalpml.datasets.flowtables import load_cic_ids2017, load_ctu13
from nalpml.datasets.loading import find_captures, load, load_captures, load_generated
from nalpml.datasets.public import (
    load_cic_bell_dns_exf,
    load_lab,
    load_nefias,
    load_pcapstego,
)
from nalpml.datasets.site import load_site
from nalpml.datasets.splits import (
    Split,
    by_time,
    grouped_folds,
    leave_one_capture_out,
    leave_one_tool_out,
    synthetic_to_real,
)

__all__ = [
    "Dataset",
    "Split",
    "by_time",
    "concatenate",
    "find_captures",
    "from_frame",
    "grouped_folds",
    "kindred",
    "leave_kindred_out",
    "leave_one_capture_out",
    "leave_one_tool_out",
    "load",
    "load_captures",
    "load_cic_bell_dns_exf",
    "load_cic_ids2017",
    "load_ctu13",
    "load_generated",
    "load_lab",
    "load_nefias",
    "load_pcapstego",
    "load_site",
    "read_parquet",
    "synthetic_to_real",
]
