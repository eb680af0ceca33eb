"""What every command is told: the global options of the command line."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

PROTECTED_CONTEXTS = ("*prod*", "*prd*", "*live*")
"""Contexts whose name matches one of these want their name typed before anything is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options every command takes, before or after its name."""

    context: str | None = None
    kubeconfig: str | None = None
    namespace: str | None = None
    read_only: bool = False
    quiet: bool = False
    verbose: bool = False


def is_protected(context: str) -> bool:
    """Whether a context's name says production; case does not matter."""
    return any(fnmatchcase(context.lower(), pattern) for pattern in PROTECTED_CONTEXTS)
