"""PodMetrics objects as a real metrics-server 0.9 gives them, and as no server should."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.metrics.readings import duration_s, pod_reading

REAL: JsonObject = {
    "kind": "PodMetrics",
    "apiVersion": "metrics.k8s.io/v1beta1",
    "metadata": {"name": "kube-flannel-ds-kw2sw", "namespace": "kube-flannel"},
    "timestamp": "2026-11-23T05:49:33Z",
    "window": "15.484s",
    "containers": [
        {"name": "kube-flannel", "usage": {"cpu": "14068347n", "memory": "12732Ki"}},
        {"name": "other", "usage": {"cpu": "250m", "memory": "12Mi"}},
    ],
}


def test_a_real_answer() -> None:
    reading = pod_reading(REAL)
    assert reading is not None
    assert reading.ended == datetime(2026, 11, 23, 5, 49, 33, tzinfo=UTC)
    assert reading.began == datetime(2026, 11, 23, 5, 49, 17, 516000, tzinfo=UTC)
    assert reading.containers["kube-flannel"].cpu_millicores == pytest.approx(14.068347)
    assert reading.containers["kube-flannel"].memory_mib == pytest.approx(12732 / 1024)
    assert reading.containers["other"].cpu_millicores == 250
    assert reading.containers["other"].memory_mib == 12


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "yesterday"},
        {"timestamp": None},
        {"window": "0s"},
        {"window": "soon"},
        {"containers": []},
        {"containers": [{"name": "a", "usage": {"cpu": "lots", "memory": "1Mi"}}]},
        {"containers": [{"name": "a", "usage": {"cpu": "-1m", "memory": "1Mi"}}]},
        {"containers": [{"name": "a"}]},
    ],
)
def test_what_tells_no_usage_is_no_reading(change: JsonObject) -> None:
    assert pod_reading({**REAL, **change}) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15.484s", 15.484),
        ("1m0s", 60.0),
        ("1h2m3.5s", 3723.5),
        ("500ms", 0.5),
        ("0s", 0.0),
        ("", None),
        ("15", None),
        ("s", None),
        ("-15s", None),
        ("1m 0s", None),
        ("9" * 400 + "s", None),
    ],
)
def test_go_durations(text: str, seconds: float | None) -> None:
    assert duration_s(text) == (seconds if seconds is None else pytest.approx(seconds))


json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


@given(st.sampled_from(sorted(REAL)), json_values)
def test_nothing_a_server_says_raises(key: str, value: JsonValue) -> None:
    reading = pod_reading({**REAL, key: value})
    assert reading is None or reading.containers
