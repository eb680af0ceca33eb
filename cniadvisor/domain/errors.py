"""What can go wrong, and the exit code each kind ends with.

::

    CniAdvisorError
    ├── UsageError            2  usage, configuration, no image, one-node cluster
    ├── ClusterError          3  unreachable, refused by quota or admission
    │   └── AccessError       3  not authenticated, or a right is missing (named)
    ├── DeadlineError         4  timed out
    ├── BenchmarkError        5  the benchmark failed, image and scheduling included
    └── CleanupError          6  something of ours is left behind

A message says what is wrong and where; the hint says what to do. Both are shown to a person, so
whatever comes from a cluster or a file goes through :func:`cniadvisor.domain.text.printable` first.
Exceptions of a library never leave the room that imports it: they are turned into one of these.
"""

from enum import IntEnum

__all__ = [
    "AccessError",
    "BenchmarkError",
    "CleanupError",
    "ClusterError",
    "CniAdvisorError",
    "DeadlineError",
    "ExitCode",
    "UsageError",
]


class ExitCode(IntEnum):
    """Exit codes scripts may rely on."""

    OK = 0
    THRESHOLD_FAILED = 1
    USAGE = 2
    CLUSTER = 3
    TIMED_OUT = 4
    BENCHMARK_FAILED = 5
    CLEANUP_INCOMPLETE = 6
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class CniAdvisorError(Exception):
    """Base of every error that is shown to the user as a sentence instead of a traceback."""

    exit_code = ExitCode.BENCHMARK_FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CniAdvisorError):
    """The call or the configuration is wrong; nothing was created."""

    exit_code = ExitCode.USAGE


class ClusterError(CniAdvisorError):
    """The API server cannot be reached, or it refuses what was asked (quota, admission)."""

    exit_code = ExitCode.CLUSTER


class AccessError(ClusterError):
    """Not authenticated, or a right is missing; ``right`` names it as ``verb resource``."""

    def __init__(self, message: str, *, right: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.right = right


class DeadlineError(CniAdvisorError):
    """Something did not finish within its time limit."""

    exit_code = ExitCode.TIMED_OUT


class BenchmarkError(CniAdvisorError):
    """The benchmark could not run or could not be finished."""

    exit_code = ExitCode.BENCHMARK_FAILED


class CleanupError(CniAdvisorError):
    """Clean-up is incomplete; the message names what is left, the hint the removing command."""

    exit_code = ExitCode.CLEANUP_INCOMPLETE
