"""The inventory file: what is saved is what is loaded; whatever is wrong is told with its place."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Inventory
from cniadvisor.k8s.inventory_file import load, save

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_inventories_are_read_and_written_back(path: Path) -> None:
    inventory = load(path.read_text(), name=path.name)
    assert inventory.items("/api/v1/nodes")
    assert load(json.dumps(save(inventory))) == inventory


def test_each_outcome_survives() -> None:
    inventory = Inventory(
        reads={
            "/api/v1/nodes": Found(body={"items": [{"metadata": {"name": "n"}}]}),
            "/version": Found(body={"gitVersion": "v1"}),
            "/apis/a/v1/b": Absent(),
            "/apis/a/v1/c": Forbidden(right="list c.a"),
            "/apis/a/v1/d": Forbidden(right="list d.a", status=401),
            "/apis/a/v1/e": Failed(reason="HTTP 503", status=503),
            "/apis/a/v1/f": Failed(reason="no answer in time"),
            "host:/etc/cni/net.d": Found(body={"n": {"10-x.conflist": "{}"}}),
        }
    )
    assert load(json.dumps(save(inventory))) == inventory


def test_a_recorded_403_without_its_right_gets_it_from_the_path() -> None:
    read = load('{"/apis/apps/v1/daemonsets": {"status": 403}}').read("/apis/apps/v1/daemonsets")
    assert read == Forbidden(right="list daemonsets.apps")


def test_an_object_with_a_status_of_its_own_is_no_failure() -> None:
    body = '{"kind": "Namespace", "status": {"phase": "Active"}}'
    assert isinstance(
        load(f'{{"/api/v1/namespaces/x": {body}}}').read("/api/v1/namespaces/x"), Found
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1"),
        ('{\n "/version": }', "line 2, column 14"),
        ("[]", "is a JSON object"),
        ('{"nodes": {}}', '"nodes"'),
        ('{"/api/v1/nodes": []}', '"/api/v1/nodes"'),
        ('{"/api/v1/nodes": {"items": {}}}', "items must be a list"),
        ('{"/api/v1/nodes": {"items": [1]}}', "items[0]"),
        ('{"/api/v1/nodes": {"status": 403, "right": 1}}', "right must be a text"),
        ('{"host:/etc": {"n": "text"}}', "node n"),
        ('{"host:/etc": {"n\\u001b[2J": 1}}', "node n[2J"),
        ("[" * 100_000, "nested too deeply"),
        (f'{{"/version": {{"a": {"1" * 5000}}}}}', "too many digits"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_place(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(text, name="my\x1bfile.json")
    assert caught.value.message.startswith("myfile.json")
    assert told in caught.value.message
    assert "\x1b" not in caught.value.message
    assert caught.value.hint


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["/version", "/api/v1/nodes", "host:/x", "y"]), _json))
def test_any_json_is_either_an_inventory_or_a_usage_error(content: dict[str, object]) -> None:
    try:
        inventory = load(json.dumps(content))
    except UsageError:
        return
    assert load(json.dumps(save(inventory))) == inventory


@given(st.text(max_size=50))
def test_no_text_does_worse_than_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert isinstance(load(text), Inventory)


def test_reading_a_file_needs_no_cluster_library() -> None:
    code = (
        "import sys, cniadvisor.k8s.inventory_file; "
        "sys.exit(any(m in sys.modules for m in ('kubernetes', 'aiohttp', 'yaml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
