"""The tabs of the explorer, one a test and one a resource, and the charts each of them has."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.report import Report
from cniadvisor.wording.comparing import compared_tests


class Resource(StrEnum):
    """What a run takes from the nodes."""

    CPU = "cpu"
    MEMORY = "memory"


Topic: TypeAlias = TestName | Resource


class View(StrEnum):
    """The charts; the value is what a person reads."""

    ROUNDS = "by round"
    SHARES = "share of the baseline"
    TRIALS = "every trial"
    LOADS = "idle and under load"


_OF_TESTS = (View.ROUNDS, View.SHARES, View.TRIALS)
_OF_RESOURCES = (View.LOADS, View.ROUNDS)


def topics_of(reports: Sequence[Report]) -> tuple[Topic, ...]:
    """Return the tests that at least one report has, then the resources if any was sampled."""
    sampled = any(report.resources for report in reports)
    return (*compared_tests(reports), *(Resource if sampled else ()))


def topic_words(topic: Topic) -> str:
    """Return what a tab says: a test's own name is the shortest."""
    return "CPU" if topic is Resource.CPU else topic.value


def neighbour(topics: Sequence[Topic], topic: Topic, step: int) -> Topic:
    """Return the topic so many tabs on, round the corner; the first if it is not among them."""
    return topics[(topics.index(topic) + step) % len(topics)] if topic in topics else topics[0]


def views_of(topic: Topic) -> tuple[View, ...]:
    """Return the charts a topic has, the first of them first."""
    return _OF_TESTS if isinstance(topic, TestName) else _OF_RESOURCES


def next_view(topic: Topic, view: View) -> View:
    """Return the chart that follows; the first if the topic has no such chart."""
    views = views_of(topic)
    return views[(views.index(view) + 1) % len(views)] if view in views else views[0]
