"""Every key of the app in one place: its binding id, its keys, its action and its words.

A screen takes its own: ``BINDINGS = bindings("live")``. The ids are what ``[keys]`` of the
configuration file names, so they stay. Nothing here imports the terminal library until a screen
asks, so that the command line can check ids.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode

__all__ = ["KEYMAP", "Key", "bindings", "groups_of", "known_ids"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One action of a screen (or of the whole app, ``app``).

    Attributes:
        id: ``screen.action``.
        keys: by default; several are separated by commas, in the terminal library's names.
        action: what is run, in the terminal library's form.
        words: what the footer says.
        tells: what the help says, a sentence without its full stop.
        shown: whether the footer shows it.
    """

    id: str
    keys: str
    action: str
    words: str
    tells: str
    shown: bool = True


def _key(name: str, keys: str, words: str, tells: str, action: str = "") -> Key:
    told = action or name.partition(".")[2].replace("-", "_")
    return Key(id=name, keys=keys, action=told, words=words, tells=tells)


def _unshown(name: str, keys: str, words: str, tells: str, action: str = "") -> Key:
    return replace(_key(name, keys, words, tells, action), shown=False)


def _way(name: str, keys: str, words: str, tells: str) -> Key:
    """Return the key that leads to a screen; the line at the top shows these."""
    return _unshown(name, keys, words, tells, f"show('{name.partition('.')[2]}')")


_APP = (
    _way("app.overview", "1", "Overview", "what is running in the cluster"),
    _way("app.plan", "2", "Plan", "choose and start a benchmark"),
    _way("app.live", "3", "Live", "the run under way"),
    _way("app.results", "4", "Results", "reports on this machine"),
    _way("app.compare", "5", "Compare", "reports side by side"),
    _way("app.advisor", "6", "Advisor", "which CNI fits, with reasons"),
    _key(
        "app.palette", "colon,ctrl+p", "Commands", "find any command by its name", "command_palette"
    ),
    _key("app.help", "question_mark,f1", "Help", "this help"),
    _unshown("app.back", "escape", "Back", "go back to where you came from"),
    _unshown("app.picture", "P", "Picture", "write a picture of the screen (SVG) to a file"),
    _key("app.quit", "q", "Quit", "leave; asks while a run is on", "leave"),
)

_OVERVIEW = (
    _key("overview.explain", "e,enter", "Why", "why we think so: evidence for and against"),
    _key("overview.advise", "a", "Advise", "go on to which CNI fits, with what the cluster tells"),
    _key("overview.refresh", "r", "Refresh", "read the cluster again"),
    _key("overview.context", "c", "Context", "choose another context of the kubeconfig"),
    _key("overview.namespace", "n", "Namespace", "choose the namespace a run works in"),
    _key("overview.lab", "l", "Lab", "measure on this machine, without a cluster"),
    _key("overview.replay", "p", "Replay", "watch a recorded run, without a cluster"),
    _unshown("overview.copy", "y", "Copy", "copy the command that tells the same"),
)

_PLAN = (
    _key("plan.start", "s", "Start", "begin the run, after a last question"),
    _key("plan.refresh", "r", "Refresh", "plan again with what the cluster says now"),
    _key("plan.copy", "y", "Copy command", "copy the plan as a `cniadvisor bench` command"),
)

_LIVE = (
    _key("live.pause", "space", "Pause", "hold the view; the run goes on meanwhile"),
    _key(
        "live.cancel",
        "escape",
        "Cancel",
        "stop the run and clean up, after a question; go back if it is over or a recording",
    ),
    _key("live.next-stream", "t", "Next wiring", "show the next wiring of the lab"),
    _key("live.slower", "minus", "Slower", "tell a recording at half the speed"),
    _key("live.faster", "plus,equals_sign", "Faster", "tell a recording at twice the speed"),
    _unshown("live.marker", "m", "Marker", "draw charts with other characters"),
    _unshown("live.export", "e", "Export", "write a picture of the run to a file", "app.picture"),
    _unshown("live.copy", "y", "Copy", "copy the command that does the same run"),
)

_RESULTS = (
    _key("results.open", "enter,o", "Open", "walk through this report: tests, trials, warnings"),
    _key("results.mark", "space", "Mark", "take this report into charts and comparison, or out"),
    _key("results.compare", "c", "Compare", "set the marked reports side by side"),
    _key("results.filter", "slash", "Filter", "list only reports with these words"),
    _key("results.sort", "s", "Sort", "put the list into another order"),
    _key("results.next-topic", "t", "Next tab", "show the next test or resource"),
    _unshown("results.previous-topic", "T", "Tab before", "show the one before"),
    _key("results.view", "v", "View", "show it as another chart"),
    _key("results.zoom", "z", "Zoom", "begin the axis at zero, or where the figures do"),
    _unshown("results.marker", "m", "Marker", "draw charts with other characters"),
    _key("results.export", "e", "Export", "write what is shown to a file, in a form you choose"),
    _unshown("results.copy", "y", "Copy", "copy the command that tells the same"),
    _unshown("results.refresh", "r", "Refresh", "look for reports again"),
)

_LIST = (
    _unshown("list.up", "up,k", "Up", "one line up", "move(-1)"),
    _unshown("list.down", "down,j", "Down", "one line down", "move(1)"),
    _unshown("list.page-up", "pageup", "Page up", "a screenful up", "page(-1)"),
    _unshown("list.page-down", "pagedown", "Page down", "a screenful down", "page(1)"),
    _unshown("list.first", "home,g", "First", "to the first line", "first"),
    _unshown("list.last", "end,G", "Last", "to the last line", "last"),
    _unshown("list.left", "left", "Left", "columns at the left", "sideways(-1)"),
    _unshown("list.right", "right", "Right", "columns at the right", "sideways(1)"),
)

_FILTER = (_key("filter.close", "escape", "Close", "list everything again"),)

_REPORT = (
    _key("report.zoom", "z", "Zoom", "begin the axis at zero, or where the figures do"),
    _key("report.marker", "m", "Marker", "draw charts with other characters"),
    _key("report.export", "e", "Export", "write the report to a file, in a form you choose"),
    _key("report.copy", "y", "Copy", "copy the command that tells the same"),
)

_COMPARE = (
    _key("compare.insist", "i", "Insist", "compare reports of unlike conditions, too"),
    _key("compare.raw", "w", "Raw figures", "show medians too, which are about machines as well"),
    _key("compare.next-topic", "t", "Next test", "show the next test's chart"),
    _unshown("compare.previous-topic", "T", "Test before", "show the one before"),
    _key("compare.zoom", "z", "Zoom", "begin the axis at zero, or where the figures do"),
    _unshown("compare.marker", "m", "Marker", "draw charts with other characters"),
    _key("compare.export", "e", "Export", "write what is shown to a file, in a form you choose"),
    _key("compare.copy", "y", "Copy", "copy the command that tells the same"),
)

_ADVISOR = (
    _key("advisor.choose", "enter,space", "Choose", "take the choice under the cursor and go on"),
    _unshown("advisor.up", "up,k", "Up", "to the choice above", "move(-1)"),
    _unshown("advisor.down", "down,j", "Down", "to the choice below", "move(1)"),
    _unshown("advisor.before", "left,h", "Before", "to the question before", "step(-1)"),
    _key("advisor.next", "right,l", "Next", "to the next question", "step(1)"),
    _unshown("advisor.unanswer", "backspace", "Unanswer", "take an answer back"),
    _key("advisor.every", "a", "All/one", "show all questions on a page, or one at a time"),
    _key("advisor.result", "v", "Result", "show the whole recommendation, or the questions"),
    _key(
        "advisor.questions",
        "escape",
        "Questions",
        "go back from the recommendation to the questions",
    ),
    _unshown("advisor.own", "o", "Own reports", "choose reports of yours that count as evidence"),
    _key(
        "advisor.published",
        "p",
        "Published",
        "show in full what others published, or only where it is",
    ),
    _key("advisor.export", "e", "Export", "write a decision record, JSON or the answers to a file"),
    _key("advisor.copy", "y", "Copy", "copy the command that verifies the recommendation"),
    _unshown("advisor.refresh", "r", "Refresh", "read the cluster again"),
)

_EXPORT = (_key("export.back", "escape", "Back", "write nothing"),)

_CONFIRM = (
    _key("confirm.yes", "y", "Yes", "agree"),
    _key("confirm.no", "n,escape", "No", "do nothing"),
)

_LEAVE = (_key("leave.now", "ctrl+c", "Leave", "stop the run and leave", "yes"),)

_CHOOSE = (
    _unshown("choose.up", "up", "Up", "one line up", "move(-1)"),
    _unshown("choose.down", "down", "Down", "one line down", "move(1)"),
    _unshown("choose.page-up", "pageup", "Up", "ten lines up", "move(-10)"),
    _unshown("choose.page-down", "pagedown", "Down", "ten lines down", "move(10)"),
    _key("choose.back", "escape", "Back", "leave it as it is"),
)

_ASK = (_key("ask.back", "escape", "Back", "leave it as it is"),)

_READING = (_key("reading.back", "escape,q,enter", "Back", "go back"),)

_CHOOSE_MANY = (_key("choose-many.take", "ctrl+s", "Take", "take what is marked"),)

KEYMAP: Mapping[str, tuple[Key, ...]] = {
    "app": _APP,
    "overview": _OVERVIEW,
    "plan": _PLAN,
    "live": _LIVE,
    "results": _RESULTS,
    "list": _LIST,
    "filter": _FILTER,
    "report": _REPORT,
    "compare": _COMPARE,
    "advisor": _ADVISOR,
    "export": _EXPORT,
    "confirm": _CONFIRM,
    "leave": _LEAVE,
    "choose": _CHOOSE,
    "choose-many": _CHOOSE_MANY,
    "ask": _ASK,
    "reading": _READING,
}
"""Screen -> its keys, in the order the footer and the help show them."""


def known_ids() -> tuple[str, ...]:
    """Return every binding id."""
    return tuple(key.id for keys in KEYMAP.values() for key in keys)


def bindings(screen: str) -> "list[Binding]":
    """Return a screen's keys as its ``BINDINGS``."""
    from textual.binding import Binding

    return [
        Binding(
            key.keys,
            key.action,
            key.words,
            show=key.shown,
            id=key.id,
            tooltip=key.tells[:1].upper() + key.tells[1:],
        )
        for key in KEYMAP[screen]
    ]


def groups_of(nodes: "Iterable[DOMNode]") -> tuple[str, ...]:
    """Return whose keys a screen and its widgets take, whether or not they do anything now."""
    from textual.binding import Binding

    ids = (
        binding.id
        for node in nodes
        for binding in type(node).BINDINGS
        if isinstance(binding, Binding) and binding.id is not None
    )
    return tuple(dict.fromkeys(name.partition(".")[0] for name in ids))
