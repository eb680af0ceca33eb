"""Ctrl+c, SIGTERM and SIGHUP end a run tidily."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

import click

from cniadvisor.domain.errors import ExitCode


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
        for number, code in (
            (signal.SIGINT, ExitCode.INTERRUPTED),
            (signal.SIGTERM, ExitCode.TERMINATED),
            (signal.SIGHUP, ExitCode.HANGUP),
        ):
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
        click.echo(
            f"cniadvisor: {number.name}: stopping and cleaning up; once more leaves at once",
            err=True,
        )
        if task is not None:
            task.cancel()
