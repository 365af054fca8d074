"""Shared by all tests: one thread a process, no screen, no network, and the fixtures below."""

from __future__ import annotations

import os

# Before numpy is imported by anything: two test processes share two cores, and sums over a
# fixed number of threads are the same everywhere.
for _pool in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ.setdefault(f"{_pool}_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "1"
os.environ.pop("MLFLOW_TRACKING_URI", None)

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

# The first call of a kernel compiles it, so no example has a deadline. `ci` repeats the same
# examples every time; `thorough` is for the night and for who changes a kernel.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=50,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", settings.get_profile("ci"), derandomize=False)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the clone."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """Further captures, beside the clone or where NALPML_SHARED says; skips without them."""
    folder = Path(os.environ.get("NALPML_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "captures").is_dir():
        pytest.skip(f"no captures in {folder}: set NALPML_SHARED to a folder that has them")
    return folder


@pytest.fixture(scope="session")
def requires_tshark() -> str:
    """Path of tshark; skips where it is not installed."""
    path = shutil.which("tshark")
    if path is None:
        pytest.skip("tshark is not installed")
    return path


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small model that alerts on ICMP payloads that are data."""
    from tests.unit.small import make_model

    return make_model().save(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="session")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated capture of pings, DNS and ICMP tunnels."""
    from tests.unit.small import write_mixture

    return write_mixture(tmp_path_factory.mktemp("mixture"))
