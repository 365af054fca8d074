"""CovertChannelDetector: LightGBM behind scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from nalpml.channels import BENIGN
from nalpml.errors import SchemaError
from nalpml.export import Model
from nalpml.export import calibration as _calibration
from nalpml.export.lgbm import Booster
from nalpml.features import Schema
from nalpml.models import _boost
from nalpml.models.threshold import choose

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

N_SAMPLES = 16


class CovertChannelDetector(ClassifierMixin, BaseEstimator):
    """Gradient-boosted trees with a calibrated score and a threshold for a stated FPR.

    Trees are trained once per fold of held-out groups, and once on everything. Margins of the
    folds, each on groups it has not seen, fit the calibration curve and choose the threshold;
    the last trees are the model.

    Parameters
    ----------
    n_estimators : int
        Boosting rounds: as many trees tell covert from benign, and as many a covert channel
        tell which channel.
    learning_rate : float
        Shrinkage of each round.
    num_leaves : int
        Leaves of a tree that tells covert from benign.
    channel_leaves : int
        Leaves of a tree that tells covert channels apart.
    min_child_samples : int
        Least rows in a leaf.
    min_child_weight : float
        Least sum of Hessians in a leaf.
    feature_fraction : float
        Share of features that a tree may use.
    bagging_fraction : float
        Share of rows that a tree sees.
    extra_trees : bool
        Try one random threshold of a feature at a node (Geurts et al. 2006), not the best.
    reg_lambda : float
        L2 penalty on leaf values.
    max_bin : int
        Histogram bins a feature.
    balance : float
        Exponent in [0, 1]: a group's total weight is its size to this power, and so is a
        class's. 1 leaves rows as they are; 0 gives every class, and every group in it, the same
        say.
    benign_share : float or None
        Share of all weight that benign rows have; None leaves it to ``balance``.
    target_fpr : float
        False positive rate that the threshold is chosen for.
    cv : int
        Folds for calibration and threshold; below 2 there are none, and the score is raw.
    n_jobs : int
        Threads. The same number gives the same model, byte for byte. More than one pays only on
        cores that are idle: LightGBM's threads wait for each other by spinning.
    random_state : int
        Seed of folds and of feature and row sampling.

    Attributes
    ----------
    classes_ : ndarray
        Labels in sorted order, as the columns of `predict_proba`.
    benign_ : label
        ``"benign"`` when it is a class, else the first class.
    model_text_ : str
        The trees, LightGBM text; benign is its class 0.
    calibration_ : Calibration
        From margins to the score.
    threshold_ : Threshold
        Where an alert begins.
    cross_fitted_ : ndarray, shape (n,), float64
        Score of each training row by trees that had not seen its group; NaN where there are none.
    n_features_in_ : int
        Columns of ``X``.
    feature_names_in_ : ndarray of str
        Column names, when ``X`` was a data frame.

    Notes
    -----
    Missing values are allowed and are meaningful: NaN is "no evidence". Values are rounded to
    float32 before training, so that every runtime compares the numbers that were trained on.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 3))
    >>> y = np.where(X[:, 0] > 0.5, "icmp_tunnel", "benign")
    >>> detector = CovertChannelDetector(n_estimators=20, target_fpr=1e-2).fit(X, y)
    >>> detector.predict([[2.0, 0.0, np.nan], [-2.0, 0.0, 0.0]]).tolist()
    ['icmp_tunnel', 'benign']
    """

    def __init__(
        self,
        *,
        n_estimators: int = 200,
        learning_rate: float = 0.08,
        num_leaves: int = 31,
        channel_leaves: int = 7,
        min_child_samples: int = 10,
        min_child_weight: float = 1e-3,
        feature_fraction: float = 0.7,
        bagging_fraction: float = 1.0,
        extra_trees: bool = False,
        reg_lambda: float = 1.0,
        max_bin: int = 255,
        balance: float = 0.5,
        benign_share: float | None = 0.5,
        target_fpr: float = 1e-4,
        cv: int = 5,
        n_jobs: int = 1,
        random_state: int = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.channel_leaves = channel_leaves
        self.min_child_samples = min_child_samples
        self.min_child_weight = min_child_weight
        self.feature_fraction = feature_fraction
        self.bagging_fraction = bagging_fraction
        self.extra_trees = extra_trees
        self.reg_lambda = reg_lambda
        self.max_bin = max_bin
        self.balance = balance
        self.benign_share = benign_share
        self.target_fpr = target_fpr
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn that NaN is allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        sample_weight: Any = None,
        *,
        fold_groups: Any = None,
    ) -> Self:
        """Train, calibrate and choose the threshold.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Features; NaN where there is no evidence.
        y : array-like, shape (n,)
            Labels.
        groups : array-like, shape (n,), optional
            Tool or capture of each row: what folds keep together and weights balance. Without
            it, every row is its own group.
        sample_weight : array-like, shape (n,), optional
            Weights that multiply the balancing weights; rows of weight 0 are left out.
        fold_groups : array-like, shape (n,), optional
            What folds keep together, where it differs from what weights balance.

        Returns
        -------
        CovertChannelDetector
            Itself.

        Raises
        ------
        ValueError
            When there is one class only, a value is infinite, or lengths differ.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if groups is not None:
            check_consistent_length(X, groups)
        if fold_groups is not None:
            check_consistent_length(X, fold_groups)
        self.classes_, code = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"only one class, {self.classes_[0]!r}, is present: a classifier needs at least two"
            )
        order = self._order()
        self.benign_ = self.classes_[order[0]]
        kept = np.flatnonzero(weight > 0)
        target = np.argsort(order)[code[kept]]  # benign becomes class 0 of the trees
        rows = _float32(X[kept])
        group = _codes(groups, kept)
        fold = group if fold_groups is None else _codes(fold_groups, kept)
        balance = _boost.balance_weights(target, group, self.balance, self.benign_share)
        balanced = weight[kept] * balance
        self.model_text_ = self._train(rows, target, balanced)
        margins = np.full(len(target), np.nan)
        for learn, judge in _boost.folds(target, fold, self.cv, self.random_state):
            text = self._train(rows[learn], target[learn], balanced[learn])
            margins[judge] = _calibration.log_odds(Booster(text).raw(rows[judge]))
        seen = ~np.isnan(margins)
        self.calibration_ = _calibration.fit(margins[seen], target[seen] > 0, balanced[seen])
        scores = self.calibration_.score(margins)
        self.cross_fitted_ = np.full(len(y), np.nan)
        self.cross_fitted_[kept] = scores
        judged = seen & (target == 0)
        self.threshold_ = choose(
            scores[judged],
            None if fold is None else fold[judged],
            target_fpr=self.target_fpr,
            seed=self.random_state,
        )
        names = _boost.feature_names(getattr(self, "feature_names_in_", None), rows.shape[1])
        self._model = self._to_model(Schema("flow", tuple((name, 1) for name in names)), {})
        self._samples = _spread(rows, self._model.score(rows))
        return self

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Most probable class.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Features.

        Returns
        -------
        ndarray, shape (n,)
            Labels.
        """
        probability = self.predict_proba(X)
        result: npt.NDArray[Any] = self.classes_[probability.argmax(axis=1)]
        return result

    def predict_proba(self, X: Any) -> F64:
        """Calibrated class probabilities.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Features.

        Returns
        -------
        ndarray, shape (n, n_classes), float64
            In the order of ``classes_``.
        """
        rows = self._rows(X)
        return self._model.predict_proba(rows)[:, np.argsort(self._order())]

    def covert_score(self, X: Any) -> F64:
        """Calibrated P(covert), the sum over all classes but benign.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Features.

        Returns
        -------
        ndarray, shape (n,), float64
            In [0, 1].
        """
        rows = self._rows(X)
        return self._model.score(rows)

    def alert(self, X: Any) -> npt.NDArray[np.bool_]:
        """Whether a window alerts at the chosen threshold.

        Parameters
        ----------
        X : array-like, shape (n, n_features)
            Features.

        Returns
        -------
        ndarray, shape (n,), bool
            ``covert_score(X) >= threshold_.value``.
        """
        return np.asarray(self.covert_score(X) >= self.threshold_.value)

    def to_model(self, schema: Schema, meta: Mapping[str, Any] | None = None) -> Model:
        """Make the portable model.

        Parameters
        ----------
        schema : Schema
            Features in the order of the training matrix's columns.
        meta : mapping, optional
            Name, provenance and metrics, JSON values.

        Returns
        -------
        Model
            Scores as this detector does.

        Raises
        ------
        SchemaError
            When the schema is not that of the training matrix.
        """
        check_is_fitted(self)
        named = [str(n) for n in getattr(self, "feature_names_in_", schema.names)]
        if len(schema.names) != self.n_features_in_ or named != list(schema.names):
            raise SchemaError(
                f"the detector was trained on {self.n_features_in_} columns that are not the "
                f"{len(schema.names)} features of the schema, in its order"
            )
        return self._to_model(schema, meta or {})

    def _to_model(self, schema: Schema, meta: Mapping[str, Any]) -> Model:
        return Model(
            model_text=self.model_text_,
            schema=schema,
            classes=tuple(str(name) for name in self.classes_[self._order()]),
            calibration=self.calibration_,
            threshold=self.threshold_,
            meta=meta,
            samples=getattr(self, "_samples", np.zeros((0, len(schema.names)), dtype=np.float32)),
        )

    def _rows(self, X: Any) -> F32:
        check_is_fitted(self)
        return _float32(
            validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        )

    def _order(self) -> I64:
        """Positions in ``classes_``, benign first."""
        found = np.flatnonzero(self.classes_.astype(str) == BENIGN)
        first = int(found[0]) if len(found) else 0
        order: I64 = np.r_[first, np.delete(np.arange(len(self.classes_)), first)]
        return order

    def _train(self, X: F32, target: I64, weight: F64) -> str:
        parameters = {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_child_samples,
            "min_sum_hessian_in_leaf": self.min_child_weight,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": int(self.bagging_fraction < 1),
            "extra_trees": self.extra_trees,
            "lambda_l2": self.reg_lambda,
            "max_bin": self.max_bin,
            "seed": self.random_state,
            "num_threads": self.n_jobs,
        }
        names = _boost.feature_names(getattr(self, "feature_names_in_", None), X.shape[1])
        size = (len(self.classes_), self.n_estimators)
        return _boost.train(
            X, target, weight, names, *size, parameters, channel_leaves=self.channel_leaves
        )


def _codes(groups: Any, kept: I64) -> I64 | None:
    """Group numbers of the rows that are kept."""
    if groups is None:
        return None
    codes: I64 = np.unique(np.asarray(groups), return_inverse=True)[1][kept]
    return codes


def _float32(X: F64) -> F32:
    limit = float(np.finfo(np.float32).max)
    return np.clip(X, -limit, limit).astype(np.float32)


def _spread(X: F32, score: F64) -> F32:
    """Rows from the least to the greatest score, for the self-test."""
    order = np.argsort(score, kind="stable")
    picks = np.unique(np.linspace(0, len(order) - 1, N_SAMPLES).astype(np.int64))
    return X[order[picks]]
