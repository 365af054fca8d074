"""What MLflow loads when it is asked for a model: the folder itself, nothing pickled.

MLflow finds `_load_pyfunc` by the name of this module, which is written in its ``MLmodel`` file;
mlflow itself is not imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nalpml.errors import SchemaError
from nalpml.export.bundle import Model, load

if TYPE_CHECKING:
    import pandas as pd


class Scorer:
    """Scores frames of features.

    Parameters
    ----------
    model : Model
        The model.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, X: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Score rows.

        Parameters
        ----------
        X : DataFrame
            Has a column for each feature of the model, by name; others are ignored.
        params : dict, optional
            Not used.

        Returns
        -------
        DataFrame
            ``score``, ``label`` and ``alert`` of each row.

        Raises
        ------
        SchemaError
            When a feature is missing, naming it.
        """
        import pandas as pd

        missing = [name for name in self.model.schema.names if name not in X.columns]
        if missing:
            raise SchemaError(f"features are missing: {', '.join(missing)}")
        rows = X[list(self.model.schema.names)].to_numpy(dtype=np.float32)
        score = self.model.score(rows)
        return pd.DataFrame(
            {
                "score": score,
                "label": self.model.label(rows).astype(object),
                "alert": score >= self.model.threshold.value,
            },
            index=X.index,
        )


def _load_pyfunc(path: str) -> Scorer:
    return Scorer(load(path, check_schema=False))
