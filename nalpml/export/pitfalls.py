"""The ten pitfalls of machine learning in security, answered for a model from its own figures.

Arp et al., "Dos and Don'ts of Machine Learning in Computer Security", USENIX Security 2022. What
an answer claims is read from the model's facts where there are any, and said to be missing where
there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nalpml.export.threshold import Threshold


def answers(meta: Mapping[str, Any], threshold: Threshold) -> list[tuple[str, str]]:
    """Answer each pitfall.

    Parameters
    ----------
    meta : mapping
        ``data``, ``parameters``, ``fold_by`` and ``evaluation`` of a model.
    threshold : Threshold
        Of the model.

    Returns
    -------
    list of (str, str)
        Pitfall and answer, P1 to P10.
    """
    found = meta.get("evaluation") or {}
    return [
        ("P1 sampling bias", _sampling(meta)),
        ("P2 label inaccuracy", "Labels are set per packet, by the generator or by the addresses "
         "and ports of sessions that the laboratory itself ran; a window takes the majority of "
         "its packets, covert winning a tie. Background traffic of the laboratory is taken as "
         "benign because nothing else ran."),
        ("P3 data snooping", _snooping(meta)),
        ("P4 spurious correlations", _spurious(found)),
        ("P5 biased parameters", "Hyper-parameters are written in the experiment file. The "
         "threshold is chosen on the same cross-fitted scores that the figures below are stated "
         "for where they are called cross-fitted, which makes the false positive rate at the "
         "threshold optimistic."),
        ("P6 inappropriate baseline", _baselines(found)),
        ("P7 inappropriate measures", "Recall at stated false positive rates with intervals that "
         "resample tools and captures, precision-recall, calibration; at the level of windows and "
         "of host pairs; \"not estimable\" below 10 / FPR negatives. Accuracy is not reported."),
        ("P8 base-rate fallacy", _worth(found)),
        ("P9 laboratory only", "Yes: generated traffic and a laboratory of network namespaces "
         "with emulated paths. It has not watched a live network; the rate at a site must be "
         "measured there before anybody relies on it."),
        ("P10 threat model", "Whoever knows the features can imitate ordinary traffic in size, "
         "content and timing, send slower than a window lasts, or hide among many packets of an "
         "ordinary conversation; no adaptive attack was trained against. "
         f"{_threshold(threshold)}"),
    ]  # fmt: skip


def _sampling(meta: Mapping[str, Any]) -> str:
    rows = meta.get("data") or []
    kinds = ", ".join(f"{r.get('dataset')}: {r.get('groups')} tools and captures" for r in rows)
    return (
        "Present. Training traffic is generated and from one laboratory"
        + (f" ({kinds})" if kinds else "")
        + "; which tools there are, how often, and the share of covert windows are chosen, not "
        "observed. A site's own traffic differs."
    )


def _snooping(meta: Mapping[str, Any]) -> str:
    by = meta.get("fold_by")
    folds = {
        "tool": "tool and capture",
        "benign_session": "tool (covert) and pair of hosts (benign)",
        "kindred": "family of kindred tools, with all captures they are in",
    }.get(str(by), "group")
    kin = "" if by == "kindred" else " Kindred tools can be on both sides."
    return (
        f"Folds hold out by {folds}.{kin} Calibration and threshold come from trees that had not "
        "seen the fold. Features and profiles were designed with public captures of such tools at "
        "hand, and errors on captures that are not trained on were looked at between rounds: "
        "figures on those are of a development set, not of a blind test."
    )


def _spurious(found: Mapping[str, Any]) -> str:
    known = {
        "shuffled labels": found.get("permutation_auc"),
        "artefacts alone (clock, addresses, ports, capture size)": found.get("artefact_auc"),
    }
    measured = [f"{name} {value:.3f}" for name, value in known.items() if value is not None]
    controls = (
        f"Controls, area under ROC where chance is 0.5: {'; '.join(measured)}."
        if measured
        else "The controls (shuffled labels, artefacts alone) were not run for this model."
    )
    return (
        "Addresses, ports and absolute times are not features; profiles draw what a protocol "
        f"leaves open from wide ranges. {controls} Stack and path of the laboratory's machines "
        "can still be learnt from TTL, window sizes and timing."
    )


def _baselines(found: Mapping[str, Any]) -> str:
    others = sorted(found.get("baselines") or {})
    if others:
        return f"Judged on the same windows: {', '.join(others)}."
    return (
        "Not judged beside this model itself; rules of the field, other learners and other "
        "feature sets stand beside the same method in the transfer experiment."
    )


def _worth(found: Mapping[str, Any]) -> str:
    rows = found.get("base_rates") or []
    if not rows:
        return "Recall and false positive rate are not both known, so nothing can be said."
    said = "; ".join(f"{100 * r['ppv']:.2g} % at a share of {r['base_rate']:g}" for r in rows)
    return (
        f"At the threshold an alert is true with a probability of {said} of covert windows, at "
        "the rates measured here, whose benign part is hard on purpose."
    )


def _threshold(threshold: Threshold) -> str:
    if threshold.estimable:
        return ""
    return (
        f"The rate of {threshold.target_fpr:g} is not established by the {threshold.negatives:,} "
        "benign windows that the threshold was chosen on."
    )
