"""``cniadvisor config``: where the file is, what is in force, and a file to begin with."""

from collections.abc import Mapping
from pathlib import Path

from cniadvisor.commands.telling import hand_over
from cniadvisor.config_file import Setting, config_path, template
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.text import printable
from cniadvisor.wording.words import table


def run_path(environment: Mapping[str, str]) -> int:
    """Print where the file is, or would be."""
    hand_over(str(config_path(environment)))
    return ExitCode.OK


def run_show(settled: Mapping[str, Setting]) -> int:
    """Print every value in force and where it came from."""
    rows = [(name, _shown(one), printable(one.origin)) for name, one in settled.items()]
    hand_over("\n".join(table(("key", "value", "from"), rows, indent="")))
    return ExitCode.OK


def run_init(environment: Mapping[str, str]) -> int:
    """Write a file that sets nothing and shows every key, and print where.

    Raises:
        UsageError: there is one already, or it can't be written.
    """
    path = config_path(environment)
    shown = printable(str(path), limit=300)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Path.open(path, "x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise UsageError(
            f"{shown} is there already", hint="it was left as it is; edit it, or move it away"
        ) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot write {shown}: {reason}") from None
    hand_over(str(path))
    return ExitCode.OK


def _shown(setting: Setting) -> str:
    match setting.value:
        case None:
            return "not set"
        case bool():
            return "true" if setting.value else "false"
        case str():
            return printable(setting.value, limit=300)
        case _:
            return printable(", ".join(setting.value), limit=300) or "none"
