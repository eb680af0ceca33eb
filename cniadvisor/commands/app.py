"""The interactive app: how it is opened, and what happens after it was left in mid-run."""

import asyncio
import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.app_core.run_options import RunExtras
from cniadvisor.config_file import Preferences, bindings, read_config, settle
from cniadvisor.domain.errors import CleanupError, ExitCode, UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.tui.keymap import known_ids
from cniadvisor.tui.options import AppOptions, ChartMarker
from cniadvisor.tui.runs import LabChoices, RunChoices, RunEnd, RunHandle
from cniadvisor.tui.symbols import ASCII, symbols_for

if TYPE_CHECKING:  # the app paints before there is a run
    from cniadvisor.domain.events import BenchEvent
    from cniadvisor.tui.app import CniAdvisorApp


_LOOK_EVERY_S = 1.0
"""How often the terminal is looked after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the app opens on: a screen, a recording or the lab; at most one of the last two.

    Attributes:
        choices: what the Plan screen begins with; None for what environment and file say.
    """

    screen: str = "overview"
    choices: RunChoices | None = None
    recording: Path | None = None
    replay_speed: float = 1.0
    lab: LabChoices | None = None


def require_terminal(instead: str, environ: Mapping[str, str]) -> None:
    """Refuse to open the app where nobody can see it.

    Args:
        instead: the command that does the same without it.
        environ: for TERM.

    Raises:
        UsageError: stdin or stderr is no terminal, or one that can't move its cursor.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the app needs a terminal", hint=f"without one: {instead}")
    if environ.get("TERM") in (None, "", "dumb"):
        raise UsageError(
            "this terminal can't draw the app (TERM is not set, or dumb)",
            hint=f"use the numbered menu: cniadvisor --plain; or: {instead}",
        )


def app_options(preferences: Preferences, environ: Mapping[str, str]) -> AppOptions:
    """Return how the app shall look.

    Args:
        preferences: from flags, environment and file.
        environ: for TERM.

    Raises:
        UsageError: a binding id that no action has.
    """
    symbols = symbols_for(encoding=sys.stderr.encoding, term=environ.get("TERM"))
    marker = preferences.settled["chart_marker"].value
    if marker is None:
        # The Linux console's own font (cp437) has neither braille nor quarters of a block.
        marker = ChartMarker.ASCII if symbols is ASCII else ChartMarker.BRAILLE
    known = known_ids()
    for name, setting in preferences.bindings.items():
        if name not in known:
            similar = get_close_matches(name[:80], known, n=1)
            raise UsageError(
                f"{setting.origin}: no action is called {printable(name, limit=80)}",
                hint=f"did you mean {similar[0]}?" if similar else "the app's help (?) has them",
            )
    return AppOptions(
        theme=str(preferences.settled["theme"].value),
        chart_marker=ChartMarker(str(marker)),
        keys={name: str(setting.value) for name, setting in preferences.bindings.items()},
        symbols=symbols,
    )


def open_by_default() -> int:
    """Open the app as ``cniadvisor`` without a word does.

    The library of the command line is not loaded for that: it would take a tenth of the time until
    the first paint.

    Raises:
        UsageError: no terminal, or the environment or the configuration file is wrong.
    """
    config = read_config(os.environ)
    settled = settle({}, os.environ, config)
    told = {name: settled[name].value for name in Settings.__slots__ if name in settled}
    settings = Settings(**told)  # pyright: ignore[reportArgumentType] - checked to be of these types
    return open_app(settings, Preferences(settled=settled, bindings=bindings(config)))


def open_app(settings: Settings, preferences: Preferences) -> int:
    """Open the app on its first screen.

    Raises:
        UsageError: no terminal, or a key for no action.
    """
    secret = _text(preferences, "image_pull_secret")
    core = AppCore(settings, extras=RunExtras(image_pull_secret=secret))
    return run_app(core, preferences, Opening(), instead="cniadvisor detect")


def run_app(core: AppCore, preferences: Preferences, opening: Opening, *, instead: str) -> int:
    """Open the app and return the exit code.

    Args:
        core: the product.
        preferences: how it shall look and be operated.
        opening: what it opens on.
        instead: the command to use where there is no terminal.
    """
    require_terminal(instead, os.environ)
    options = app_options(preferences, os.environ)
    if opening.choices is None:
        suite, image = (_text(preferences, name) for name in ("suite", "image"))
        opening = replace(opening, choices=RunChoices(suite=suite or "quick", image=image))
    return asyncio.run(_run(_app_class(), core, options, opening))


def _text(preferences: Preferences, name: str) -> str | None:
    value = preferences.settled[name].value
    return None if value is None else str(value)


def _app_class() -> "type[CniAdvisorApp]":
    """Import the app. All of it stays, so looking for garbage meanwhile only takes time."""
    gc.disable()
    try:
        from cniadvisor.tui.app import CniAdvisorApp

        return CniAdvisorApp
    finally:
        gc.freeze()
        gc.enable()


async def _run(
    app_class: "type[CniAdvisorApp]", core: AppCore, options: AppOptions, opening: Opening
) -> int:
    app = app_class(core, options=options, begin=_begin(core, opening), choices=opening.choices)
    stop = _Stop(app)
    stop.install()
    watch = asyncio.create_task(_until_hung_up(stop))
    try:
        with suppress(OSError):  # there is no terminal any more to be put in order
            await app.run_async()
    finally:
        watch.cancel()
        if _hung_up():
            _drop_output()
        code = await _wind_up(core, stop)
    if app.fault is not None:
        _say(f"cniadvisor: internal error: {type(app.fault).__name__}")
        _say("  this is a fault of cniadvisor; set CNIADVISOR_DEBUG=1 to see where, and report it")
        return code or ExitCode.BENCHMARK_FAILED
    return code


async def _until_hung_up(stop: "_Stop") -> None:
    """Stop when the terminal is gone: not every one that goes sends SIGHUP."""
    while True:
        if _hung_up():
            stop.received(ExitCode.HANGUP)
            return
        await asyncio.sleep(_LOOK_EVERY_S)


def _hung_up() -> bool:
    """Whether the terminal is gone."""
    terminal = select.poll()
    terminal.register(sys.stdin.fileno(), 0)  # hanging up is told without being asked for
    return bool(terminal.poll(0))


def _drop_output() -> None:
    """Nobody reads any more: let what is still written go nowhere, without an error at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _begin(core: AppCore, opening: Opening) -> str | RunHandle:
    if opening.recording is not None:
        return core.replay(opening.recording, speed=opening.replay_speed)
    if opening.lab is not None:
        return core.start_lab(opening.lab)
    return opening.screen


class _Stop:
    """What a signal does: it closes the app; while clean-up is on, it cuts that short."""

    def __init__(self, app: "CniAdvisorApp") -> None:
        self.code: ExitCode | None = None
        self.leave_now: Callable[[], None] | None = None
        self._app = app

    def install(self) -> None:
        """Take over the signals."""
        loop = asyncio.get_running_loop()
        for number, code in (
            (signal.SIGINT, ExitCode.INTERRUPTED),
            (signal.SIGTERM, ExitCode.TERMINATED),
            (signal.SIGHUP, ExitCode.HANGUP),
        ):
            with suppress(NotImplementedError):  # not on Windows
                loop.add_signal_handler(number, self.received, code)

    def received(self, code: ExitCode) -> None:
        """Stop, because of a signal or a terminal that is gone."""
        if self.leave_now is not None:
            self.leave_now()
        else:
            self.code = code
            self._app.exit()


async def _wind_up(core: AppCore, stop: _Stop) -> int:
    """See a run to its end that was left in the middle, and tell it line by line."""
    run = core.run
    if run is None:
        return stop.code or ExitCode.OK
    if run.end is None:
        _say("cniadvisor: stopping and cleaning up; ctrl+c leaves at once")
        _tell_from_now(run)
        stop.leave_now = run.leave_now
        run.cancel()
    return _told(await run.wait(), stop)


def _tell_from_now(run: RunHandle) -> None:
    from cniadvisor.headless.renderer import Renderer

    renderers = {name: Renderer() for name in run.streams}
    now = False

    def tell(stream: str, event: "BenchEvent") -> None:
        lines = list(renderers[stream].lines(event))  # it counts what it did not tell, too
        for line in lines if now else ():
            _say(f"{stream}: {line}" if stream else line)

    run.follow(tell)
    now = True


def _told(end: RunEnd, stop: _Stop) -> int:
    for place in end.reports:
        _say(f"Report: {printable(str(place), limit=300)}")
    if isinstance(end.error, CleanupError) or (end.error is not None and stop.leave_now):
        _say(f"cniadvisor: {end.error.message}")
        if end.error.hint:
            _say(f"  {end.error.hint}")
    if isinstance(end.error, CleanupError):
        return end.error.exit_code
    return stop.code or ExitCode.OK


def _say(text: str) -> None:
    # The terminal may be gone (SIGHUP); clean-up goes on all the same.
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
