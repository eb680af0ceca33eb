"""Nothing is created in a cluster before somebody said yes to it."""

import sys
from collections.abc import Sequence

import click

from cniadvisor.commands.interrupt import signals_as_usual
from cniadvisor.commands.telling import tell
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import PROTECTED_CONTEXTS, is_protected
from cniadvisor.domain.text import printable
from cniadvisor.wording.plan import agree_question, name_question


def confirm(
    context: str,
    *,
    yes: bool,
    confirmed_context: str | None,
    protected: Sequence[str] = PROTECTED_CONTEXTS,
    unseen: str = "",
) -> None:
    """Return if the user agrees to create things in ``context``.

    A context whose name matches one of ``protected`` wants its name, typed or by
    ``--confirm-context``; ``--yes`` is not enough.

    Args:
        unseen: the plan, where it was not shown yet: whoever is asked sees it first.

    Raises:
        UsageError: nobody agreed.
        click.Abort: ctrl+c or the end of the input, instead of an answer.
    """
    shown = printable(context)
    if confirmed_context is not None:
        if confirmed_context == context:
            return
        raise UsageError(
            f"--confirm-context names {printable(confirmed_context)}, but the context is {shown}",
            hint="look where your kubeconfig points before you go on",
        )
    if is_protected(context, protected):
        if not sys.stdin.isatty():
            raise UsageError(
                f"{shown} looks like production; --yes is not enough there",
                hint=f"if you mean it: --confirm-context {shown}",
            )
        _show(unseen)
        with signals_as_usual():
            typed = click.prompt(name_question(context), err=True)
        if typed != context:
            raise UsageError("that is not its name; nothing was created")
        return
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"nobody is there to agree to creating pods in {shown}",
            hint="look at the plan with --dry-run, then say --yes",
        )
    _show(unseen)
    with signals_as_usual():
        agreed = click.confirm(agree_question(context), err=True)
    if not agreed:
        raise UsageError("nothing was created")


def _show(plan: str) -> None:
    if plan:
        tell(plan)
