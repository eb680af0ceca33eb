"""Realistic situations, against what a person who knows the facts would recommend."""

import tomllib
from pathlib import Path
from typing import Any, cast

import pytest

from tests.unit.advise.shipped import advised, named

SITUATIONS = cast(
    "list[dict[str, Any]]",
    tomllib.loads((Path(__file__).parent / "situations.toml").read_text())["situation"],
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=[one["name"] for one in SITUATIONS])
def test_situation(situation: dict[str, Any]) -> None:
    told = advised(**situation["answers"])
    choice = told.choice
    assert ("none" if choice is None else choice.profile.name) == situation["expect"]
    if choice is not None:
        if "options" in situation:
            assert [option.name for option in choice.options] == situation["options"]
        shown = named(reason.fact for reason in choice.reasons)
        assert set(situation.get("reasons", ())) <= shown
    excluding = named(fact for one in told.ranking for miss in one.unmet for fact in miss.facts)
    assert set(situation.get("excluded", ())) <= excluding
    additions = [addition.profile.name for addition in told.additions]
    assert additions == situation.get("additions", additions)


def test_there_are_enough() -> None:
    assert len(SITUATIONS) >= 40
    assert {one["expect"] for one in SITUATIONS} == {"flannel", "calico", "canal", "cilium", "none"}
