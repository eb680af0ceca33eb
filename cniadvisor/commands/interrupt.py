"""Ctrl+c, SIGTERM and SIGHUP end a run tidily."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from cniadvisor.domain.errors import ExitCode
from cniadvisor.ending import say

__all__ = ["Interrupt", "signals_as_usual", "stoppable"]

_SIGNALS = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HANGUP,
}


class Interrupt:
    """The first signal ends the run tidily, the second leaves at once.

    ``leave_now`` is what leaving at once means; None while there is nothing to leave.
    """

    def __init__(self) -> None:
        self.code: ExitCode | None = None
        self.name = ""
        self.leave_now: Callable[[], None] | None = None

    def install(self) -> None:
        """Take over the signals for the running task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        for number, code in _SIGNALS.items():
            with suppress(NotImplementedError):  # not on Windows
                loop.add_signal_handler(number, self._received, number, code, task)

    def _received(
        self, number: signal.Signals, code: ExitCode, task: "asyncio.Task[object] | None"
    ) -> None:
        if self.code is not None:
            if self.leave_now is not None:
                self.leave_now()
            return
        self.code, self.name = code, number.name
        if task is not None:
            task.cancel()
        say(f"{number.name}: stopping and cleaning up; once more leaves at once")


async def stoppable(work: Callable[[Interrupt], Awaitable[int]]) -> int:
    """Do the work of a command with the signals taken over; return its exit code, or the signal's.

    ``work`` may end by itself when it is cancelled, to keep what it has.
    """
    interrupt = Interrupt()
    interrupt.install()
    try:
        return await work(interrupt)
    except asyncio.CancelledError:
        if interrupt.code is None:
            raise
        say(f"stopped by {interrupt.name}")
        return interrupt.code


@contextmanager
def signals_as_usual() -> Generator[None]:
    """Let signals do what they do without us, while a question to the user blocks the loop."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    woken = signal.set_wakeup_fd(-1)  # else the loop hears of them afterwards, too
    for number in _SIGNALS:
        usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken)
