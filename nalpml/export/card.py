"""MODEL_CARD.md from facts in the model; nothing here is typed in by hand.

What only a person knows (intended use, limits) comes from the experiment file's ``[card]`` table
by way of ``meta["card"]``; numbers come from ``meta`` as training and evaluation left them. A
fact that is not there is said not to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nalpml.channels import TECHNIQUE

if TYPE_CHECKING:
    from nalpml.export.bundle import Model

# Arp et al., "Dos and Don'ts of Machine Learning in Computer Security", USENIX Security 2022.
_PITFALLS = (
    ("P1 sampling bias", "Training traffic is generated and from a laboratory; a site's own "
     "traffic differs. Figures on real captures are stated per capture and per tool."),
    ("P2 label inaccuracy", "Labels are set per packet by the generator or by the laboratory's "
     "own sessions; a window takes the majority of its packets."),
    ("P3 data snooping", "Folds and held-out data are separated by tool and capture; threshold "
     "and calibration come from folds that did not train the trees they judge."),
    ("P4 spurious correlations", "Addresses, ports and absolute times are not features; profiles "
     "draw what a protocol leaves open from wide ranges; the permutation control is reported."),
    ("P5 biased parameters", "Hyper-parameters are written in the experiment file; none is chosen "
     "on held-out captures."),
    ("P6 inappropriate baseline", "Rules used in the field, logistic regression and random forest "
     "stand in the same table of the evaluation report."),
    ("P7 inappropriate measures", "Recall at stated false positive rates, precision-recall and "
     "calibration; accuracy is not reported."),
    ("P8 base-rate fallacy", "The report gives the probability that an alert is true, and alerts "
     "a day, at stated base rates."),
    ("P9 laboratory only", "Real captures made by real tools are held out and reported apart from "
     "generated traffic."),
    ("P10 threat model", "An operator who imitates ordinary traffic in size, content and timing "
     "can stay below the threshold; see the limits."),
)  # fmt: skip


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(_cell(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "not estimable"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def render(model: Model) -> str:
    """Write the card.

    Parameters
    ----------
    model : Model
        The model; ``meta`` may hold ``card`` (intended_use, out_of_scope, limits), ``data``
        (rows of dataset, windows, covert, sha256), ``parameters`` and ``evaluation``
        (see :func:`nalpml.models.metrics.evaluate`).

    Returns
    -------
    str
        Markdown.
    """
    meta, t, c = model.meta, model.threshold, model.calibration
    words = meta.get("card", {})
    sections = [
        f"# Model card: {model.id}",
        f"Finds covert channels outside the application layer (ATT&CK {TECHNIQUE}) in "
        f"{model.schema.level} windows of packet captures. LightGBM, {len(model.classes)} classes, "
        f"{len(model.schema.names)} features, schema {model.schema.digest}.",
        "## Intended use",
        _words(words, "intended_use"),
        "## Out of scope",
        _words(words, "out_of_scope"),
        "## Limits",
        _words(words, "limits"),
        "## Labels",
        ", ".join(f"`{name}`" for name in model.classes),
        "## Score and threshold",
        f"score = 1 / (1 + exp(-({c.slope!r} * z + {c.intercept!r}))), where z is the log-odds of "
        "covert against benign from the trees' margins (formula in model.json); calibrated on "
        f"groups that the trees had not seen, at a share of {c.prior:.3g} covert windows.",
        f"A window alerts at score >= {t.value:.6g} (95 % interval {t.low:.6g} to {t.high:.6g}), "
        f"chosen for a false positive rate of {t.target_fpr:g} on {t.negatives:,} benign windows "
        + (
            "of held-out groups."
            if t.estimable
            else "of held-out groups. That is fewer than 10 / rate: the rate is **not estimable** "
            "from them, and the threshold is an upper order statistic."
        ),
        "## Training data",
        _data(meta),
        "## Parameters",
        _parameters(meta),
        "## Evaluation on held-out data",
        _evaluation(meta),
        "## Ten pitfalls (Arp et al. 2022)",
        _table(("pitfall", "here"), list(_PITFALLS)),
    ]
    return "\n\n".join(sections) + "\n"


def _words(words: Any, key: str) -> str:
    text = words.get(key, "") if isinstance(words, Mapping) else ""
    return str(text).strip() or "Not stated in the experiment file."


def _data(meta: Mapping[str, Any]) -> str:
    rows = meta.get("data") or []
    if not rows:
        return "Not recorded."
    header = ("dataset", "windows", "covert", "groups", "digest")
    return _table(header, [tuple(row.get(key, "") for key in header) for row in rows])


def _parameters(meta: Mapping[str, Any]) -> str:
    parameters = meta.get("parameters") or {}
    if not parameters:
        return "Not recorded."
    return _table(("parameter", "value"), sorted(parameters.items()))


def _evaluation(meta: Mapping[str, Any]) -> str:
    evaluation = meta.get("evaluation") or {}
    if not evaluation:
        return "Not recorded."
    rows = [
        (f"recall at FPR {r['fpr']:g}", r.get("recall"), r.get("low"), r.get("high"))
        for r in evaluation.get("recall_at_fpr", [])
    ]
    rows += [
        (f"recall at the threshold, {tool}", r.get("recall"), r.get("low"), r.get("high"))
        for tool, r in sorted(evaluation.get("by_tool", {}).items())
    ]
    rows += [
        (name, evaluation[name], "", "")
        for name in ("pr_auc", "roc_auc", "brier", "ece", "false_positive_rate")
        if name in evaluation
    ]
    head = (
        f"{evaluation.get('n', 0):,} windows ({evaluation.get('n_covert', 0):,} covert) of "
        f"{evaluation.get('n_groups', 0)} groups."
    )
    return head + "\n\n" + _table(("measure", "value", "low", "high"), rows)
