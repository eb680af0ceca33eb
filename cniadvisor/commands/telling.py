"""What a command prints, whoever still reads it: results on stdout, all else on stderr."""

from contextlib import suppress

import click

from cniadvisor.domain.errors import UsageError

__all__ = ["hand_over", "tell"]


def hand_over(text: str, *, nl: bool = True) -> None:
    """Print a result on stdout. That its reader has gone costs neither what follows nor the code.

    Raises:
        UsageError: stdout can't take it for another reason, such as a full disk.
    """
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:
        return
    except OSError as error:
        raise UsageError(f"the result can't be written to stdout: {error.strerror}") from error


def tell(text: str) -> None:
    """Print on stderr. That nobody reads it any more costs neither the report nor the exit code."""
    with suppress(OSError):
        click.echo(text, err=True)
