"""What holds for the repository as a whole: public names, import rules, texts, data, pins."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import nalpml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TEXT = {".py", ".toml", ".md", ".ipynb", ".txt", ".json", ".csv", ".cfg", ".c", ".yml", ".yaml", ""}
CARD = ("Motivation", "Composition", "Labelling", "Preprocessing", "Splits and leakage")
CARD += ("Privacy and licence", "Limits")
HEAVY = ("lightgbm", "matplotlib", "mlflow", "numba", "pandas", "pyarrow", "scapy", "scipy")
HEAVY += ("sklearn",)


def tracked() -> list[Path]:
    """Files that git knows, or that it would take: no caches, no outputs."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git clone")
    names = done.stdout.decode().split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


def offences(pattern: str, files: list[Path]) -> list[str]:
    """Lines that match, as file:line."""
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def texts() -> list[Path]:
    """Tracked text files, this one excepted: it spells what it looks for."""
    mine = Path(__file__).resolve()
    return [path for path in tracked() if path.suffix in TEXT and path != mine]


# ------------------------------------------------------------------------------- public names


def test_public_names_exist_once_and_are_documented() -> None:
    names = nalpml.__all__
    assert len(set(names)) == len(names)
    for name in names:
        thing = getattr(nalpml, name)
        if callable(thing):
            assert thing.__doc__, f"nalpml.{name} has no docstring"


def test_dir_lists_the_public_names() -> None:
    assert set(nalpml.__all__) <= set(dir(nalpml))


def test_the_names_that_others_rely_on_are_public() -> None:
    contract = {"read", "flows", "extract", "generate", "CovertChannelDetector", "load"}
    assert contract <= set(nalpml.__all__)


def test_import_brings_no_heavy_package() -> None:
    code = "import sys, nalpml; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stdout.split())


def test_versions_agree() -> None:
    version = PROJECT["project"]["version"]
    assert nalpml.__version__ == version
    assert re.search(
        rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


# ------------------------------------------------------------------------------- import rules


def test_imports_run_one_way() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed beside this Python")
    done = subprocess.run([tool, "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# -------------------------------------------------------------------------------------- texts


def test_no_registry_host_or_machine_path() -> None:
    # Spelt in pieces, so that this file does not name what no file may name.
    dot = r"\."
    hosts = "|".join(
        dot.join(parts)
        for parts in (("pypi", "org"), ("files", "python" + "hosted"), ("deb", "debian", "org"),
                      ("registry", "npm" + "js"), ("conda", "anaconda"))
    )  # fmt: skip
    paths = "|".join(f"/{top}/" for top in ("wo" + "rk", "ro" + "ot", "home/[a-z]+", "fa" + "rm"))
    assert offences(f"{hosts}|{paths}", texts()) == []


def test_nothing_is_left_undone() -> None:
    words = r"\b(TODO|FIXME|XXX|NotImplementedError)\b|mark\.xfail|[Pp]laceholder"
    code = [path for path in texts() if path.suffix in {".py", ".toml", ".md", ".ipynb", ".c"}]
    assert offences(words, code) == []


def test_package_neither_unpickles_nor_evaluates() -> None:
    inside = [path for path in texts() if path.is_relative_to(ROOT / "nalpml")]
    code = [path for path in inside if path.suffix == ".py"]
    banned = r"^\s*(import|from) (pickle|cloudpickle|dill|marshal)\b|joblib\.load|shell=True"
    assert offences(banned + r"|(?<![.\w])(eval|exec)\(", code) == []


def test_files_stay_small() -> None:
    code = [path for path in tracked() if path.suffix == ".py"]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    # The shipped model is the one thing that may be larger: a few megabytes, all in all.
    model = ROOT / "nalpml" / "export" / "default"
    octets = {path: path.stat().st_size for path in tracked()}
    assert sum(size for path, size in octets.items() if path.is_relative_to(model)) < 10 << 20
    others = {path: size for path, size in octets.items() if not path.is_relative_to(model)}
    assert {str(path): size for path, size in others.items() if size > 2 << 20} == {}


def test_make_targets_named_in_the_texts_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / ".ci" / "run"]:
        named |= set(re.findall(r"(?:`|^\s*)make ([a-z]+)", path.read_text(), re.MULTILINE))
    assert named
    assert named <= targets


# ------------------------------------------------------------------------------------ folders


def test_top_level_is_what_the_design_says() -> None:
    folders = {"nalpml", "notebooks", "datasets", "experiments", "tests", "benchmarks", "docs"}
    present = {path.relative_to(ROOT).parts[0] for path in tracked() if path.parent != ROOT}
    assert present - folders - {".ci"} == set()


def test_notebooks_are_stored_without_outputs() -> None:
    notebooks = [path for path in tracked() if path.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        assert re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem), f"{path.name}: numbered names"
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], f"{path.name} is stored with outputs"
                assert cell["execution_count"] is None, f"{path.name} is stored with counts"


def shipped_captures() -> list[Path]:
    endings = (".pcap", ".pcapng", ".pcap.gz")
    return [path for path in tracked() if path.name.endswith(endings)]


def test_every_folder_of_captures_has_a_card_with_the_fixed_headings() -> None:
    captures = shipped_captures()
    folders = {path.parent for path in captures if path.is_relative_to(ROOT / "datasets")}
    assert folders
    for folder in folders:
        card = (folder / "CARD.md").read_text()
        headings = re.findall(r"^## (.+?)\s*$", card, re.MULTILINE)
        missing = [part for part in CARD if not any(h.startswith(part) for h in headings)]
        assert missing == [], f"{folder.name}/CARD.md lacks {missing}"
        assert any(h.startswith(("Collection", "Recipe")) for h in headings), folder.name


def test_every_capture_in_datasets_is_labelled_and_in_its_manifest() -> None:
    captures = shipped_captures()
    for folder in {path.parent for path in captures if path.is_relative_to(ROOT / "datasets")}:
        with (folder / "manifest.csv").open(newline="") as file:
            stated = {row["name"]: row["sha256"] for row in csv.DictReader(file)}
        present = {path.name.split(".pcap")[0]: path for path in captures if path.parent == folder}
        assert set(stated) == set(present)
        for name, path in present.items():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == stated[name], path.name
            assert (folder / f"{name}.json").is_file(), f"{path.name} has no labels"


def test_every_experiment_says_what_it_asks_and_loads() -> None:
    experiments = import_module("nalpml.experiments")
    configs = sorted((ROOT / "experiments").glob("*/config.toml"))
    assert configs
    for path in configs:
        experiments.load_experiment(path)
        text = (path.parent / "README.md").read_text()
        for part in ("Question", "Command", "Result"):
            assert re.search(rf"^##? {part}", text, re.MULTILINE), f"{path.parent.name}: no {part}"


# --------------------------------------------------------------------------------------- pins


def pins() -> dict[str, str]:
    """Name to version, as constraints.txt has them."""
    rows = [line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()]
    assert rows == sorted(rows)
    return dict(rows)


def test_constraints_hold_names_and_versions_alone() -> None:
    for name, version in pins().items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name)
        assert re.fullmatch(r"[0-9][0-9A-Za-z.+]*", version)


def test_every_declared_dependency_is_pinned() -> None:
    project = PROJECT["project"]
    declared = [*project["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    for extra in project["optional-dependencies"].values():
        declared += extra
    names = {re.split(r"[\[<>=!~ ]", entry)[0].lower() for entry in declared}
    assert names - set(pins()) == set()
