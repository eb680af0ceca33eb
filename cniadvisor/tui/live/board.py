"""All streams of a run: one on a cluster, one for each wiring in the lab."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cniadvisor.domain.events import BenchEvent, RunStarted, TrialStarted
from cniadvisor.tui.live.state import LiveState, advance


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBoard:
    """What is known of every stream.

    Attributes:
        streams: by name, in the run's order.
        busy: the stream in which a run or a trial began last.
    """

    streams: Mapping[str, LiveState] = field(default_factory=dict[str, LiveState])
    busy: str = ""


def board_of(names: tuple[str, ...]) -> LiveBoard:
    """Return the board of a run before its first event."""
    return LiveBoard(streams={name: LiveState() for name in names}, busy=names[0] if names else "")


def advance_board(board: LiveBoard, stream: str, event: BenchEvent) -> LiveBoard:
    """Return the board after the next event of a stream; a new name is one more stream."""
    state = advance(board.streams.get(stream) or LiveState(), event)
    busy = stream if isinstance(event, RunStarted | TrialStarted) else board.busy
    return replace(board, streams={**board.streams, stream: state}, busy=busy)
