"""The ``nalpml`` command.

Standard output holds data alone; progress and messages go to standard error. Whatever cannot
be used, as argument or as input, gives one line that starts with ``nalpml: `` and status 2.
"""

from __future__ import annotations

import contextlib
import enum
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from typer.exceptions import TyperException

from . import __version__
from .errors import ConfigError, NalpmlError

__all__ = ["app", "main"]

app = typer.Typer(
    name="nalpml",
    help="Detect covert channels outside the application layer (ATT&CK T1095).",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where to write.")]


class Form(enum.StrEnum):
    """How verdicts are written."""

    table = "table"
    jsonl = "jsonl"
    eve = "eve"
    csv = "csv"


class Level(enum.StrEnum):
    """What a row is."""

    flow = "flow"
    packet = "packet"


class Export(enum.StrEnum):
    """What a model is exported as."""

    onnx = "onnx"
    lightgbm = "lightgbm"
    mlflow = "mlflow"


class Listing(enum.StrEnum):
    """How features are listed."""

    table = "table"
    json = "json"
    md = "md"


# Reading captures in more processes than this gains nothing on the machines this is used on.
_JOBS = min(os.cpu_count() or 1, 8)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("nalpml: %(message)s"))
    logger = logging.getLogger("nalpml")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _announce_compilation() -> None:
    from ._kernels import is_warm

    if not is_warm():
        _say("compiling the kernels, once for this version on this machine: about a minute")


def _say(message: str) -> None:
    typer.echo(f"nalpml: {message}", err=True)


@contextlib.contextmanager
def _text_output(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
    with file:
        yield file


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"nalpml {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def scan(
    captures: Annotated[list[str], typer.Argument(metavar="CAPTURE|-", help="What to read.")],
    model: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one in the package.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write.")] = Form.table,
    everything: Annotated[
        bool, typer.Option("--all", help="Every window, not alerts alone.")
    ] = False,
    threshold: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Score from which a window alerts.")
    ] = None,
    allow: Annotated[Path | None, typer.Option(help="TOML file of what is permitted.")] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Several captures as one stream in order of time.")
    ] = False,
    fail_on_alert: Annotated[
        bool, typer.Option("--fail-on-alert", help="Exit with status 1 when there are alerts.")
    ] = False,
    output: Output = None,
) -> None:
    """Score the flow windows of captures; print the alerts."""
    import dataclasses

    from .allow import AllowList, load_allow
    from .scan import load
    from .verdicts import open_writer

    _announce_compilation()
    permitted = AllowList() if allow is None else load_allow(allow)
    scanner = dataclasses.replace(load(model, threshold=threshold), allow=permitted)
    alerts = windows = 0
    with _text_output(output) as out:
        writer = open_writer(form.value, out)
        for capture in [captures] if merge else captures:
            for verdict in scanner.stream(capture, report=_summarise):
                windows += 1
                alerts += verdict["alert"]
                if everything or verdict["alert"]:
                    writer.write(verdict)
        writer.close()
    _say(f"{windows} windows, {alerts} alerts (score >= {scanner.alert_from:.4g})")
    if fail_on_alert and alerts:
        raise typer.Exit(1)


def _summarise(report: Any) -> None:
    # Damage is a warning: what could be read was scored.
    prefix = "warning: " if report.damage else ""
    _say(f"{prefix}{report}")


@app.command()
def extract(
    captures: Annotated[list[str], typer.Argument(metavar="CAPTURE...", help="What to read.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Parquet file to write.")],
    level: Annotated[Level, typer.Option(help="A row a window or a row a packet.")] = Level.flow,
    labels: Annotated[
        Path | None,
        typer.Option(help="Label file of the one capture: adds columns label and tool."),
    ] = None,
) -> None:
    """Write the features of captures as Parquet."""
    from .features.extract import write_parquet

    _announce_compilation()
    if labels is None:
        from .features.extract import extract as run

        table = run(captures, level=level.value)
    else:
        if level is Level.packet:
            raise ConfigError("--labels goes with --level flow: windows are what is labelled")
        if len(captures) != 1:
            raise ConfigError("--labels FILE goes with one capture")
        from .datasets.loading import labelled_frame

        table = labelled_frame(captures[0], labels)
    write_parquet(table, output, level=level.value)
    _say(f"{output}: {len(table)} rows")


@app.command()
def generate(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to mix.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    into: Annotated[
        Path | None,
        typer.Option(metavar="CAPTURE", help="Lay it into this capture, between its own hosts."),
    ] = None,
    rest: Annotated[
        str, typer.Option(help="Label of that capture's own packets, or unknown.")
    ] = "benign",
) -> None:
    """Generate labelled traffic as a capture, or into one."""
    from .generators import generate as run
    from .generators import inject, load_config

    mixture = load_config(config)
    if into is None:
        made = run(mixture, seed=seed)
    else:
        made = inject(mixture, into, seed=seed, rest=None if rest == "unknown" else rest)
    folder = made.write(output)
    _say(f"{folder}: {len(made.labels)} packets, {len(made.conversations)} conversations")


@app.command()
def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="The experiment.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path(
        "out/train"
    ),
    tracking_uri: Annotated[
        str | None, typer.Option(help="MLflow server; by default a store in the output folder.")
    ] = None,
    benign_captures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Unlabelled captures of your own: learnt from as presumed benign."
        ),
    ] = None,
    alerts_per_day: Annotated[
        float | None,
        typer.Option(metavar="N", help="False alerts a day that you can take on such traffic."),
    ] = None,
    contamination: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share of your own windows that may be covert."),
    ] = 0.01,
) -> None:
    """Train, evaluate, export and track a model as an experiment file says."""
    from .experiments import run
    from .experiments.site import SiteOptions, text

    site = None
    if benign_captures is not None:
        site = SiteOptions(benign_captures, alerts_per_day, contamination)
    elif alerts_per_day is not None:
        raise ConfigError("--alerts-per-day goes with --benign-captures: whose day is it?")
    _log_to_stderr()
    result = run(config, output, tracking_uri=tracking_uri, n_jobs=_JOBS, site=site)
    if result.site is not None:
        typer.echo(text(result.site), err=True)
    typer.echo(json.dumps(result.summary(), indent=1))


@app.command()
def calibrate(
    model: Annotated[
        str, typer.Argument(metavar="MODEL|default", help="Model folder, or the one shipped.")
    ],
    captures: Annotated[
        list[Path], typer.Argument(metavar="CAPTURES...", help="Your ordinary traffic, unlabelled.")
    ],
    alerts_per_day: Annotated[
        float, typer.Option(metavar="N", help="False alerts a day that you can take.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the model.")],
    known: Annotated[
        list[Path] | None,
        typer.Option(metavar="DATA", help="Labelled covert traffic: what the change costs."),
    ] = None,
    allow: Annotated[Path | None, typer.Option(help="TOML file of what is permitted.")] = None,
) -> None:
    """Move a model's threshold to your network's volume; nothing is trained."""
    from .allow import load_allow
    from .experiments.site import calibrate as run

    _log_to_stderr()
    _announce_compilation()
    result = run(
        None if model == "default" else model,
        captures,
        alerts_per_day=alerts_per_day,
        out=output,
        known=known or (),
        allow=None if allow is None else load_allow(allow),
    )
    typer.echo(result.text(), nl=False)
    _say(f"{result.folder}: scan with --model {result.folder}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    data: Annotated[
        list[Path], typer.Argument(metavar="DATA...", help="Labelled captures or Parquet.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the report.")],
) -> None:
    """Measure a model on labelled data."""
    from .experiments import evaluate as run

    _log_to_stderr()
    result = run(model, data, output, n_jobs=_JOBS)
    typer.echo(json.dumps(result.summary(), indent=1))


@app.command()
def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    form: Annotated[Export, typer.Option("--format", help="What to write.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
) -> None:
    """Export a model for other programs."""
    from .export import load
    from .export.files import write_lightgbm, write_onnx

    loaded = load(model)
    if form is Export.mlflow:
        import pandas as pd

        from .tracking import save_model

        example = pd.DataFrame(loaded.samples[:5], columns=list(loaded.schema.names))
        written = save_model(loaded, model, output, example=example)
    else:
        write = write_onnx if form is Export.onnx else write_lightgbm
        written = write(loaded, output)
    _say(f"{written}")


@app.command()
def features(
    form: Annotated[Listing, typer.Option("--format", help="How to list.")] = Listing.table,
) -> None:
    """List every feature with unit, meaning and source."""
    from .features import reference

    typer.echo(reference(form.value), nl=False)


def main() -> None:
    """Run the command and turn every expected failure into one line and status 2."""
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        _say(" ".join(error.format_message().split()))
        sys.exit(2)
    except NalpmlError as error:
        _say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
