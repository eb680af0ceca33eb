"""Overview, Advisor, recommendation: on one cluster the app, the prompts and the command agree."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cniadvisor.advise.advising import advise
from cniadvisor.advise.answers_document import answers_toml
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.measured import own_measurements
from cniadvisor.advise.prefill import Found, with_probe
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.advise.recommendation import AnsweredBy, Recommendation
from cniadvisor.cli import run
from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.domain.settings import Settings
from cniadvisor.headless.questionnaire import Questionnaire
from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.advisor import AdvisorScreen
from cniadvisor.tui.widgets.wrapped import Wrapped
from cniadvisor.wording.advice import advice_text
from tests.tui.screen_text import screen_text, until

WIDTH_OF_80 = 83
"""The recommendation has two columns of padding and one for the scroll bar."""

CHOICES = {"network_policy": "yes", "encrypted": "yes", "policy": "2", "continuity": "1"}
"""What is answered otherwise than marked."""


def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program know no files and no cluster of whoever runs the test."""
    for name in ("STATE", "DATA", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "xdg" / name.lower()))
    monkeypatch.delenv("KUBECONFIG", raising=False)


async def told_alike(
    kubeconfig: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> Recommendation:
    """Give three faces the same answers about a cluster; return what all three tell.

    Args:
        kubeconfig: leads to the cluster.
        folder: for the answers.
        capsys: has what the command prints.

    Raises:
        AssertionError: they differ.
    """
    core = AppCore(Settings(kubeconfig=str(kubeconfig)))
    shown, answers, today = await _in_the_app(core)
    catalogue = await core.catalogue()
    own = own_measurements((), probe=core.last_probe())
    found = with_probe(await core.prefilled(catalogue), own)

    assert answers == _plainly(catalogue, found)
    told = advise(catalogue, answers, today=today, found=found, own=own)
    assert shown == advice_text(told, today=today)

    file = folder / "answers.toml"
    file.write_text(answers_toml(one for one in told.answers if one.by is AnsweredBy.YOU))
    capsys.readouterr()
    words = ["advise", "--kubeconfig", str(kubeconfig), "--answers", str(file)]
    code = await asyncio.to_thread(run, words)
    assert code == 0
    assert capsys.readouterr().out == f"{shown}\n"
    return told


async def _in_the_app(core: AppCore) -> tuple[str, Answers, date]:
    """Overview, Advisor, an answer to every question that is asked; return what is told."""
    app = CniAdvisorApp(core, options=AppOptions(), now=lambda: datetime.now(UTC))
    async with app.run_test(size=(WIDTH_OF_80, 30)) as pilot:
        await until(pilot, lambda: "CNI found" in screen_text(app))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AdvisorScreen))
        screen = app.screen
        assert isinstance(screen, AdvisorScreen)
        await until(pilot, lambda: "from the cluster" in screen_text(app))
        while not screen.state.whole:
            asking = screen.state.asking
            assert asking is not None
            wanted = CHOICES.get(asking.current.question.name, asking.current.choice.value)
            if asking.current.question.choices[asking.choice].value != wanted:
                await pilot.press("down")
            else:
                await pilot.press("enter")
        await until(pilot, lambda: screen.state.settled is not None)
        advice = screen.state.settled
        assert advice is not None
        words = screen.query_one("#advice", Wrapped)
        assert words.content_size.width == 80
        return words.render().plain, advice.given.answers, advice.today


def _plainly(catalogue: Catalogue, found: Mapping[str, Found]) -> Answers:
    """Answer the numbered prompts."""
    told: list[str] = []

    def read(_: str) -> str:
        asked = next(line for line in reversed(told) if line.startswith("Question "))
        number = re.match(r"Question (\d+) of", asked)
        assert number is not None
        question = catalogue.questions[int(number[1]) - 1]
        if question.name not in CHOICES:
            return ""
        values = [choice.value for choice in question.choices]
        return str(values.index(CHOICES[question.name]) + 1)

    return Questionnaire(catalogue, found=found, read=read, tell=told.append).ask()
