"""Suite files: what is accepted, and that whatever is wrong is named with file and line."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.suites import find_test, parse_suite
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import Suite
from cniadvisor.resources import suite_names, suite_text

GOOD = """\
name = "mine"
tests = ["tcp"]
rounds = 4
max_rounds = 8
target_half_width_percent = 3
duration_s = 5
warm_up_s = 0
idle_s = 1.5
streams = 2
"""


def changed(key: str, line: str) -> str:
    lines = [line if old.startswith(f"{key} =") else old for old in GOOD.splitlines()]
    return "\n".join(lines)


def test_values_arrive_where_they_belong() -> None:
    assert parse_suite(GOOD, source="mine.toml") == Suite(
        name="mine",
        tests=(TestName.TCP,),
        rounds=4,
        max_rounds=8,
        target_half_width_percent=3.0,
        duration_s=5.0,
        warm_up_s=0.0,
        idle_s=1.5,
        streams=2,
    )


def test_shipped_suites_are_valid_and_as_documented() -> None:
    assert suite_names() == ("quick", "standard", "thorough")
    suites: dict[str, Suite] = {}
    for name in suite_names():
        found = suite_text(name)
        suites[name] = parse_suite(found.text, source=found.source)
        assert suites[name].name == name
        assert [test for test in TestName if test in suites[name].tests] == [*suites[name].tests]
        assert {TestName.TCP, TestName.TCP_MULTI} <= set(suites[name].tests)
        assert suites[name].streams == 8
    rounds = {name: (s.rounds, s.max_rounds, s.duration_s) for name, s in suites.items()}
    assert rounds == {"quick": (3, 3, 2), "standard": (5, 15, 10), "thorough": (15, 15, 10)}
    widths = [s.target_half_width_percent for s in suites.values()]
    assert widths == [None, 2.5, None]


@pytest.mark.parametrize(
    ("key", "line", "message"),
    [
        ("rounds", 'rounds = "4"', "line 3: rounds must be a whole number from 1 to 100, not '4'"),
        ("rounds", "rounds = true", "line 3: rounds must be a whole number from 1 to 100"),
        ("rounds", "rounds = 4.0", "line 3: rounds must be a whole number from 1 to 100, not 4.0"),
        ("rounds", "rounds = 0", "line 3: rounds must be a whole number from 1 to 100, not 0"),
        ("max_rounds", "max_rounds = 3", "line 4: max_rounds must be a whole number from 4 to 100"),
        ("duration_s", "duration_s = nan", "line 6: duration_s must be a number from 1 to 3600"),
        ("duration_s", "duration_s = inf", "line 6: duration_s must be a number from 1 to 3600"),
        ("warm_up_s", "warm_up_s = -1", "line 7: warm_up_s must be a number from 0 to 3600"),
        ("idle_s", "idle_s = 1979-05-27", "line 8: idle_s must be a number from 0 to 3600"),
        ("streams", "streams = 129", "line 9: streams must be a whole number from 1 to 128"),
        ("name", 'name = "a b"', "line 1: name must be a word"),
        ("name", "name = 7", "line 1: name must be a word"),
        ("tests", "tests = []", "line 2: tests must be a list of test names"),
        ("tests", 'tests = "tcp"', "line 2: tests must be a list of test names"),
        ("tests", "tests = [1]", "line 2: tests must be a list of test names"),
        ("tests", 'tests = ["tcp", "tcp"]', "line 2: tests names tcp twice"),
        ("tests", 'tests = ["tpc"]', "line 2: unknown test: tpc"),
        ("streams", "[streams]", "line 9: streams must be a whole number"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(key: str, line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_suite(changed(key, line), source="mine.toml")
    assert caught.value.message.startswith(f"mine.toml, {message}")


@pytest.mark.parametrize(
    ("line", "place", "hint"),
    [
        ("duration = 5", "mine.toml, line 10: unknown key: duration", "did you mean duration_s?"),
        ("'max-rounds' = 5", "mine.toml, line 10: unknown key: max-rounds", "did you mean"),
        ("[[zebra]]", "mine.toml, line 10: unknown key: zebra", "there is name, tests,"),
    ],
)
def test_an_unknown_key_is_named_with_what_was_meant(line: str, place: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_suite(GOOD + line, source="mine.toml")
    assert caught.value.message == place
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("key", [line.split(" ")[0] for line in GOOD.splitlines()])
def test_a_missing_key_is_named(key: str) -> None:
    text = changed(key, "")
    with pytest.raises(UsageError) as caught:
        parse_suite(text, source="mine.toml")
    if key == "target_half_width_percent":
        assert "without target_half_width_percent" in caught.value.message
    else:
        assert caught.value.message == f"mine.toml: {key} is missing"


def test_a_fixed_number_of_rounds_needs_no_width() -> None:
    text = changed("target_half_width_percent", "").replace("rounds = 4", "rounds = 8")
    assert parse_suite(text, source="mine.toml").target_half_width_percent is None


def test_an_unknown_test_suggests_the_one_that_was_meant() -> None:
    with pytest.raises(UsageError) as caught:
        find_test("tcp_multi")
    assert caught.value.hint == "did you mean tcp-multi?"
    assert find_test("tcp-multi") is TestName.TCP_MULTI


def test_no_control_character_reaches_a_message() -> None:
    with pytest.raises(UsageError) as caught:
        parse_suite(GOOD + '"\\u001b[31mred" = 1', source="a\x1b[1m.toml")
    assert "\x1b" not in caught.value.message


def test_an_integer_too_long_to_print_is_only_out_of_range() -> None:
    with pytest.raises(UsageError, match="rounds must be a whole number"):
        parse_suite(changed("rounds", f"rounds = 0x{'f' * 9000}"), source="mine.toml")


@pytest.mark.parametrize("text", ["rounds = ", "a = " + "[" * 100_000, "a = " + "9" * 9000])
def test_what_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"mine\.toml is not TOML"):
        parse_suite(text, source="mine.toml")


@given(st.text())
def test_any_text_gives_a_suite_or_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_suite(text, source="mine.toml")


TOML_VALUES = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.sampled_from(["true", '"tcp"', '["tcp"]', '["tcp", 1]', "[]", "{a = 1}", "07:32:00"]),
)


@given(key=st.sampled_from([line.split(" ")[0] for line in GOOD.splitlines()]), value=TOML_VALUES)
def test_any_value_gives_a_suite_within_bounds_or_a_usage_error(key: str, value: str) -> None:
    text = changed(key, f"{key} = {value}")
    try:
        suite = parse_suite(text, source="mine.toml")
    except UsageError:
        return
    assert 1 <= suite.rounds <= suite.max_rounds <= 100
    assert 1 <= suite.duration_s <= 3600
    assert min(suite.warm_up_s, suite.idle_s) >= 0
    expected: Any = tomllib.loads(text)[key]
    found: Any = getattr(suite, key)
    assert found == (tuple(expected) if key == "tests" else expected)


@pytest.mark.parametrize("name", ["quik", "../quick", "none.toml", "./nothing"])
def test_a_suite_that_is_not_there_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        suite_text(name)


def test_a_suite_can_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    found = suite_text(str(path))
    assert parse_suite(found.text, source=found.source).name == "mine"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        suite_text(str(path))
