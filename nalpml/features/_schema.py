"""The schema: which features, at which revision, in which order.

It travels with every Parquet file and every model; whoever loads one compares digests and
refuses a mismatch by name of what differs, since a booster scores swapped columns silently.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from ..errors import SchemaError

__all__ = ["Schema", "schema"]


@dataclass(frozen=True, slots=True)
class Schema:
    """Names and revisions of features in order.

    Parameters
    ----------
    level : str
        ``flow`` or ``packet``.
    features : tuple of (str, int)
        Name and revision of each column, in order.

    Examples
    --------
    >>> old = Schema("flow", (("iat_mean", 1), ("size_std", 1)))
    >>> new = Schema("flow", (("iat_mean", 2), ("size_std", 1)))
    >>> Schema.from_json(old.to_json()) == old
    True
    >>> old.check(new)
    Traceback (most recent call last):
        ...
    nalpml.errors.SchemaError: 1 feature differs: iat_mean (r1 wanted, r2 here)
    """

    level: str
    features: tuple[tuple[str, int], ...]

    @property
    def version(self) -> int:
        """Number of the schema's own format."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(name for name, _ in self.features)

    @property
    def digest(self) -> str:
        """First 12 hex digits of SHA-256 over the canonical JSON."""
        return hashlib.sha256(self._canonical().encode()).hexdigest()[:12]

    def _canonical(self) -> str:
        content = {"version": self.version, "level": self.level, "features": self.features}
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    def to_json(self) -> str:
        """Return the schema as indented JSON text that ends in a newline."""
        content = {
            "version": self.version,
            "level": self.level,
            "digest": self.digest,
            "features": [{"name": name, "revision": rev} for name, rev in self.features],
        }
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Read what `to_json` wrote.

        Raises
        ------
        SchemaError
            If the text is no schema, or of a version this release does not know.
        """
        try:
            content = json.loads(text)
            version = content["version"]
            features = tuple((str(f["name"]), int(f["revision"])) for f in content["features"])
            result = cls(level=str(content["level"]), features=features)
            digest = content["digest"]
        except (ValueError, TypeError, KeyError) as error:
            raise SchemaError(f"not a feature schema ({error!r}): rebuild the file") from error
        if version != result.version:
            raise SchemaError(f"schema version {version} is not known to this release: upgrade")
        if digest != result.digest:
            raise SchemaError("the schema's digest does not fit its features: file was edited")
        return result

    def check(self, other: Schema) -> None:
        """Refuse another schema by name of what differs.

        Raises
        ------
        SchemaError
            If level, names, revisions or order differ.
        """
        if self.digest == other.digest:
            return
        if self.level != other.level:
            raise SchemaError(f"{self.level} features wanted, {other.level} features here")
        mine, theirs = dict(self.features), dict(other.features)
        parts = [f"{n} (r{r} wanted, missing here)" for n, r in mine.items() if n not in theirs]
        parts += [f"{n} (r{r} here, not wanted)" for n, r in theirs.items() if n not in mine]
        parts += [
            f"{n} (r{r} wanted, r{theirs[n]} here)"
            for n, r in mine.items()
            if n in theirs and theirs[n] != r
        ]
        if not parts:
            raise SchemaError("the same features in another order: extract them again")
        count = (
            f"{len(parts)} feature differs" if len(parts) == 1 else f"{len(parts)} features differ"
        )
        raise SchemaError(f"{count}: {', '.join(parts)}")


def schema(level: str = "flow") -> Schema:
    """Return the schema of the features in this release.

    Parameters
    ----------
    level : str
        ``flow`` or ``packet``.

    Returns
    -------
    Schema
        Every registered feature of the level, in registry order.
    """
    from . import FLOW_FEATURES, PACKET_FEATURES

    registry = FLOW_FEATURES if level == "flow" else PACKET_FEATURES
    return Schema(level, tuple((f.name, f.revision) for f in registry.values()))
