"""Running the container tools: their output passed on as it comes, their failure put in words."""

import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.text import printable

Say = Callable[[str], None]
"""Is told each line a tool prints; a face writes it to stderr."""

_LAST_LINES = 12


def run(
    argv: Sequence[str],
    *,
    say: Say,
    environment: Mapping[str, str] | None = None,
    hint: str = "",
) -> None:
    """Run a program to its end; when this is interrupted the program is ended too.

    Args:
        say: is told each line it prints.
        environment: variables to set in addition to ours.
        hint: what to do when it fails.

    Raises:
        BenchmarkError: it could not be started or failed; with the last lines it printed.
    """
    last: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        program = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise BenchmarkError(f"cannot run {argv[0]}: {error.strerror}") from error
    with program:
        assert program.stdout is not None
        try:
            for line in program.stdout:
                shown = printable(line)
                if shown:
                    last.append(shown)
                    say(shown)
        except BaseException:
            program.terminate()
            raise
    if program.returncode != 0:
        raise BenchmarkError(
            "\n  ".join([f"{' '.join(argv[:2])} failed ({_how(program.returncode)}):", *last]),
            hint=hint,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a quick program printed, and if it failed what it says about that."""

    output: str
    trouble: str | None


def ask(argv: Sequence[str], *, timeout_s: float = 20) -> Answer:
    """Run a quick program that only looks."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except OSError as error:
        return Answer(output="", trouble=f"cannot be run: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Answer(output="", trouble=f"did not answer within {timeout_s:g} s")
    if done.returncode == 0:
        return Answer(output=done.stdout, trouble=None)
    said = [shown for line in done.stderr.splitlines() if (shown := printable(line, limit=300))]
    return Answer(output=done.stdout, trouble=said[-1] if said else _how(done.returncode))


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
