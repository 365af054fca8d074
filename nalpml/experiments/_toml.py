"""Read a TOML file into a checked model, or say what is wrong in one line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from nalpml.errors import ConfigError

__all__ = ["Table", "read_table"]


class Table(BaseModel):
    """A table of a file, in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Checked = TypeVar("Checked", bound=Table)


def read_table(path: str | Path, kind: type[Checked], *, name: str) -> Checked:
    """Read and check a file.

    Parameters
    ----------
    path : str or Path
        TOML.
    kind : type
        What the file must hold.
    name : str
        What the whole file is called where no key of it is to blame.

    Returns
    -------
    Table
        Of that kind.

    Raises
    ------
    ConfigError
        When the file cannot be read, is not TOML, or a key is unknown or wrong, naming it.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text, so not TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML ({error})") from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or name
        raise ConfigError(
            f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}"
        ) from None
