"""How a command ends: its exit code, and a sentence on stderr where it failed. No traceback."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from cniadvisor.domain.errors import CniAdvisorError, ExitCode

__all__ = ["ended", "say"]


def ended(work: Callable[[], object]) -> int:
    """Do the work of a command and return its exit code: what it returns, or what went wrong."""
    try:
        code = work()
        sys.stdout.flush()
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


def say(message: str, hint: str = "") -> None:
    """Tell on stderr what is wrong and what to do. That nobody reads it changes no exit code."""
    with suppress(OSError):
        print(f"cniadvisor: {message}", file=sys.stderr)
        if hint:
            print(f"  {hint}", file=sys.stderr)
