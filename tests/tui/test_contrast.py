"""Everything can be read in every theme: text against what lies behind it, 4.5 at least."""

from typing import Any

import pytest
from textual.app import App
from textual.color import Color

from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.theme import THEMES, Meaning, colour
from tests.tui.fake_core import FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import painted, screen_text, until
from tests.tui.told_run import ToldRun

LEAST = 4.5
"""WCAG 2.1, success criterion 1.4.3, level AA."""

OURS = [name for name, theme in THEMES.items() if not theme.ansi]
"""The terminal's own colours are the terminal's."""


def luminance(value: Color) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in value.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def unreadable(app: App[Any]) -> set[str]:
    """Name each word on the screen whose colour is too close to what lies behind it."""
    found: set[str] = set()
    for text, style in painted(app):
        if not any(char.isalnum() for char in text) or style.color is None:
            continue
        assert style.bgcolor is not None
        word, behind = style.color.get_truecolor(), style.bgcolor.get_truecolor()
        seen = contrast(Color(*word), Color(*behind))
        if seen < LEAST or style.dim:
            found.add(f"{text.strip()!r}: {word.hex} on {behind.hex} ({seen:.2f}, dim={style.dim})")
    return found


@pytest.mark.parametrize("theme", OURS)
@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6", "question_mark", "c", "q"])
async def test_text_reads_in_every_theme(theme: str, key: str) -> None:
    core = FakeCore(run=ToldRun())
    async with opened(core, size=(120, 40), options=AppOptions(theme=theme)) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        assert unreadable(pilot.app) == set()


@pytest.mark.parametrize("theme", THEMES)
async def test_each_meaning_reads_on_the_background(theme: str) -> None:
    async with opened(FakeCore(), options=AppOptions(theme=theme)) as pilot:
        behind = (
            [Color.parse("#000000"), Color.parse("#ffffff")]
            if THEMES[theme].ansi
            else [Color.parse(colour(pilot.app, Meaning.BACKGROUND))]
        )
        for meaning in Meaning:
            if meaning is not Meaning.BACKGROUND:
                for ground in behind:
                    told = Color.parse(colour(pilot.app, meaning))
                    assert contrast(told, ground) >= LEAST, meaning
