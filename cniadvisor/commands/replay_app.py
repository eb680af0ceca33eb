"""``cniadvisor replay --live``: the app, opened on a recording."""

from cniadvisor.commands.app import Opening, run_app
from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.replay import ReplayOptions
from cniadvisor.config_file import Preferences
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.resources import recording_or_shipped


def run_replay_app(
    settings: Settings, options: ReplayOptions, preferences: Preferences, *, speed: float
) -> int:
    """Open the app and tell the recording on its Live screen.

    Raises:
        UsageError: it can't be read, there is no terminal, or an option is for the other way.
    """
    if options.out is not None or options.fail_below or options.fail_above:
        raise UsageError(
            "--out and thresholds need the whole recording, not one that is watched",
            hint="leave --live away",
        )
    opening = Opening(recording=recording_or_shipped(options.recording), replay_speed=speed)
    instead = "cniadvisor replay RECORDING"
    return run_app(AppCore(settings), preferences, opening, instead=instead)
