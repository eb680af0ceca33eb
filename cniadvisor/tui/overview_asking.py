"""Asks for what the Overview leads on with: another context or namespace, wirings for the lab."""

from textual.screen import Screen

from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.choices import Choice
from cniadvisor.tui.core import Core
from cniadvisor.tui.runs import LabChoices
from cniadvisor.tui.screens.choose import ChooseManyScreen, ChooseScreen

__all__ = ["asked_context", "asked_namespace", "asked_wirings"]


async def asked_context(screen: Screen[None], core: Core, current: str | None) -> str | None:
    """Ask for a context of the kubeconfig; None to stay. To be called in a worker, as the others.

    Raises:
        UsageError: there is none to choose from.
    """
    contexts = await core.contexts()
    if not contexts:
        raise UsageError("there is no context to choose from", hint="see what is said above")
    choices = [
        Choice(
            value=one.name,
            words=f"{one.name}{'  (looks like production)' if one.protected else ''}",
        )
        for one in contexts
    ]
    chosen = await app_of(screen).push_screen_wait(
        ChooseScreen("Context", choices, current=current)
    )
    return None if chosen is None else chosen[0]


async def asked_namespace(screen: Screen[None], core: Core) -> str | None:
    """Ask for the namespace a run works in: empty for one of the run's own, None to stay."""
    try:
        names = await core.namespaces()
    except CniAdvisorError:
        names = ()  # its name can be typed
    choices = [
        Choice(value="", words="(a run makes one of its own)"),
        *(Choice(value=name, words=name) for name in names),
    ]
    chosen = await app_of(screen).push_screen_wait(
        ChooseScreen(
            "Namespace a run works in",
            choices,
            current=core.settings.namespace or "",
            free="use {}",
        )
    )
    return None if chosen is None else chosen[0]


async def asked_wirings(screen: Screen[None], core: Core) -> LabChoices | None:
    """Ask for the wirings to measure on this machine; None for none."""
    choices = [Choice(value=one.name, words=one.words) for one in await core.wirings()]
    chosen = await app_of(screen).push_screen_wait(
        ChooseManyScreen(
            "Wirings to measure on this machine",
            choices,
            chosen=LabChoices().wirings,
            needed=True,
        )
    )
    return None if chosen is None else LabChoices(wirings=chosen)
