from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from nalpml.datasets import Dataset
from nalpml.errors import ConfigError
from nalpml.features import schema
from nalpml.models import baselines, controls
from nalpml.models.baselines import beacon, feature_sets, nfstream, rules


def windows(n: int, *, seed: int = 0, start=None, covert=None, **columns) -> Dataset:
    """Windows of random features, with some columns given."""
    rng = np.random.default_rng(seed)
    names = schema().names
    X = pd.DataFrame(rng.normal(size=(n, len(names))), columns=list(names))
    X[rng.random(X.shape) < 0.1] = np.nan
    covert = np.zeros(n, bool) if covert is None else covert
    X["entropy_ratio_orig"] = np.where(covert, 2.0, -2.0)
    for name, values in columns.items():
        X[name] = values
    X["vsock_consumed_share"] = np.nan  # a feature without any evidence
    start = np.arange(n) * 10.0 if start is None else np.asarray(start, float)
    identity = pd.DataFrame(
        {
            "start": start,
            "end": start + 1,
            "proto": "tcp",
            "src": "10.0.0.1",
            "sport": 40000,
            "dst": "10.0.0.2",
            "dport": 80,
            "flow_uid": [f"f{i}" for i in range(n)],
            "packets": [[3, 3]] * n,
            "bytes": [[300, 400]] * n,
        }
    )
    return Dataset(
        X=X.astype(np.float32),
        y=np.where(covert, "tcp_c2", "benign"),
        tool=np.array([f"tool{i % 7}" for i in range(n)]),
        capture=np.full(n, "one.pcap"),
        source=np.full(n, "captured"),
        identity=identity,
        schema=schema(),
    )


def test_rules_read_their_features_and_miss_none():
    X = pd.DataFrame(
        {
            "size_mean_orig": [10.0, np.nan],
            "size_mean_resp": [30.0, np.nan],
            "icmp_changed_share": [0, 1],
            "epsilon_similarity_resp": [0.99, 0.4],
        }
    )
    assert rules.payload_size(X).tolist() == [30, 0]
    assert rules.payload_entropy(X).tolist() == [0, 0]
    assert rules.reply_differs(X).tolist() == [0, 1]
    assert rules.epsilon_similarity(X).tolist() == [0.99, 0.4]


def test_entropy_of_times_is_unusual_on_both_sides():
    ordinary = pd.DataFrame({"conditional_entropy_orig": np.linspace(1.6, 1.8, 101)})
    X = pd.DataFrame({"conditional_entropy_orig": [0.0, 1.7, 2.2, np.nan]})
    found = rules.unusual_entropy(X, ordinary)
    assert found[[0, 2]].tolist() == [1, 1]
    assert found[1] < 0.02
    assert found[3] == 0


def test_beacon_score_tells_a_clock_from_a_person():
    rng = np.random.default_rng(0)
    clock = np.arange(60) * 60.0
    person = np.sort(rng.uniform(0, clock[-1], 60)) ** 2 / clock[-1]
    sizes = rng.pareto(1.0, 60) * 1000 + 1
    span = (0.0, clock[-1])
    assert beacon.beacon(clock, np.full(60, 90.0), span) > 0.9
    assert beacon.beacon(person, sizes, span) < 0.7
    assert beacon.beacon(clock[:3], np.full(3, 90.0), span) == 0


def test_beacon_score_is_of_the_pair_of_hosts():
    data = windows(12)
    data.identity.loc[[2, 7], "dst"] = "10.9.9.9"
    found = beacon.scores(data)
    assert found[2] == found[7] == 0  # two connections are no beacon
    assert len(set(np.delete(found, [2, 7]))) == 1
    assert found[0] > 0.7


def flows(data: Dataset, **columns) -> pd.DataFrame:
    """NFStream's flows of given windows."""
    i = data.identity
    frame = pd.DataFrame(
        {
            "capture": data.capture,
            "protocol": 6,
            "src_ip": i["dst"],  # a window and a flow may disagree on who began
            "src_port": i["dport"],
            "dst_ip": i["src"],
            "dst_port": i["sport"],
            "bidirectional_first_seen_ms": (i["start"] * 1e3).astype(int),
            "bidirectional_last_seen_ms": (i["end"] * 1e3).astype(int),
            "bidirectional_packets": np.arange(len(data)),
            "src2dst_mean_ps": data.X["entropy_ratio_orig"] * 100,
            "application_name": "Unknown",
            "application_confidence": 0,
        }
    )
    return frame.assign(**columns)


def test_a_window_takes_the_nfstream_flow_of_its_ends_and_time():
    data = windows(5)
    shuffled = flows(data).sample(frac=1, random_state=0)
    joined = nfstream.join(data, shuffled)
    assert joined["bidirectional_packets"].tolist() == [0, 1, 2, 3, 4]
    elsewhere = nfstream.join(data, shuffled.assign(dst_port=1))
    assert len(elsewhere) == 5
    assert elsewhere["protocol"].isna().all()
    assert "protocol" in nfstream.statistics(joined)
    assert not [n for n in nfstream.statistics(joined) if "ip" in n.split("_") or "seen" in n]


def test_ndpi_verdict_grades_tunnel_unknown_guess_and_name():
    joined = pd.DataFrame(
        {
            "application_name": ["SOCKS", "Unknown", "HTTP", "HTTP", np.nan],
            "application_confidence": [6, 0, 1, 6, np.nan],
        }
    )
    assert nfstream.verdict(joined).tolist() == [3, 2, 1, 0, 2]


def test_what_is_not_nfstreams_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"capture": ["a"]}).to_parquet(path)
    with pytest.raises(ConfigError, match="no column"):
        nfstream.read(path)


def test_columns_taken_for_cicflowmeters_are_ours():
    ours = [name for group in feature_sets.CICFLOWMETER.values() for name in group]
    assert set(ours) <= set(schema().names)
    assert len(set(ours)) == len(ours)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    covert = np.arange(240) % 2 > 0
    data = windows(240, covert=covert)
    train, test = data.take(np.arange(160)), data.take(np.arange(160, 240))
    path = tmp_path_factory.mktemp("flows") / "flows.parquet"
    flows(data).to_parquet(path)
    return test, baselines.scores(train, test, nfstream=path, max_rows=120)


def test_every_baseline_scores_every_window(table):
    test, (found, skipped) = table
    assert skipped == {}
    assert list(found) == list(baselines.BASELINES)
    for name, score in found.items():
        assert score.shape == (len(test),), name
        assert np.isfinite(score).all(), name


@pytest.mark.parametrize(
    "name", ["logistic regression", "random forest", "histogram boosting", "NFStream features"]
)
def test_what_learns_from_labels_learns(table, name):
    test, (found, _) = table
    covert = test.covert
    assert roc_auc_score(covert, found[name]) > 0.7


@pytest.mark.parametrize("name", ["isolation forest", "one-class SVM", "Mahalanobis distance"])
def test_what_learns_from_benign_alone_ranks_what_it_never_saw_higher(name):
    train, test = windows(300), windows(60, seed=1)
    far = test.X.to_numpy(copy=True)
    far[30:] = np.sign(far[30:]) * 9  # out of every column's range
    strange = Dataset(**{**vars(test), "X": pd.DataFrame(far, columns=test.X.columns)})
    covert = np.arange(300) < 3
    labelled = Dataset(**{**vars(train), "y": np.where(covert, "tcp_c2", "benign")})
    score = baselines.BASELINES[name].run(baselines.Task(labelled, strange))
    assert np.median(score[30:]) > np.quantile(score[:30], 0.9)


def test_without_nfstreams_flows_two_baselines_say_why(tmp_path):
    data = windows(40, covert=np.arange(40) % 2 > 0)
    for path in (None, tmp_path / "none.parquet"):
        task = baselines.Task(data, data, nfstream=path)
        reasons = {row.name: row.lacks(task) for row in baselines.BASELINES.values()}
        told = {name: why for name, why in reasons.items() if why}
        assert set(told) == {"nDPI verdict", "NFStream features"}
        assert all("benchmarks/nfstream_flows.py" in why for why in told.values())


def test_shuffled_labels_give_chance():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 10)
    y = np.where(groups % 2, "socks", "benign")
    X = (rng.normal(size=(600, 5)) + (groups % 2)[:, None]).astype(np.float32)
    auc = controls.permutation_auc(
        X, y, groups.astype(str), seed=0, n_estimators=20, cv=3, n_jobs=1
    )
    assert 0.3 < auc < 0.7


def test_too_few_groups_cannot_be_judged():
    X = np.zeros((4, 1), dtype=np.float32)
    y = np.array(["socks", "benign"] * 2)
    assert np.isnan(controls.permutation_auc(X, y, np.array(["a", "b"] * 2), seed=0))
