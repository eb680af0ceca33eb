"""``cniadvisor show``: reports for a person."""

from pathlib import Path

from cniadvisor.commands.telling import hand_over
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.settings import Settings
from cniadvisor.report.toml_file import read
from cniadvisor.wording.report import report_text


def run_show(_settings: Settings, reports: tuple[str, ...]) -> int:
    """Print every report; all are read before the first is printed."""
    texts = [report_text(read(Path(name))) for name in reports]
    hand_over("\n\n".join(texts))
    return ExitCode.OK
