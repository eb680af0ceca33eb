"""Suites as TOML: text in, a checked :class:`Suite` out, or a message that names file and line.

The keys are the fields of :class:`cniadvisor.domain.plan.Suite`. All are needed but
``target_half_width_percent``; ``benchmarks/suites/*.toml`` explain each.
"""

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import Suite
from cniadvisor.domain.text import printable
from cniadvisor.domain.toml_lines import place_of

MOST_STREAMS = 128
"""iperf3 refuses more."""

MOST_ROUNDS = 100
LONGEST_S = 3600

_KEYS = (
    "name",
    "tests",
    "rounds",
    "max_rounds",
    "target_half_width_percent",
    "duration_s",
    "warm_up_s",
    "idle_s",
    "streams",
)
_OPTIONAL = {"target_half_width_percent"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def parse_suite(text: str, *, source: str) -> Suite:
    """Read a suite.

    Args:
        text: TOML.
        source: what to call it in messages, a file name mostly.

    Raises:
        UsageError: it is not TOML, a key is unknown, missing or of the wrong type, a test is
            unknown, or a value is out of range; names the source, the key and its line.
    """
    source = printable(source)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib's own error is a ValueError
        raise UsageError(f"{source} is not TOML: {printable(str(error))}") from error
    reader = _Reader(text=text, source=source, table=table)
    reader.check_keys()
    rounds = reader.whole("rounds", 1, MOST_ROUNDS)
    max_rounds = reader.whole("max_rounds", rounds, MOST_ROUNDS)
    width = None
    if "target_half_width_percent" in table:
        width = reader.number("target_half_width_percent", 0.1, 50)
    elif max_rounds > rounds:
        raise reader.error(
            "max_rounds",
            f"is {max_rounds} and rounds {rounds}, but without target_half_width_percent "
            "nothing would ask for more rounds",
        )
    return Suite(
        name=reader.name(),
        tests=reader.tests(),
        rounds=rounds,
        max_rounds=max_rounds,
        target_half_width_percent=width,
        duration_s=reader.number("duration_s", 1, LONGEST_S),
        warm_up_s=reader.number("warm_up_s", 0, LONGEST_S),
        idle_s=reader.number("idle_s", 0, LONGEST_S),
        streams=reader.whole("streams", 1, MOST_STREAMS),
    )


def find_test(name: str) -> TestName:
    """Return the test of this name.

    Raises:
        UsageError: there is none; the hint names the most similar one or all.
    """
    try:
        return TestName(name)
    except ValueError:
        raise UsageError(
            f"unknown test: {printable(name, limit=80)}", hint=_suggestion(name, list(TestName))
        ) from None


class _Reader:
    """The values of one table, checked, and the words for what is wrong with them."""

    def __init__(self, *, text: str, source: str, table: Mapping[str, object]) -> None:
        self._text = text
        self._source = source
        self._table = table

    def check_keys(self) -> None:
        for key in self._table:
            if key not in _KEYS:
                raise UsageError(
                    f"{self._place(key)}: unknown key: {printable(key, limit=80)}",
                    hint=_suggestion(key, _KEYS),
                )
        for key in _KEYS:
            if key not in self._table and key not in _OPTIONAL:
                raise UsageError(f"{self._source}: {key} is missing")

    def whole(self, key: str, low: int, high: int) -> int:
        value = self._table[key]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._not_a(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = self._table[key]
        wanted = f"a number from {low:g} to {high:g}"
        # Not "value < low": that lets nan pass.
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._not_a(key, wanted)
        if not low <= value <= high:
            raise self._not_a(key, wanted)
        return float(value)

    def name(self) -> str:
        value = self._table["name"]
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise self._not_a("name", "a word of a-z, 0-9 and - of at most 40 characters")
        return value

    def tests(self) -> tuple[TestName, ...]:
        value = self._table["tests"]
        if not isinstance(value, list) or not value:
            raise self._not_a("tests", 'a list of test names, like ["tcp"]')
        found: list[TestName] = []
        for name in cast("list[object]", value):
            if not isinstance(name, str):
                raise self._not_a("tests", 'a list of test names, like ["tcp"]')
            try:
                test = find_test(name)
            except UsageError as error:
                raise UsageError(
                    f"{self._place('tests')}: {error.message}", hint=error.hint
                ) from None
            if test in found:
                raise self.error("tests", f"names {test} twice")
            found.append(test)
        return tuple(found)

    def error(self, key: str, what: str) -> UsageError:
        return UsageError(f"{self._place(key)}: {key} {what}")

    def _not_a(self, key: str, wanted: str) -> UsageError:
        return self.error(key, f"must be {wanted}, not {_shown(self._table[key])}")

    def _place(self, key: str) -> str:
        return place_of(self._text, key, source=self._source)


def _shown(value: object) -> str:
    try:
        return printable(repr(value), limit=80)
    except (ValueError, RecursionError):  # Python does not print integers of thousands of digits
        return "what stands there"


def _suggestion(word: str, known: list[TestName] | tuple[str, ...]) -> str:
    similar = get_close_matches(word[:80], known, n=1)
    return f"did you mean {similar[0]}?" if similar else f"there is {', '.join(known)}"
