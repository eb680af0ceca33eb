"""What a tool told beside the figure a test is judged by, in words.

The keys of a trial's figures end in their unit, so any figure of any tool can be named:
``loss_percent`` is ``loss 0.3 %``, ``latency_p99_us`` is ``P99 812 us``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from cniadvisor.domain.measurement import FIGURES, PathName, TestName, Trial
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.wording.words import percent, rate, significant

_NO_NEWS = {
    "streams",
    "threads",
    "connections",
    "datagram_bytes",
    "asked_requests_per_s",
    "object_mib",
    "steps",
    # How much there was to count; the rates tell it per second.
    "requests",
    "messages",
    "copy_s",
}
"""Set before the trial, or a part of another figure."""

_TROUBLE = {"dropped", "duplicated", "out_of_order", "slow_requests", "errors"}
"""News only when there are any."""

_CAVEATS = ("fell_behind", "cut_short")
"""Facts of a trial that say its figure is not what it seems to be."""

_SETTINGS = ("congestion_control", "cipher")
"""Facts of a trial that say how the tool worked."""

_NOTES = {
    TestName.UDP: "What is lost may be lost in the receiver's buffer and not on the way.",
    TestName.SCP: "SCP encrypts on one core: it ranks CPUs before it ranks CNIs.",
}
"""What a reader of a test's figures must know every time."""

_PERCENTILE = re.compile(r"(?:latency|rtt)_p([0-9]+)")

_UNITS = {"us": "us", "ms": "ms", "s": "s", "mib": "MiB", "bytes": "bytes"}


def figure_words(key: str, value: float) -> str:
    """Return one figure in words with its unit: ``retransmits`` 3 is ``3 retransmits``."""
    name, _, unit = key.rpartition("_")
    if key.endswith("_mbit_per_s"):
        return f"{_named(key.removesuffix('_mbit_per_s'))} {rate(value)}"
    if key.endswith("_per_s"):
        return f"{significant(value)} {_named(key.removesuffix('_per_s'))}/s"
    if name and unit == "percent":
        return f"{_named(name)} {percent(value)}"
    if name and unit in _UNITS:
        return f"{_named(name)} {significant(value)} {_UNITS[unit]}"
    return _count(value, _named(key))


def extra_words(test: TestName, figures: Mapping[str, float]) -> list[str]:
    """Return all figures of a trial in words but the one its test is judged by."""
    judged = FIGURES[test].key
    return [
        figure_words(key, value)
        for key, value in figures.items()
        if key != judged and key not in _NO_NEWS and (value or key not in _TROUBLE)
    ]


def trial_words(trial: Trial) -> list[str]:
    """Return what a trial told beside its figure; a search (``udp-max``) tells how it ended."""
    result = trial.facts.get("result")
    told = extra_words(trial.id.test, trial.figures) if result is None else [result]
    told += [trial.facts[caveat] for caveat in _CAVEATS if caveat in trial.facts]
    return [printable(words, limit=300) for words in told]


def extra_medians(test: TestName, trials: Iterable[Trial]) -> str:
    """Return the medians of these figures by path: ``Also: pod loss 0.3 %; host loss 0 %.``

    Empty when the tool told no more than the one figure.

    Args:
        test: whose.
        trials: those that count, of any test.
    """
    told = [trial for trial in trials if trial.id.test is test and trial.value is not None]
    parts = [
        f"{path} {', '.join(words)}"
        for path in PathName
        if (words := extra_words(test, _medians([t for t in told if t.id.path is path])))
    ]
    return f"Also, as medians: {'; '.join(parts)}." if parts else ""


def remarks(test: TestName, trials: Iterable[Trial]) -> Iterator[str]:
    """Yield sentences on how a test was done and what its figures do not say.

    Args:
        test: whose.
        trials: those that count, of any test.
    """
    facts = [trial.facts for trial in trials if trial.id.test is test]
    settings = [
        f"{_named(name)} {', '.join(values)}"
        for name in _SETTINGS
        if (values := sorted({fact[name] for fact in facts if name in fact}))
    ]
    if settings:
        yield f"With {printable(', '.join(settings), limit=300)}."
    if test in _NOTES:
        yield _NOTES[test]
    for caveat in _CAVEATS:
        told = [fact[caveat] for fact in facts if caveat in fact]
        if told:
            count = f"{len(told)} of {counted(len(facts), 'trial')}"
            yield f"In {count}: {printable(told[0], limit=300)}."


def _medians(trials: Sequence[Trial]) -> dict[str, float]:
    keys = dict.fromkeys(key for trial in trials for key in trial.figures)
    return {
        key: median(trial.figures[key] for trial in trials if key in trial.figures) for key in keys
    }


def _count(value: float, noun: str) -> str:
    if value != int(value):
        return f"{significant(value)} {noun}"
    whole = int(value)
    return counted(whole, noun.removesuffix("s")) if noun.endswith("s") else f"{whole} {noun}"


def _named(key: str) -> str:
    found = _PERCENTILE.fullmatch(key)
    return f"P{found[1]}" if found else printable(key.replace("_", " "), limit=60)
