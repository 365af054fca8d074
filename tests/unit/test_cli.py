"""The command line: contracts, exit status, and one line for whatever cannot be used."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

import nalpml as nl
from nalpml.cli import main

COMMAND = [sys.executable, "-c", "from nalpml.cli import main; main()"]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, stdin: bytes = b"") -> Done:
    """Call the command in this process: a new one would import everything again."""
    out, err = io.StringIO(), io.StringIO()
    pipe = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)))
    with (
        mock.patch.object(sys, "argv", ["nalpml", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", pipe),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            return Done(int(stop.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main always exits")


@pytest.fixture(scope="module", autouse=True)
def compiled(mixture: Path) -> None:
    """Kernels are there already: the first call on a machine says that it compiles them."""
    nl.extract([mixture])


def refused(*arguments: object, stdin: bytes = b"") -> str:
    """Standard error of a call that must be refused as the contract says."""
    done = run(*arguments, stdin=stdin)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("nalpml: ")
    return lines[0]


def test_scan_writes_what_python_gives(small_model: Path, mixture: Path) -> None:
    done = run("scan", mixture, "--model", small_model, "--format", "jsonl", "--all")
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert printed == list(nl.load(small_model).stream(str(mixture)))


def test_scan_shows_alerts_alone_unless_asked(small_model: Path, mixture: Path) -> None:
    done = run("scan", mixture, "--model", small_model, "--format", "jsonl")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert printed
    assert all(verdict["alert"] for verdict in printed)


def test_standard_input_gives_the_same(small_model: Path, mixture: Path) -> None:
    options = ("--model", small_model, "--format", "csv", "--all")
    piped = run("scan", "-", *options, stdin=mixture.read_bytes())
    read = run("scan", mixture, *options)
    assert piped.stdout.replace(",-,", f",{mixture},") == read.stdout


def test_fail_on_alert_is_status_1(small_model: Path, mixture: Path, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.jsonl"
    options = ("--model", small_model, "--format", "jsonl", "-o", out)
    assert run("scan", mixture, *options, "--fail-on-alert").returncode == 1
    assert out.read_text().count("\n") > 0
    quiet = run("scan", mixture, *options, "--fail-on-alert", "--threshold", "1.0")
    assert quiet.returncode == 0


def test_a_cut_capture_is_read_up_to_the_damage(
    small_model: Path, mixture: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(mixture.read_bytes()[:-7])
    done = run("scan", cut, "--model", small_model, "--format", "jsonl", "--all")
    assert done.returncode == 0
    assert "warning" in done.stderr
    assert "cut off behind packet" in done.stderr
    assert done.stdout


def test_extract_writes_parquet_with_its_schema(mixture: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    out = tmp_path / "f.parquet"
    assert run("extract", mixture, "-o", out).returncode == 0
    table = pq.read_table(out)
    assert table.schema.metadata[b"nalpml.schema_digest"].decode() == nl.schema().digest
    names = list(nl.schema().names)
    assert table.column_names[-len(names) :] == names
    assert {str(table.schema.field(name).type) for name in names} == {"float"}
    packets = tmp_path / "p.parquet"
    assert run("extract", mixture, "-o", packets, "--level", "packet").returncode == 0
    assert pq.read_metadata(packets).num_rows > table.num_rows


def test_extract_with_labels_can_be_evaluated(
    small_model: Path, mixture: Path, tmp_path: Path
) -> None:
    import pandas as pd

    out, report = tmp_path / "labelled.parquet", tmp_path / "report"
    labels = mixture.with_name("labels.parquet")
    assert run("extract", mixture, "--labels", labels, "-o", out).returncode == 0
    assert {"benign", "icmp_tunnel"} <= set(pd.read_parquet(out)["label"])
    done = run("evaluate", small_model, out, "-o", report)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_covert"] > 0
    assert (report / "report" / "index.html").is_file()


def test_generate_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    config = tmp_path / "mix.toml"
    config.write_text('[[entry]]\nprofile = "ping.*"\ncount = 2\n')
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run("generate", config, "-o", tmp_path / name, "--seed", seed).returncode == 0
    first, again, other = ((tmp_path / n / "traffic.pcap").read_bytes() for n in "abc")
    assert first == again
    assert first != other


@pytest.mark.parametrize("form", ["table", "json", "md"])
def test_features_lists_every_feature(form: str) -> None:
    done = run("features", "--format", form)
    assert done.returncode == 0, done.stderr
    # A table may cut long names; the other forms may not.
    wanted = nl.schema().names if form != "table" else nl.schema().names[:1]
    assert all(name in done.stdout for name in wanted)


def test_version_and_help() -> None:
    assert run("--version").stdout == f"nalpml {nl.__version__}\n"
    assert "scan" in run().stdout


# ------------------------------------------------------------------------------ bad input


def test_a_missing_capture(small_model: Path, tmp_path: Path) -> None:
    assert "none.pcap" in refused("scan", tmp_path / "none.pcap", "--model", small_model)


def test_an_empty_capture(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.touch()
    assert "empty file" in refused("scan", path, "--model", small_model)


def test_a_text_file(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("this is no capture, it is a text about captures\n")
    line = refused("scan", path, "--model", small_model)
    assert "notes.txt" in line
    assert "not a pcap" in line


def test_a_folder(small_model: Path, tmp_path: Path) -> None:
    assert "folder" in refused("scan", tmp_path, "--model", small_model)


def test_a_missing_model(mixture: Path, tmp_path: Path) -> None:
    assert "no such model" in refused("scan", mixture, "--model", tmp_path / "none")


def test_a_model_of_other_features(small_model: Path, mixture: Path, tmp_path: Path) -> None:
    import hashlib
    import shutil

    from nalpml.features import Schema

    folder = shutil.copytree(small_model, tmp_path / "model")
    schema = nl.schema()
    (name, revision), *others = schema.features
    changed = Schema(schema.level, ((name, revision + 1), *others))
    (folder / "schema.json").write_text(changed.to_json())
    head = json.loads((folder / "model.json").read_text())
    data = (folder / "schema.json").read_bytes()
    head["sha256"]["schema.json"] = hashlib.sha256(data).hexdigest()
    (folder / "model.json").write_text(json.dumps(head))
    assert name in refused("scan", mixture, "--model", folder)


def test_an_unknown_key_in_an_experiment(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    known = (repository / "experiments" / "demo" / "config.toml").read_text()
    path.write_text("learning_rat = 0.1\n" + known)
    line = refused("train", path, "-o", tmp_path / "out")
    assert "config.toml" in line
    assert "learning_rat" in line


def test_an_unknown_key_in_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "mix.toml"
    path.write_text('[[entry]]\nprofile = "ping.*"\ncount = 1\ncolour = "blue"\n')
    assert "colour" in refused("generate", path, "-o", tmp_path / "out")


def test_an_unwritable_output(small_model: Path, mixture: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = tmp_path / "file" / "out"
    for arguments in (
        ("scan", mixture, "--model", small_model, "-o", nowhere),
        ("extract", mixture, "-o", nowhere),
        ("export", small_model, "--format", "lightgbm", "-o", nowhere),
    ):
        assert "cannot be written" in refused(*arguments)


def test_unusable_arguments(mixture: Path) -> None:
    assert "--format" in refused("scan", mixture, "--format", "xml")
    assert "--colour" in refused("scan", mixture, "--colour")
    assert "threshold" in refused("scan", mixture, "--threshold", "2").lower()
    refused("scan")
    refused("frobnicate")


def test_a_closed_pipe_is_no_error(small_model: Path, mixture: Path) -> None:
    environment = dict(os.environ)
    command = [*COMMAND, "scan", str(mixture), "--model", str(small_model), "--all"]
    with subprocess.Popen(
        [*command, "--format", "jsonl"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
