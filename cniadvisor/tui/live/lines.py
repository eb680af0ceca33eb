"""The line at the top of the Live screen: how far the run is, or how it ended."""

from cniadvisor.domain.events import Phase
from cniadvisor.tui.live.state import LiveState
from cniadvisor.tui.live.time_left import time_left
from cniadvisor.tui.runs import RunEnd
from cniadvisor.wording.live import end_sentences, progress_sentence, removed_words


def progress_line(state: LiveState) -> str:
    """Say how far a stream is."""
    plan = state.plan
    left = time_left(plan, state.clock) if plan is not None else None
    if state.finished is not None:
        return _finish(state)
    words = state.phase_words
    if state.phase is Phase.CLOSE:
        failed = sum(step.error is not None for step in state.cleanup)
        words = removed_words(len(state.cleanup) - failed, failed) or words
    return progress_sentence(
        phase=state.phase,
        words=words,
        elapsed_s=state.at_s,
        finished=state.clock.finished,
        trials=plan.trial_count if plan is not None else 0,
        left_s=left.seconds if left is not None else None,
        at_most=left is not None and left.at_most,
    )


def end_line(state: LiveState, end: RunEnd, *, key: str | None = None) -> str:
    """Say how the run ended, and where its reports are; ``key`` leads to them."""
    finish = [_finish(state)] if state.finished is not None else []
    more = end_sentences(
        error=end.error,
        cancelled=end.cancelled,
        reports=tuple(str(path) for path in end.reports),
        key=key,
    )
    return " ".join([*finish, *more]) or "The run is over."


def _finish(state: LiveState) -> str:
    """Return what the log says of the end."""
    event = state.finished
    assert event is not None
    told = [*state.narrator.wrong(event), *state.narrator.news(event)]
    return " ".join(text if text.endswith(".") else f"{text}." for text in told)
