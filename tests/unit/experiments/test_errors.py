"""The worst errors: who is listed, in which order, and with whose note."""

from __future__ import annotations

from pathlib import Path

import pytest

from nalpml.datasets import load_generated
from nalpml.errors import ConfigError
from nalpml.experiments.errors import Note, errors, load_notes, main, written
from nalpml.export import load


def test_errors_are_sessions_on_the_wrong_side(mixture: Path, small_model: Path) -> None:
    model, data = load(small_model), load_generated(mixture.parent)
    found = errors(model, data)
    score = model.score(data.matrix)
    threshold = model.threshold.value
    missed = found[found["kind"] == "miss"]
    false = found[found["kind"] == "false alert"]
    assert (missed["score"] < threshold).all()
    assert (false["score"] >= threshold).all()
    assert (missed["label"] != "benign").all()
    # One capture gives one line of each kind: the worst session in it.
    assert len(missed) == 1
    best: dict[tuple[str, str], float] = {}
    for pair, tool, s, covert in zip(data.host_pairs, data.tool, score, data.covert, strict=True):
        if covert:
            best[pair, tool] = max(best.get((pair, tool), 0.0), float(s))
    assert missed["score"].iloc[0] == min(best.values())
    assert len(false) == int((score[~data.covert] >= threshold).any())


def test_notes_stand_beside_the_captures_they_match(mixture: Path, small_model: Path) -> None:
    model, data = load(small_model), load_generated(mixture.parent)
    found = errors(model, data)
    (capture,) = set(found["capture"])
    text = written(model, data, found, [Note(match="other*", text="no"),
                                        Note(match=capture, text="seen it")])  # fmt: skip
    assert "seen it" in text
    assert "not looked at" in written(model, data, found, [])
    assert model.id in text


@pytest.mark.parametrize(
    "text, complaint", [("[[note]]\nmatch = 'a'", "text"), ("= 1", "not TOML")]
)
def test_wrong_notes_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "notes.toml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        load_notes(tmp_path / "notes.toml")


def test_the_command_writes_a_file(
    mixture: Path, small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "errors.md"
    assert main([str(mixture.parent), "-o", str(out), "--model", str(small_model)]) == 0
    assert "worst misses" in out.read_text()
    assert main([str(tmp_path / "none"), "-o", str(out), "--model", str(small_model)]) == 2
    assert "no such file" in capsys.readouterr().err
