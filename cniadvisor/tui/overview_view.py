"""What the Overview screen shows of what is known: pure."""

from dataclasses import dataclass
from datetime import datetime

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.tui.core import Overview
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.findings import caution_text, who_text
from cniadvisor.wording.overview import (
    READING,
    age_words,
    cluster_words,
    error_text,
    offers_text,
)
from cniadvisor.wording.probes import policy_words


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewState:
    """Everything the screen draws.

    Attributes:
        overview: what was seen last; None when nothing ever was.
        saved: it is from an earlier start, not from this one.
        probe: what the last probe of NetworkPolicy found there.
        reading: the cluster is being read now, since so many seconds.
        error: why it could not be read.
        replay: whether a recorded run ships with this installation.
        lab: whether the lab can run on this machine; None while nobody has asked.
        lab_refusal: why it can't.
    """

    overview: Overview | None = None
    saved: bool = False
    probe: PolicyProbe | None = None
    reading: bool = False
    reading_s: int = 0
    error: CniAdvisorError | None = None
    replay: bool = False
    lab: bool | None = None
    lab_refusal: CniAdvisorError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """A sentence with its mark, and the CSS class of its colour."""

    words: str
    style: str


def state_line(state: OverviewState, symbols: Symbols, now: datetime) -> StateLine:
    """Say how fresh the screen is, in one line."""
    seen = ""
    if state.overview is not None:
        seconds = (now - datetime.fromisoformat(state.overview.seen_at)).total_seconds()
        seen = f"{age_words(max(seconds, 0))}"
    if state.reading:
        waited = f" ({state.reading_s} s)" if state.reading_s else ""
        last = f"; what you see was read {seen}" if seen else ""
        return StateLine(words=f"{symbols.bullet} {READING}{waited}{last}", style="muted")
    if state.error is not None:
        last = f" What you see was read {seen}." if seen else ""
        return StateLine(words=f"{symbols.bad} The cluster can't be read.{last}", style="bad")
    if state.overview is None:
        return StateLine(words="", style="muted")
    found = state.overview.findings.primary is not None
    mark = symbols.good if found else symbols.unknown
    told = "CNI found" if found else "CNI not found out"
    notes = len(state.overview.findings.warnings)
    more = f"; {symbols.warning} {notes} warning{'s' if notes != 1 else ''} below" if notes else ""
    style = "caution" if notes or not found else "good"
    return StateLine(words=f"{mark} {told}, read {seen}{more}", style=style)


def main_text(state: OverviewState, now: datetime, width: int) -> str:
    """Return the error, if there is one, who wires pods, and whether policy was found to hold."""
    parts: list[str] = []
    if state.error is not None:
        parts.append(error_text(state.error, width=width))
        if state.lab_refusal is not None:
            parts.append(error_text(state.lab_refusal, width=width))
        parts.append(offers_text(lab=bool(state.lab), replay=state.replay, width=width))
    if state.overview is not None:
        seen = state.overview
        parts.append(cluster_words(seen.server_version, seen.node_count))
        policy = ("NetworkPolicy", policy_words(state.probe, now=now))
        parts.append(who_text(seen.findings, (policy,), width=width))
    return "\n\n".join(filter(None, parts))


def side_text(state: OverviewState, width: int) -> str:
    """Return warnings and what could not be read."""
    return "" if state.overview is None else caution_text(state.overview.findings, width=width)
