"""The experiment file: TOML in, a checked experiment out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nalpml.experiments._toml import Table, read_table
from nalpml.generators import MixConfig

Share = Annotated[float, Field(gt=0, le=1)]
Protocol = Literal[
    "leave_kindred_out", "leave_one_tool_out", "leave_one_channel_out", "leave_one_capture_out",
    "capture_folds", "across_networks", "synthetic_to_real", "real_to_synthetic",
    "by_time", "random_rows",
]  # fmt: skip
StudyKind = Literal["feature_groups", "tools", "profiles", "packets", "seeds", "search"]


class Balanced(Table):
    """A mixture of all profiles, channels and tools in equal shares.

    Attributes
    ----------
    episodes, covert_share, vsock, exclude, duration, hosts
        As `nalpml.generators.training_mix` takes them.
    """

    episodes: int = Field(default=1000, ge=1)
    covert_share: float = Field(default=0.5, ge=0, le=1)
    vsock: bool = False
    exclude: tuple[str, ...] = ()
    duration: float = Field(default=600.0, gt=0)
    hosts: int = Field(default=200, ge=2)


class Mixture(Table):
    """Traffic to generate: a ``[[generate]]`` table.

    Attributes
    ----------
    name : str
        Names the folder and the dataset.
    use : str
        ``train`` or ``holdout``.
    seed : int, optional
        By default the experiment's.
    file : str, optional
        Mixture file beside the experiment file.
    mix : MixConfig, optional
        The same, written in place.
    balanced : Balanced, optional
        All profiles in equal shares.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    use: Literal["train", "holdout"] = "train"
    seed: int | None = Field(default=None, ge=0)
    file: str | None = None
    mix: MixConfig | None = None
    balanced: Balanced | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Mixture:
        if sum(part is not None for part in (self.file, self.mix, self.balanced)) != 1:
            raise ValueError("give one of file, mix and balanced")
        return self


class Captures(Table):
    """Labelled captures: a ``[[captures]]`` table.

    Attributes
    ----------
    path : str
        A folder of captures with label files, one capture, a generated folder, or Parquet;
        relative to the experiment file.
    use : str
        ``train`` or ``holdout``.
    name : str, optional
        By default the last part of the path.
    include, exclude : tuple of str
        Shell patterns over paths inside the folder.
    exclude_tools : tuple of str
        Shell patterns over tools whose windows are left out.
    """

    path: str
    use: Literal["train", "holdout"] = "train"
    name: str | None = None
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    exclude_tools: tuple[str, ...] = ()


class Windows(Table):
    """When flow windows close, and at which other lengths training sees them.

    Attributes
    ----------
    idle, age : float
        Seconds.
    packets : int
        Packets.
    least_packets : dict of str to int
        Packets that a training window of a label must have; see `selection.select`.
    least_series : dict of str to int
        Earlier flows of the pair of hosts after which a shorter window counts all the same.
    most_per_group : int, optional
        Training windows of one tool, profile or capture and label at the most.
    augment_snaplen : tuple of int
        Training windows are seen again as if the captures had been made with each of these snap
        lengths (octets of a frame), so that the model knows what missing payload looks like.
    augment_packets : tuple of int
        Training windows are cut again at each of these numbers of packets, so that the model
        also knows the beginning of a session.
    """

    idle: float = Field(default=60.0, gt=0)
    age: float = Field(default=120.0, gt=0)
    packets: int = Field(default=1000, ge=1)
    least_packets: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    least_series: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    most_per_group: Annotated[int, Field(ge=1)] | None = None
    augment_snaplen: tuple[Annotated[int, Field(ge=20)], ...] = ()
    augment_packets: tuple[Annotated[int, Field(ge=1)], ...] = ()


class Detector(Table):
    """Parameters of `nalpml.models.CovertChannelDetector`."""

    n_estimators: int = Field(default=200, ge=1)
    learning_rate: Share = 0.08
    num_leaves: int = Field(default=31, ge=2)
    channel_leaves: int = Field(default=7, ge=2)
    min_child_samples: int = Field(default=10, ge=1)
    min_child_weight: float = Field(default=1e-3, ge=0)
    feature_fraction: Share = 0.7
    bagging_fraction: Share = 1.0
    extra_trees: bool = False
    reg_lambda: float = Field(default=1.0, ge=0)
    max_bin: int = Field(default=255, ge=2)
    balance: float = Field(default=0.5, ge=0, le=1)
    benign_share: Annotated[float, Field(gt=0, lt=1)] | None = 0.5
    cv: int = Field(default=5, ge=0)
    n_jobs: int = Field(default=1, ge=1)


class Card(Table):
    """What only a person knows, for the model card.

    Attributes
    ----------
    intended_use, out_of_scope, limits : str
        Sentences.
    """

    intended_use: str = Field(min_length=1)
    out_of_scope: str = Field(min_length=1)
    limits: str = Field(min_length=1)


class Experiment(Table):
    """An experiment file.

    Attributes
    ----------
    name : str
        Names the model and the MLflow experiment.
    question : str
        What is asked.
    seed : int
        Of everything random.
    target_fpr : float
        False positive rate that the threshold is chosen for.
    generate, captures : tuple
        Data; at least one is for training.
    windows : Windows
        When flow windows close.
    detector : Detector
        How to train.
    fold_by : str
        What calibration and threshold hold out: ``tool`` (covert tools, benign profiles, real
        captures), or ``benign_session`` (covert tools; benign traffic by pair of hosts, so that
        the threshold speaks of kinds of benign traffic that training knows), or ``kindred``
        (real captures by families of tools that share code).
    protocols : tuple of str
        Evaluations by training again on parts of the training data.
    studies : tuple of str
        Tables of trainings with less to learn from or less to look at, see `studies`, or with
        other seeds or hyper-parameters, see `searching`.
    baselines : bool
        Whether to judge rules, other learners and other feature sets on held-out data too.
    nfstream : str, optional
        NFStream's flows of training and held-out captures, for the baselines that need them;
        relative to the experiment file. Where the file is not there, these are skipped.
    permutation : bool
        Whether to run the controls that must fail: shuffled labels, artefacts alone.
    card : Card
        Words for the model card.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    question: str = Field(min_length=1)
    seed: int = Field(default=0, ge=0, lt=2**31)
    target_fpr: float = Field(default=1e-4, gt=0, lt=1)
    generate: tuple[Mixture, ...] = ()
    captures: tuple[Captures, ...] = ()
    windows: Windows = Windows()
    detector: Detector = Detector()
    fold_by: Literal["tool", "benign_session", "kindred"] = "tool"
    protocols: tuple[Protocol, ...] = ()
    studies: tuple[StudyKind, ...] = ()
    baselines: bool = True
    nfstream: str | None = None
    permutation: bool = True
    card: Card

    @model_validator(mode="after")
    def _something_to_learn(self) -> Experiment:
        if "train" not in {*(g.use for g in self.generate), *(c.use for c in self.captures)}:
            raise ValueError("nothing to train on: add [[generate]] or [[captures]]")
        names = [part.name for part in self.generate]
        if len(set(names)) < len(names):
            raise ValueError("two [[generate]] tables have one name")
        return self


def load_experiment(path: str | Path) -> Experiment:
    """Read an experiment file.

    Parameters
    ----------
    path : str or Path
        TOML.

    Returns
    -------
    Experiment
        Checked.

    Raises
    ------
    ConfigError
        When the file cannot be read, or a key is unknown or wrong, naming it.
    """
    return read_table(path, Experiment, name="experiment")
