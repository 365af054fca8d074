"""Runs, kept by MLflow. The only module that imports it.

By default the store is a SQLite file in the output folder with artifacts beside it, and nothing
leaves the machine; a tracking URI names a server instead.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nalpml.errors import ConfigError

if TYPE_CHECKING:
    from nalpml.datasets import Dataset
    from nalpml.export import Model

LOADER = "nalpml.export.pyfunc"

_URI = "MLFLOW_TRACKING_URI"
_QUIET = ("mlflow", "alembic", "sqlalchemy")
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # Standard output holds data alone.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def _mlflow() -> Any:
    """Import MLflow quiet and offline."""
    os.environ.update({k: v for k, v in _ENVIRONMENT.items() if k not in os.environ})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.data
        import mlflow.pyfunc
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


def default_uri(folder: str | Path) -> str:
    """Tracking URI of the store in an output folder.

    Parameters
    ----------
    folder : str or Path
        Output folder.

    Returns
    -------
    str
        ``sqlite:///…/mlruns.db``.
    """
    return f"sqlite:///{(Path(folder).resolve() / 'mlruns.db').as_posix()}"


class Run:
    """A run that is open.

    Attributes
    ----------
    id : str
        MLflow's identifier of the run.
    uri : str
        Tracking URI of its store.
    """

    def __init__(self, mlflow: Any, run_id: str, uri: str) -> None:
        self._mlflow = mlflow
        self.id = run_id
        self.uri = uri

    def params(self, values: Mapping[str, Any], *, prefix: str = "") -> None:
        """Log parameters; nested mappings become dotted names.

        Parameters
        ----------
        values : mapping
            JSON values.
        prefix : str
            Put before every name.
        """
        flat = {prefix + key: str(value)[:500] for key, value in _flat(values).items()}
        if flat:
            self._mlflow.log_params(flat)

    def metrics(self, values: Mapping[str, Any], *, prefix: str = "") -> None:
        """Log every finite number of a nested mapping, under its dotted name.

        Parameters
        ----------
        values : mapping
            For example an evaluation; text and None are left out.
        prefix : str
            Put before every name.
        """
        numbers = {}
        for key, value in _flat(values).items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and np.isfinite(value):
                numbers[_name(prefix + key)] = float(value)
        if numbers:
            self._mlflow.log_metrics(numbers)

    def dataset(self, data: Dataset, *, context: str) -> None:
        """Log which data a run used.

        Parameters
        ----------
        data : Dataset
            The data; its digest goes with it.
        context : str
            ``training`` or ``evaluation``.
        """
        frame = data.X.assign(label=data.y.astype(object))
        with _silence():
            item = self._mlflow.data.from_pandas(
                frame, targets="label", name=data.name[:400], digest=data.digest
            )
            self._mlflow.log_input(item, context=context)

    def artifact(self, path: str | Path, *, to: str | None = None) -> None:
        """Log a file or a folder.

        Parameters
        ----------
        path : str or Path
            What to log.
        to : str, optional
            Folder among the run's artifacts.
        """
        path = Path(path)
        if path.is_dir():
            self._mlflow.log_artifacts(str(path), to)
        else:
            self._mlflow.log_artifact(str(path), to)

    def pictures(self, found: Mapping[str, bytes], *, to: str = "figures") -> None:
        """Log figures.

        Parameters
        ----------
        found : mapping of str to bytes
            PNG by name.
        to : str
            Folder among the run's artifacts.
        """
        with tempfile.TemporaryDirectory() as folder:
            for name, data in found.items():
                Path(folder, f"{name}.png").write_bytes(data)
            self.artifact(folder, to=to)

    def model(
        self,
        model: Model,
        folder: str | Path,
        *,
        example: pd.DataFrame,
        register: str | None = None,
        judged: Mapping[str, Any] | None = None,
    ) -> str:
        """Log a model folder as an MLflow model, with signature and input example.

        Parameters
        ----------
        model : Model
            The model.
        folder : str or Path
            Where it was saved; MLflow stores this folder as it is.
        example : DataFrame
            A few rows of features.
        register : str, optional
            Name to register it under. The version gets the alias ``champion``, unless the
            present champion has a greater ``pr_auc`` on the same data: then ``challenger``.
        judged : mapping, optional
            ``digest`` of the data and ``pr_auc`` on them.

        Returns
        -------
        str
            URI to load it by: ``mlflow.pyfunc.load_model(uri)``; of a registered model also
            ``models:/NAME@champion``.

        Raises
        ------
        ConfigError
            When the store keeps no registry of models.
        """
        with _silence():
            info = self._mlflow.pyfunc.log_model(
                name="model",
                loader_module=LOADER,
                data_path=str(folder),
                **_description(self._mlflow, model, example),
            )
            if register is not None:
                try:
                    version = self._mlflow.register_model(info.model_uri, register).version
                    _alias(self._mlflow.MlflowClient(), register, str(version), judged or {})
                except self._mlflow.exceptions.MlflowException as error:
                    reason = str(error).splitlines()[0][:200]
                    raise ConfigError(
                        f"tracking store {self.uri}: cannot register the model ({reason})"
                    ) from error
        return str(info.model_uri)


def _alias(client: Any, name: str, version: str, judged: Mapping[str, Any]) -> None:
    """Call a version champion or challenger."""
    for key in ("digest", "pr_auc"):
        client.set_model_version_tag(name, version, f"nalpml.{key}", str(judged.get(key, "")))
    champion = client.get_registered_model(name).aliases.get("champion")
    alias = "champion"
    if champion is not None:
        tags = client.get_model_version(name, champion).tags
        same = tags.get("nalpml.digest") == str(judged.get("digest", ""))
        if same and float(tags.get("nalpml.pr_auc") or 0) > float(judged.get("pr_auc") or 0):
            alias = "challenger"
    client.set_registered_model_alias(name, alias, version)


def _description(mlflow: Any, model: Model, example: pd.DataFrame) -> dict[str, Any]:
    from nalpml.export.pyfunc import Scorer

    return {
        "signature": mlflow.models.infer_signature(example, Scorer(model).predict(example)),
        "input_example": example,
        # Named, not inferred: inference would install and probe packages.
        "pip_requirements": ["nalpml"],
        "metadata": {
            "model": model.id,
            "schema": model.schema.digest,
            "schema_version": model.schema.version,
            "classes": list(model.classes),
            "threshold": model.threshold.value,
        },
    }


def save_model(
    model: Model, bundle: str | Path, folder: str | Path, *, example: pd.DataFrame
) -> Path:
    """Write an MLflow model folder, without any store.

    Parameters
    ----------
    model : Model
        The model.
    bundle : str or Path
        Where it was saved.
    folder : str or Path
        What to write; must not exist, or be empty.
    example : DataFrame
        A few rows of features.

    Returns
    -------
    Path
        The folder, which ``mlflow.pyfunc.load_model`` takes.

    Raises
    ------
    ConfigError
        When the folder is in use or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: is not empty; name a new folder")
    mlflow = _mlflow()
    try:
        with _silence():
            mlflow.pyfunc.save_model(
                path=str(folder),
                loader_module=LOADER,
                data_path=str(bundle),
                **_description(mlflow, model, example),
            )
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder


@contextlib.contextmanager
def run(
    experiment: str,
    name: str,
    *,
    folder: str | Path,
    tracking_uri: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Iterator[Run]:
    """Open a run, nested in the one that is open, if any.

    Parameters
    ----------
    experiment : str
        Name of the MLflow experiment; made when it is not there.
    name : str
        Name of the run.
    folder : str or Path
        Output folder, for the default store.
    tracking_uri : str, optional
        Another store; by default ``MLFLOW_TRACKING_URI``, else SQLite in the folder.
    tags : mapping, optional
        Tags of the run.

    Yields
    ------
    Run
        Closed on leaving, as failed when an error passes.

    Raises
    ------
    ConfigError
        When the store cannot be reached or opened.
    """
    mlflow = _mlflow()
    before = os.environ.get(_URI)  # where MLflow keeps what was set
    local = default_uri(folder)
    uri = tracking_uri or before or local
    try:
        with _silence():
            outer = mlflow.active_run()
            if outer is None:
                mlflow.set_tracking_uri(uri)
                number = _experiment(mlflow, experiment, Path(folder) if uri == local else None)
            else:
                number = outer.info.experiment_id
            opened = mlflow.start_run(
                run_name=name, experiment_id=number, nested=True, tags=dict(tags or {})
            )
    except Exception as error:
        _restore(mlflow, before)
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(f"tracking store {uri}: cannot be used ({reason[:200]})") from error
    status = "FINISHED"
    try:
        yield Run(mlflow, opened.info.run_id, uri)
    except BaseException:
        status = "FAILED"
        raise
    finally:
        with _silence():
            mlflow.end_run(status)
        if mlflow.active_run() is None:
            _restore(mlflow, before)


def _experiment(mlflow: Any, name: str, folder: Path | None) -> str:
    """Identifier of the experiment, made when it is not there."""
    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = None if folder is None else (folder.resolve() / "mlartifacts").as_uri()
    return str(mlflow.create_experiment(name, artifact_location=location))


def _restore(mlflow: Any, uri: str | None) -> None:
    mlflow.set_tracking_uri(None)
    if uri is not None:
        os.environ[_URI] = uri


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep warnings and chatter of MLflow and its dependencies off both streams."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.ERROR)
        yield


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            result |= _flat(value, f"{prefix}{key}.")
        else:
            result[f"{prefix}{key}"] = value
    return result


def _name(text: str) -> str:
    """A metric name that every store takes."""
    return "".join(c if c.isalnum() or c in "_-./ " else "_" for c in text)[:250]
