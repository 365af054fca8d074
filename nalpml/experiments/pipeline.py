"""Run an experiment, or judge a model: everything from data to report, kept by MLflow."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml import datasets, report, tracking
from nalpml.datasets import Dataset
from nalpml.datasets.site import load_unlabelled
from nalpml.errors import ConfigError
from nalpml.experiments import judging, searching, studies
from nalpml.experiments.config import Experiment, load_experiment
from nalpml.experiments.data import Prepared, check_sources, cut, prepare
from nalpml.experiments.selection import evidence
from nalpml.experiments.site import Learnt, SiteOptions, learn, told, told_as_table
from nalpml.experiments.studies import Study
from nalpml.export import Model
from nalpml.export import load as load_model
from nalpml.flows import WindowConfig
from nalpml.models import CovertChannelDetector, explain
from nalpml.models.site import score_curve
from nalpml.report import Part

F64 = npt.NDArray[np.float64]

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class Result:
    """Where everything is.

    Attributes
    ----------
    folder, model_dir, report : Path
        Output folder, model folder, HTML page.
    tracking_uri, run_id : str
        MLflow's store and run; empty when none was kept.
    evaluations : dict of str to dict
        By name, the most important first; see `nalpml.models.evaluation.evaluate_scores`.
    model : Model
        The model.
    site : dict or None
        Before and after a site's own traffic; see `nalpml.experiments.site`.
    """

    folder: Path
    model_dir: Path
    report: Path
    tracking_uri: str
    run_id: str
    evaluations: dict[str, dict[str, Any]]
    model: Model
    site: dict[str, Any] | None = None

    def summary(self) -> dict[str, Any]:
        """The figures that a terminal shows, as JSON values."""
        name, first = next(iter(self.evaluations.items()))
        keys = ("n", "n_covert", "recall", "false_positive_rate", "recall_at_fpr")
        return {
            "model": self.model.id,
            "evaluation": name,
            **{key: first[key] for key in keys},
            "pr_auc": first.get("pr_auc"),
            "model_dir": str(self.model_dir),
            "report": str(self.report),
            "tracking_uri": self.tracking_uri,
            "run_id": self.run_id,
        }


def run(
    config: Experiment | str | Path,
    out: str | Path,
    *,
    tracking_uri: str | None = None,
    base: str | Path | None = None,
    cache: str | Path | None = None,
    n_jobs: int = 1,
    site: SiteOptions | None = None,
) -> Result:
    """Train, judge, export, report and keep the run.

    Parameters
    ----------
    config : Experiment, str or Path
        The experiment, or its file.
    out : str or Path
        Output folder: ``model/``, ``report/``, ``data/``, ``evaluation.json``, ``studies.json``,
        ``RESULT.md`` (the tables that an experiment's README quotes), and the MLflow store when
        no other is named.
    tracking_uri : str, optional
        MLflow store.
    base : str or Path, optional
        What paths in the experiment are relative to; by default its file's folder.
    cache : str or Path, optional
        Folder for extracted features; by default ``cache/`` in the output folder.
    n_jobs : int
        Processes for reading captures.
    site : SiteOptions, optional
        A site's own captures, to learn from as presumed benign.

    Returns
    -------
    Result
        Where everything is.

    Raises
    ------
    ConfigError
        When the file, the data, the output folder or the store cannot be used.
    """
    if not isinstance(config, Experiment):
        base = Path(config).resolve().parent if base is None else base
        config = load_experiment(config)
    folder, root = _folder(out), Path("." if base is None else base).resolve()
    check_sources(config, root)
    if site is not None:
        site.check()
    settings = config.model_dump(mode="json", exclude={"card", "generate", "captures"})
    tags = {"nalpml.question": config.question}
    with tracking.run(
        config.name, config.name, folder=folder, tracking_uri=tracking_uri, tags=tags
    ) as kept:
        kept.params(settings)
        data = prepare(
            config,
            base=root,
            work=folder / "data",
            cache=folder / "cache" if cache is None else Path(cache),
            n_jobs=n_jobs,
        )
        _log.info("training on %r", data.train)
        kept.dataset(data.train, context="training")
        learnt = None
        if site is None:
            detector, scores = _train(config, data)
        else:
            learnt = _learn(config, data, site)
            detector, scores = learnt.detector, learnt.cross
            kept.dataset(learnt.site, context="site")
        meta = _meta(config, data) | {"covert_scores": score_curve(scores, data.train.y)}
        model = detector.to_model(data.train.schema, meta)
        if learnt is not None:
            model = told(model, learnt)
        parts = judging.every_part(config, data, model, scores, kept, make=_detector)
        found = _studies(config, data, root, cache or folder / "cache", n_jobs)
        evaluations = {part.name: part.result for part in parts}
        summary = evaluations[parts[0].name]
        meta = {**model.meta, "evaluation": _for_card(summary)}
        model = dataclasses.replace(model, meta=meta)
        model_dir = model.save(folder / "model")
        page = _report(
            folder / "report", f"Experiment {config.name}", config, model, parts, data, found,
            site=None if learnt is None else learnt.story,
        )  # fmt: skip
        _json(folder / "evaluation.json", evaluations)
        _json(folder / "studies.json", [dataclasses.asdict(study) for study in found])
        _write(folder / "RESULT.md", _in_words(parts, found))
        for part in parts:
            kept.metrics(judging.plain(part.result), prefix=f"{part.name}.")
        kept.metrics({"duplicates": data.duplicates, "threshold": model.threshold.to_dict()})
        kept.artifact(page.parent, to="report")
        for name in ("evaluation.json", "studies.json", "RESULT.md"):
            kept.artifact(folder / name)
        kept.model(
            model, model_dir, example=data.train.X.head(5), register=config.name, judged=summary
        )
        return Result(
            folder, model_dir, page, kept.uri, kept.id, evaluations, model,
            site=None if learnt is None else learnt.story,
        )  # fmt: skip


def evaluate(
    model: Model | str | Path,
    data: Sequence[str | Path],
    out: str | Path,
    *,
    tracking_uri: str | None = None,
    track: bool = False,
    cache: str | Path | None = None,
    n_jobs: int = 1,
    seed: int = 0,
) -> Result:
    """Judge a model on labelled data.

    Parameters
    ----------
    model : Model, str or Path
        A model, or its folder.
    data : sequence of str or Path
        Folders of captures with label files, generated folders, or Parquet with labels; what is
        named is pooled.
    out : str or Path
        Output folder: ``report/`` and ``evaluation.json``.
    tracking_uri : str, optional
        MLflow store; naming one keeps the run there.
    track : bool
        Whether to keep the run in a store in the output folder.
    cache : str or Path, optional
        Folder for extracted features.
    n_jobs : int
        Processes for reading captures.
    seed : int
        Of the resampling.

    Returns
    -------
    Result
        Where everything is.

    Raises
    ------
    ConfigError
        When data or output folder cannot be used.
    BundleError, SchemaError
        When the model cannot be loaded, or its features are not the data's.
    """
    if not data:
        raise ConfigError("no data: name at least one labelled folder or file")
    model_dir = Path() if isinstance(model, Model) else Path(model)
    model = model if isinstance(model, Model) else load_model(model)
    folder = _folder(out)
    parts = [datasets.load(path, cache=cache, n_jobs=n_jobs) for path in data]
    pooled = datasets.concatenate(parts, name="+".join(part.name for part in parts)[:200])
    part = judging.judged(
        "evaluation", "Everything that was named, pooled.", model, pooled, seed=seed
    )
    page = _report(folder / "report", f"Evaluation of {model.id}", None, model, [part], None)
    _json(folder / "evaluation.json", {part.name: part.result})
    uri = run_id = ""
    if track or tracking_uri:
        with tracking.run("evaluate", model.id, folder=folder, tracking_uri=tracking_uri) as kept:
            kept.dataset(pooled, context="evaluation")
            kept.metrics(judging.plain(part.result))
            kept.artifact(page.parent, to="report")
            uri, run_id = kept.uri, kept.id
    return Result(folder, model_dir, page, uri, run_id, {part.name: part.result}, model)


def _folder(out: str | Path) -> Path:
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder


def _detector(config: Experiment, **changes: Any) -> CovertChannelDetector:
    parameters = {**config.detector.model_dump(), **changes}
    return CovertChannelDetector(
        **parameters, target_fpr=config.target_fpr, random_state=config.seed
    )


def _train(config: Experiment, data: Prepared) -> tuple[CovertChannelDetector, F64]:
    """Fit on everything, and the score of each training window by other folds."""
    whole = data.whole
    weight, folds = evidence(whole), whole.fold_groups(config.fold_by)
    detector = _detector(config).fit(whole.X, whole.y, whole.groups, weight, fold_groups=folds)
    return detector, detector.cross_fitted_[: len(data.train)]


def _learn(config: Experiment, data: Prepared, options: SiteOptions) -> Learnt:
    """Fit with a site's own traffic as presumed benign."""
    limits = WindowConfig(config.windows.idle, config.windows.age, config.windows.packets)
    traffic = load_unlabelled(options.captures, config=limits)
    return learn(
        config, data.whole, len(data.train), traffic, options, make=_detector,
        holdout=data.holdout,
    )  # fmt: skip


def _studies(
    config: Experiment, data: Prepared, base: Path, cache: str | Path, n_jobs: int
) -> list[Study]:
    """Tables of trainings with less, each kept as a nested run with one nested run a row."""

    def make() -> CovertChannelDetector:
        return _detector(config, cv=0)

    def again(packets: int) -> Dataset:
        return cut(config, packets, base=base, cache=Path(cache), n_jobs=n_jobs)

    chosen = {**studies.STUDIES, "seeds": searching.seeds, "search": searching.search}
    found = []
    for name in config.studies:
        _log.info("study %s", name)
        with tracking.run(config.name, name, folder="."):
            one = (
                studies.packets(data, make, config.seed, again)
                if name == "packets"
                else chosen[name](data, make, config.seed)
            )
            for row in one.rows:
                with tracking.run(config.name, row["what"], folder=".") as inner:
                    for unit in ("pairs", "windows"):
                        inner.metrics({f"{r['fpr']:g}": r["recall"] for r in row[unit]},
                                      prefix=f"{unit}.recall_at_fpr_")  # fmt: skip
                    inner.metrics({"pr_auc": row["pr_auc"]})
        found.append(one)
    return found


def _in_words(parts: Sequence[Part], found: Sequence[Study]) -> str:
    """The tables that a README quotes, as Markdown."""
    blocks = [report.markdown(report.study(s.name, s.note, s.axis, s.rows)) for s in found]
    for part in parts:
        told = [report.markdown(one) for one in report.tables_of(part)[:3]]
        blocks.append("\n".join([f"### {part.name}", "", part.note, "", *told]))
        for key, what in (("permutation_auc", "Labels shuffled"), ("artefact_auc", "Artefacts")):
            if part.result.get(key) is not None:
                blocks.append(f"{what}: area under ROC {part.result[key]:.3f} (chance 0.5).\n")
    return "\n".join(blocks)


def _meta(config: Experiment, data: Prepared) -> dict[str, Any]:
    return {
        "name": config.name,
        "question": config.question,
        "seed": config.seed,
        "card": config.card.model_dump(),
        "data": [part.summary() for part in data.parts],
        "parameters": {**config.detector.model_dump(), "target_fpr": config.target_fpr},
        "windows": config.windows.model_dump(mode="json"),
        "fold_by": config.fold_by,
    }


def _report(
    folder: Path,
    title: str,
    config: Experiment | None,
    model: Model,
    parts: Sequence[Part],
    data: Prepared | None,
    found: Sequence[Study] = (),
    site: dict[str, Any] | None = None,
) -> Path:
    facts = []
    contributions = None
    if config is not None and data is not None:
        facts.append(("question", config.question))
        some = data.train.matrix[:: max(1, len(data.train) // 2000)]
        contributions = explain.contributions(model, some)
    tables = [report.study(s.name, s.note, s.axis, s.rows) for s in found]
    if site is not None:
        tables.insert(0, told_as_table(site))
    return report.write(
        folder,
        title=title,
        model=model,
        parts=parts,
        facts=facts,
        contributions=contributions,
        studies=tables,
        study_figures={
            f"study_{s.name.replace(' ', '_')}": report.study_curve(s.axis, s.rows) for s in found
        },
    )


def _for_card(result: dict[str, Any]) -> dict[str, Any]:
    """What of an evaluation goes into model.json and the card."""
    keys = (
        "dataset", "digest", "n", "n_covert", "n_benign", "n_groups", "recall", "recall_at_fpr",
        "false_positive_rate", "per_100k", "pr_auc", "roc_auc", "brier", "ece", "by_tool",
        "by_channel", "permutation_auc", "artefact_auc", "host_pairs", "detection_delay",
        "base_rates",
    )  # fmt: skip
    kept = {key: result[key] for key in keys if key in result}
    return kept | {"baselines": {name: {} for name in result.get("baselines", {})}}


def _json(path: Path, content: Any) -> None:
    _write(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
