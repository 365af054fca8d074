from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(autouse=True, scope="session")
def _overflow_is_meant():
    # Hashes wrap around. Compiled kernels do so silently; without the JIT numpy would warn.
    with np.errstate(over="ignore"):
        yield
