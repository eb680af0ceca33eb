"""How a command ends: its exit code, and a sentence on stderr where it failed. No traceback."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO, cast

from cniadvisor.domain.errors import CniAdvisorError, ExitCode

__all__ = ["ended", "say"]


def ended(work: Callable[[], object]) -> int:
    """Do the work of a command and return its exit code: what it returns, or what went wrong."""
    code = _code_of(work)
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    return code


def _code_of(work: Callable[[], object]) -> int:
    try:
        code = work()
    except CniAdvisorError as error:
        say(error.message, error.hint)
        return error.exit_code
    except SystemExit:
        # click ends so when the reader of our stdout has gone (| head): no error of ours.
        return ExitCode.OK
    except KeyboardInterrupt:
        say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        if os.environ.get("CNIADVISOR_DEBUG"):
            raise
        say(
            f"internal error: {type(error).__name__}",
            "this is a fault of cniadvisor; set CNIADVISOR_DEBUG=1 to see where, and report it",
        )
        return ExitCode.BENCHMARK_FAILED
    return code if isinstance(code, int) else ExitCode.OK


def _let_go(stream: TextIO | None) -> None:
    """Deliver what was printed, or give it up: else the interpreter ends with a code of its own.

    Args:
        stream: None where it was closed before the start.
    """
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:  # its reader has gone, or somebody was told of it
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(message: str, hint: str = "") -> None:
    """Tell on stderr what is wrong and what to do. That nobody reads it changes no exit code."""
    stderr = cast("TextIO | None", sys.stderr)
    if stderr is None:  # closed before the start; print would take stdout instead
        return
    with suppress(OSError):
        print(f"cniadvisor: {message}", file=stderr)
        if hint:
            print(f"  {hint}", file=stderr)
