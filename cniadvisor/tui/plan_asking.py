"""Asks for one of a plan's choices, each by the question that suits it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.screen import Screen

from cniadvisor.domain.measurement import TestName
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.choices import Choice
from cniadvisor.tui.core import Core
from cniadvisor.tui.numbers import checked_number, checked_whole
from cniadvisor.tui.plan_view import node_choices, test_choices
from cniadvisor.tui.runs import RunChoices
from cniadvisor.tui.screens.ask import AskScreen
from cniadvisor.tui.screens.choose import ChooseManyScreen, ChooseScreen

__all__ = ["asked"]

_Check = Callable[[str], str | None]


async def asked(
    screen: Screen[None],
    core: Core,
    row: str,
    choices: RunChoices,
    suite_tests: Sequence[TestName],
) -> RunChoices | None:
    """Ask for what a row of the Plan screen chooses; to be called in a worker.

    Args:
        screen: that asks.
        core: the product.
        row: one of :data:`cniadvisor.tui.plan_view.ROWS`.
        choices: what holds now.
        suite_tests: the tests of the suite that is planned.

    Returns:
        the choices with the answer; None to leave all as they were.

    Raises:
        CniAdvisorError: the cluster did not say what there is to choose from.
    """
    match row:
        case "suite":
            names = [Choice(value=name, words=name) for name in core.suites()]
            told = await _one(screen, "Suite", names, choices.suite, free="the file {}")
            return None if told is None else replace(choices, suite=told)
        case "tests":
            return await _tests(screen, choices, suite_tests)
        case "client":
            told = await _node(screen, core, "The client's node", choices.client_node)
            return None if told is None else replace(choices, client_node=told or None)
        case "server":
            told = await _node(screen, core, "The server's node", choices.server_node)
            return None if told is None else replace(choices, server_node=told or None)
        case "image":
            told = await _line(
                screen, "Image the pods run", choices.image or "", "empty: the one built here"
            )
            return None if told is None else replace(choices, image=told or None)
        case "repeats":
            now = str(choices.repeats or "")
            told = await _line(
                screen, "Rounds (1 to 100)", now, "empty: the suite's", checked_whole(1, 100)
            )
            return None if told is None else replace(choices, repeats=int(told or 0) or None)
        case "seconds":
            now = str(choices.duration_s or "")
            told = await _line(
                screen,
                "Seconds a trial (1 to 600)",
                now,
                "empty: the suite's",
                checked_whole(1, 600),
            )
            return None if told is None else replace(choices, duration_s=int(told or 0) or None)
        case "probe":  # yes or no: choosing it turns it
            return replace(choices, probes_policy=not choices.probes_policy)
        case _:
            most = choices.max_rate_mbit_per_s
            now = "" if most is None else f"{most:g}"
            told = await _line(
                screen, "At most so many Mbit/s", now, "empty: no limit", checked_number(0.1)
            )
            if told is None:
                return None
            return replace(choices, max_rate_mbit_per_s=float(told) if told else None)


async def _tests(
    screen: Screen[None], choices: RunChoices, suite_tests: Sequence[TestName]
) -> RunChoices | None:
    chosen = choices.tests if choices.tests is not None else suite_tests
    told = await app_of(screen).push_screen_wait(
        ChooseManyScreen("Tests (none marked: the suite's)", test_choices(), chosen=chosen)
    )
    return None if told is None else replace(choices, tests=tuple(map(TestName, told)) or None)


async def _node(screen: Screen[None], core: Core, title: str, now: str | None) -> str | None:
    return await _one(screen, title, node_choices(await core.nodes()), now or "")


async def _one(
    screen: Screen[None],
    title: str,
    choices: Sequence[Choice],
    current: str,
    *,
    free: str | None = None,
) -> str | None:
    told = await app_of(screen).push_screen_wait(
        ChooseScreen(title, choices, current=current, free=free)
    )
    return None if told is None else told[0]


async def _line(
    screen: Screen[None], title: str, value: str, told: str, wrong: _Check = lambda _: None
) -> str | None:
    return await app_of(screen).push_screen_wait(
        AskScreen(title, value=value, told=told, wrong=wrong)
    )
