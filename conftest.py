"""What the examples in docstrings of features use without importing it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True, scope="session")
def _examples(doctest_namespace: dict[str, Any]) -> None:
    def shown(feature: Any, *names: str) -> list[float]:
        # Imported at the first example: other tests need not build the table.
        from tests.unit.features.sample import shown

        return shown(feature, *names)

    doctest_namespace["shown"] = shown
