"""What the help says: where one is, every key, and what the marks mean. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from cniadvisor.tui.keymap import KEYMAP, Key
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.words import wrapped

ABOUT: Mapping[str, str] = {
    "overview": "What is running in this cluster: which CNI wires the pods, how it is set up, who "
    "enforces NetworkPolicy, and how sure that is. It only reads.",
    "plan": "What a benchmark would do, before anything is created: choose, look at every object "
    "and at how much data it moves, then start. Everything it makes is removed at the end.",
    "live": "The run under way: the running test second by second with the host network as the "
    "baseline, every test with its figure, and what the nodes' CPUs do meanwhile. Tab goes from "
    "the log to the tests and back; the arrows scroll there.",
    "results": "Reports on this machine: filter, sort, look at tables and charts, drill down.",
    "report": "One report to walk through: up and down choose a part, enter opens and closes it, "
    "from the verdict of a test to the seconds of a trial.",
    "compare": "Reports side by side, as ratios of each to its own baseline.",
    "advisor": "Which CNI fits: questions, answers that the cluster gives by itself, and the "
    "ranking that follows from facts with sources. Questions that can't change it are not asked.",
}

_READING_ON = (
    "All of it is there without this screen, too: `cniadvisor --plain` is a numbered menu of plain "
    "lines, and `cniadvisor --help` lists the commands.",
    "Keys are set in the configuration file, in the table [keys], by the names in brackets; "
    "`cniadvisor config path` says where the file is.",
    "With NO_COLOR in the environment nothing is coloured. No colour says anything by itself.",
)


_HEADINGS = {"list": "Keys in the list", "filter": "Keys in the filter"}


def help_text(groups: Sequence[str], keys: Mapping[str, str], symbols: Symbols, width: int) -> str:
    """Return the help for a screen.

    Args:
        groups: whose keys it takes, by their names in the keymap: its own, then its widgets'.
        keys: binding id -> keys, where they are not those of the keymap.
        symbols: the marks this terminal can show.
        width: columns.
    """
    sections = [wrapped(ABOUT[group], width=width) for group in groups if group in ABOUT]
    for group in groups:
        heading = _HEADINGS.get(group, "Keys here")
        sections.append([heading, *_keys(KEYMAP[group], keys, width)])
    sections.append(["Keys everywhere", *_keys(KEYMAP["app"], keys, width)])
    marks = (
        f"{symbols.good} good   {symbols.bad} failed   {symbols.warning} look here   "
        f"{symbols.unknown} not known"
    )
    sections.append(["Marks", *wrapped(marks, indent="  ", first="  ", width=width)])
    sections += [wrapped(text, width=width) for text in _READING_ON]
    return "\n\n".join("\n".join(lines) for lines in sections)


def _keys(rows: Iterable[Key], changed: Mapping[str, str], width: int) -> list[str]:
    lines: list[str] = []
    for key in rows:
        first = f"  {shown_keys(changed.get(key.id, key.keys)):<14}"
        told = f"{key.words}: {key.tells} [{key.id}]"
        lines += wrapped(told, indent=" " * 16, first=first, width=width)
    return lines


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "full_stop": ".",
    "comma": ",",
}


def shown_keys(keys: str) -> str:
    """Return keys as they are written on keyboards: ``question_mark,f1`` is ``? or f1``."""
    return " or ".join(_NAMES.get(key.strip(), key.strip()) for key in keys.split(","))
