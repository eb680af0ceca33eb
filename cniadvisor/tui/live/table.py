"""The table of tests as rows of words, for any width."""

from collections.abc import Sequence
from dataclasses import dataclass

from cniadvisor.domain.measurement import FIGURES, PathName, TestName
from cniadvisor.domain.report import Verdict
from cniadvisor.domain.text import printable
from cniadvisor.tui.cutting import shortened
from cniadvisor.tui.live.board import LiveBoard
from cniadvisor.tui.live.cells import Cell, Column, column
from cniadvisor.tui.live.so_far import State, TestSoFar, rounds_done, state_of
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.symbols import Symbols
from cniadvisor.tui.theme import Meaning
from cniadvisor.wording.live import NOTHING, ratio_words
from cniadvisor.wording.words import quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """One test of one stream; every figure with its unit."""

    __test__ = False

    stream: str
    test: str
    running: bool
    state: Cell
    rounds: str
    last: str
    pod: str
    host: str
    ratio: str
    interval: str
    verdict: Cell


_STATES = {
    State.WAITING: Meaning.MUTED,
    State.RUNNING: Meaning.POD,
    State.DONE: Meaning.GOOD,
    State.FAILED: Meaning.BAD,
    State.CUT_OFF: Meaning.WARNING,
    State.LEFT_OUT: Meaning.WARNING,
}
_VERDICTS = {
    Verdict.FASTER: Meaning.WARNING,
    Verdict.SLOWER: Meaning.WARNING,
    Verdict.NO_DETECTABLE_DIFFERENCE: Meaning.GOOD,
    Verdict.NO_VERDICT: Meaning.MUTED,
}


def rows_of(board: LiveBoard, symbols: Symbols) -> tuple[TestRow, ...]:
    """Return the rows of every stream, in its plan's order; a name only where there are several."""
    several = len(board.streams) > 1
    return tuple(
        _row(printable(name) if several else "", state, so_far, symbols)
        for name, state in board.streams.items()
        for so_far in state.tests.values()
    )


def _row(stream: str, state: LiveState, so_far: TestSoFar, symbols: Symbols) -> TestRow:
    figure = FIGURES[so_far.test]
    ratio, interval = ratio_words(so_far.comparison, higher_is_better=figure.higher_is_better)
    verdict = Verdict.NO_VERDICT if so_far.comparison is None else so_far.comparison.verdict
    place = _test_state(state, so_far)
    rounds = state.plan.suite.rounds if state.plan is not None else 0
    done = min((rounds_done(so_far, path) for path in _paths(state, so_far.test)), default=0)
    return TestRow(
        stream=stream,
        test=so_far.test.value,
        running=place is State.RUNNING,
        state=Cell(text=f"{_mark(place, symbols)} {place.value}", meaning=_STATES[place]),
        rounds=f"{done} of {max(rounds, done)}",
        last=_last(state, so_far),
        pod=_median(so_far, PathName.POD),
        host=_median(so_far, PathName.HOST),
        ratio=ratio,
        interval=interval,
        verdict=Cell(text=_verdict(verdict, symbols), meaning=_VERDICTS[verdict]),
    )


def _paths(state: LiveState, test: TestName) -> tuple[PathName, ...]:
    """Return the paths on which a test is measured; the warnings tell of those that do not work."""
    planned = state.plan.paths if state.plan is not None else ()
    codes = {warning.code for warning in state.warnings}
    if f"no-figure-{test}" in codes:
        return ()
    without_baseline = bool(codes & {"no-baseline", f"no-baseline-{test}"})
    return tuple(path for path in planned if path is PathName.POD or not without_baseline)


def _test_state(state: LiveState, so_far: TestSoFar) -> State:
    """Fold both paths' states into one: what runs first, then what is wrong."""
    if state.plan is None:
        return State.WAITING
    paths = _paths(state, so_far.test)
    if not paths:
        return State.LEFT_OUT
    states = {
        state_of(
            so_far,
            path,
            plan=state.plan,
            running=state.running,
            ended=state.finished is not None,
        )
        for path in paths
    }
    order = (State.RUNNING, State.FAILED, State.CUT_OFF, State.WAITING, State.DONE)
    return next((one for one in order if one in states), State.WAITING)


def _mark(state: State, symbols: Symbols) -> str:
    return {
        State.WAITING: symbols.bullet,
        State.RUNNING: symbols.chosen,
        State.DONE: symbols.good,
        State.FAILED: symbols.bad,
        State.CUT_OFF: symbols.warning,
        State.LEFT_OUT: symbols.warning,
    }[state]


def _verdict(verdict: Verdict, symbols: Symbols) -> str:
    mark = {
        Verdict.FASTER: symbols.warning,
        Verdict.SLOWER: symbols.warning,
        Verdict.NO_DETECTABLE_DIFFERENCE: symbols.good,
        Verdict.NO_VERDICT: symbols.unknown,
    }[verdict]
    return f"{mark} {verdict.value}"


def _last(state: LiveState, so_far: TestSoFar) -> str:
    """Return the newest second of the trial that runs, else the newest figure of the pod path."""
    running, series = state.running, state.series
    if running is not None and series is not None and running.test is so_far.test:
        second = series.last_mbit_per_s
        if series.trial == running and second is not None:
            return quantity(second, "Mbit/s")
    value = so_far.last(PathName.POD)
    return NOTHING if value is None else quantity(value, FIGURES[so_far.test].unit)


def _median(so_far: TestSoFar, path: PathName) -> str:
    value = so_far.median(path)
    return NOTHING if value is None else quantity(value, FIGURES[so_far.test].unit)


def columns_of(rows: Sequence[TestRow], *, width: int) -> tuple[Column, ...]:
    """Return the columns that fit: below 60 one number for each test, then more and more."""

    longest = _LONGEST_NAME if width >= _WIDE else _LONGEST_NAME // 2
    names = [shortened(r.stream, longest) for r in rows]
    stream = (column("wiring", *names),) if any(names) else ()
    test = column("test", *(r.test for r in rows))
    state = column("state", *(r.state for r in rows))
    pod = column("pod median", *(r.pod for r in rows))
    host = column("host median", *(r.host for r in rows))
    ratio = column("ratio", *(r.ratio for r in rows))
    verdict = column("verdict", *(r.verdict for r in rows))
    if width < _NARROW:
        one = column("pod network", *(_one_number(r) for r in rows))
        return (*stream, test, one)
    if width < _MIDDLE:
        return (*stream, test, state, pod, ratio)
    if width < _WIDE:
        return (*stream, test, state, pod, host, ratio, verdict)
    rounds = column("rounds", *(r.rounds for r in rows))
    last = column("last", *(r.last for r in rows))
    interval = column("95 % interval", *(r.interval for r in rows))
    return (*stream, test, state, rounds, last, pod, host, ratio, interval, verdict)


_NARROW, _MIDDLE, _WIDE = 40, 76, 112
_LONGEST_NAME = 24


def _one_number(row: TestRow) -> str:
    """Return the ratio as soon as there is one, until then the newest figure."""
    if row.ratio == NOTHING:
        return row.last
    return f"{row.ratio} of host" if row.ratio.endswith("%") else f"{row.ratio} host"
