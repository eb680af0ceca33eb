"""What is said where reports were looked for and there are none, or some can't be read."""

from collections.abc import Sequence
from pathlib import Path

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed
from cniadvisor.wording.words import WIDTH, ended, wrapped


def nothing_found_lines(places: Sequence[Path], *, width: int = WIDTH) -> list[str]:
    """Say that there are no reports yet, where they were looked for, and how to get one."""
    where = listed([printable(str(place), limit=200) for place in places]) or "no folder"
    return [
        *wrapped(f"There are no reports in {where}.", width=width),
        *wrapped(
            "A run writes one: start it on the Plan screen, or with `cniadvisor bench`.",
            width=width,
        ),
    ]


def problem_lines(problems: Sequence[CniAdvisorError], *, width: int = WIDTH) -> list[str]:
    """Say why reports can't be read, and what to do about it."""
    lines: list[str] = []
    for problem in problems:
        hint = f" {printable(problem.hint)}" if problem.hint else ""
        lines += wrapped(f"{ended(problem.message)}{hint}", indent="  ", first="! ", width=width)
    return lines
