"""The page of all profiles: what each stands for, and a picture of one episode.

Run: ``python -m nalpml.report.profiles docs`` writes ``docs/profiles.md`` and a picture a family.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nalpml.generators import PROFILES, Entry, Generated, MixConfig, Profile, generate

__all__ = ["families", "main", "page", "picture"]

_COLUMNS = 6
_ORIGINATOR, _RESPONDER = "#0072B2", "#D55E00"
_SHOWN = 600
"""Packets drawn of an episode at most."""


def families(profiles: Mapping[str, Profile] = PROFILES) -> dict[str, list[Profile]]:
    """Profiles by the part of their name before the dot, covert families first."""
    found: dict[str, list[Profile]] = {}
    for profile in profiles.values():
        found.setdefault(profile.name.split(".", 1)[0], []).append(profile)
    order = sorted(found, key=lambda name: (found[name][0].label == "benign", name))
    return {name: found[name] for name in order}


def page(profiles: Mapping[str, Profile] = PROFILES) -> str:
    """Write the page as Markdown; the same profiles give the same text."""
    grouped = families(profiles)
    out = [
        "# Profiles of generated traffic\n",
        f"{len(profiles)} profiles in {len(grouped)} families, as `nalpml generate` names them.",
        "Made by `python -m nalpml.report.profiles docs`.\n",
        "In the pictures time runs to the right, to the seconds named; a line is a packet, as high",
        "as the logarithm of its length, up and blue from the originator, down and orange from the",
        "responder.\n",
    ]
    for family, members in grouped.items():
        out.append(f"## {family}\n")
        out.append(f"![Sizes and directions against time](profiles/{family}.png)\n")
        out.append("| profile | label | what it stands for |\n|---|---|---|")
        out += [
            f"| `{p.name}` | {p.label} | {' '.join(p.about.split()).replace('|', '/')} |"
            for p in members
        ]
        out.append("")
    return "\n".join(out)


def _episode(profile: Profile) -> Generated:
    for seed in range(1, 6):
        config = MixConfig(
            entry=(Entry(profile=profile.name, count=1),),
            duration=60,
            hosts=8,
            midstream=0,
            one_way=0,
        )
        made = generate(config, seed=seed)
        if len(made.frames) >= 8:
            break
    return made


def picture(members: Sequence[Profile]) -> bytes:
    """Draw one episode of each profile.

    Returns
    -------
    bytes
        A PNG.
    """
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(members) // _COLUMNS)
    width = min(_COLUMNS, max(2, len(members)))
    figure = Figure(figsize=(1.75 * width, 1.05 * rows + 0.05), dpi=72)
    FigureCanvasAgg(figure)
    for k, profile in enumerate(members):
        axes = figure.add_subplot(rows, width, k + 1)
        made = _episode(profile)
        seconds = (made.frames.time_ns - made.frames.time_ns[0])[:_SHOWN] / 1e9
        height = np.log2(1 + made.frames.original[:_SHOWN])
        back = made.labels["direction"].to_numpy()[:_SHOWN] == 1
        for side, colour, sign in ((~back, _ORIGINATOR, 1), (back, _RESPONDER, -1)):
            axes.vlines(seconds[side], 0, sign * height[side], colors=colour, linewidth=0.7)
        axes.axhline(0, color="#8A8F98", linewidth=0.4)
        axes.set_ylim(-13, 13)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        variant = profile.name.split(".", 1)[1]
        axes.set_title(f"{variant}  {seconds[-1]:.3g} s", fontsize=6.5, loc="left", pad=1.5)
    figure.subplots_adjust(
        left=0.01, right=0.995, bottom=0.02 / rows, top=1 - 0.16 / rows, hspace=0.3, wspace=0.06
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(prog="nalpml.report.profiles", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    (folder / "profiles.md").write_text(page(), encoding="utf-8")
    for family, members in families().items():
        (folder / "profiles" / f"{family}.png").write_bytes(picture(members))
    return 0


if __name__ == "__main__":
    sys.exit(main())
