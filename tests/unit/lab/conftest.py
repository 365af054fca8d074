from __future__ import annotations

import sys
from pathlib import Path

import pytest

LAB = Path(__file__).resolve().parents[3] / "datasets" / "lab"
sys.path.insert(0, str(LAB))  # the lab is a program: run.py finds its machinery beside itself


@pytest.fixture(scope="session")
def lab() -> Path:
    return LAB
