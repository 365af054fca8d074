"""MODEL_CARD.md from facts in the model; nothing here is typed in by hand.

What only a person knows (intended use, limits) comes from the experiment file's ``[card]`` table
by way of ``meta["card"]``; numbers come from ``meta`` as training and evaluation left them. A
fact that is not there is said not to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nalpml.channels import TECHNIQUE
from nalpml.export.pitfalls import answers

if TYPE_CHECKING:
    from nalpml.export.bundle import Model


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
        *_site(meta),
        "## Training data",
        _data(meta),
        "## Parameters",
        _parameters(meta),
        "## Evaluation on held-out data",
        _evaluation(meta),
        "## Ten pitfalls (Arp et al. 2022)",
        _table(("pitfall", "here"), list(answers(meta, t))),
    ]
    return "\n\n".join(sections) + "\n"


def _words(words: Any, key: str) -> str:
    text = words.get(key, "") if isinstance(words, Mapping) else ""
    return str(text).strip() or "Not stated in the experiment file."


def _site(meta: Mapping[str, Any]) -> list[str]:
    """Before and after a site's own traffic; nothing where there was none."""
    site = meta.get("site") or {}
    if not site:
        return []
    rows = [tuple(row) for row in site.get("table", [])]
    return [
        "## A site's own traffic",
        _table(("", "before", "after"), rows),
        "\n".join(f"- {line}" for line in site.get("remarks", [])),
    ]


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
        (name, evaluation[name], "", "")
        for name in ("pr_auc", "roc_auc", "brier", "ece", "false_positive_rate")
        if name in evaluation
    ]
    head = (
        f"{evaluation.get('n', 0):,} windows ({evaluation.get('n_covert', 0):,} covert) of "
        f"{evaluation.get('n_groups', 0)} groups; intervals resample groups."
    )
    parts = [head, _table(("windows", "value", "low", "high"), rows), _pairs(evaluation)]
    parts += [
        "At the threshold, by tool (a tool's windows are alike, so the truth is wider):",
        _table(
            ("tool", "windows", "recall", "low", "high"),
            [
                (tool, r.get("n"), r.get("recall"), r.get("low"), r.get("high"))
                for tool, r in sorted(evaluation.get("by_tool", {}).items())
            ],
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _pairs(evaluation: Mapping[str, Any]) -> str:
    pairs = evaluation.get("host_pairs") or {}
    found = pairs.get("by_channel_at_fpr") or {}
    rows = [
        (
            name, r["n"], f"{r['fpr']:g}" + ("" if r["estimable"] else " (too few benign pairs)"),
            r["recall"], r["low"], r["high"],
        )
        for name, several in found.items()
        for r in several
    ]  # fmt: skip
    if not rows:
        return ""
    head = f"Pairs of hosts, {pairs['n_covert']:,} covert and {pairs['n_benign']:,} benign:"
    return head + "\n\n" + _table(("channel", "pairs", "FPR", "recall", "low", "high"), rows)
