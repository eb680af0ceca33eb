"""What every command is told: by the command line, the environment or the configuration file."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cniadvisor.domain.errors import UsageError

PROTECTED_CONTEXTS = ("*prod*", "*prd*", "*live*")
"""Contexts whose name matches one of these want their name typed before anything is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options every command takes, before or after its name, and what the file adds."""

    context: str | None = None
    kubeconfig: str | None = None
    namespace: str | None = None
    read_only: bool = False
    quiet: bool = False
    verbose: bool = False
    protected_contexts: tuple[str, ...] = PROTECTED_CONTEXTS
    profiles: str | None = None


def refuse_if_read_only(settings: Settings, what: str, *, instead: str = "") -> None:
    """Refuse to create or remove things where only looking is allowed.

    Args:
        what: the sentence's begin, such as "a benchmark creates pods".
        instead: what is allowed all the same.

    Raises:
        UsageError: it is read-only; the hint tells where to find what set it.
    """
    if settings.read_only:
        hint = "`cniadvisor config show` tells what set it: --read-only, a variable, the file"
        raise UsageError(
            f"{what}, and read-only forbids that", hint=f"{hint}; or {instead}" if instead else hint
        )


def is_protected(context: str, patterns: Sequence[str] = PROTECTED_CONTEXTS) -> bool:
    """Whether a context's name says production; case does not matter."""
    return any(fnmatchcase(context.lower(), pattern.lower()) for pattern in patterns)
