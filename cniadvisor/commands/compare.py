"""``cniadvisor compare``: reports side by side, if they were measured under like conditions."""

from pathlib import Path

from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.report.toml_file import read
from cniadvisor.report.whole_file import shown
from cniadvisor.stats.likeness import unlike_conditions
from cniadvisor.wording.comparing import Named, compare_text, unlike_lines
from cniadvisor.wording.subject import LETTERS


def run_compare(_settings: Settings, reports: tuple[str, ...], *, insist: bool, raw: bool) -> int:
    """Print the reports side by side.

    Raises:
        UsageError: fewer than two reports or too many, or they are not alike and nobody insists.
    """
    if not 2 <= len(reports) <= len(LETTERS):
        raise UsageError(
            f"compare needs 2 to {len(LETTERS)} reports, not {len(reports)}",
            hint="cniadvisor compare A.toml B.toml",
        )
    named = [Named(name=shown(Path(name)), report=read(Path(name))) for name in reports]
    unlike = unlike_conditions([one.report for one in named])
    if unlike and not insist:
        for label, one in zip(LETTERS, named, strict=False):
            tell(f"{label}  {one.name}")
        tell("\n".join(unlike_lines(unlike)))
        raise UsageError(
            "these reports were not measured under like conditions",
            hint="what differs may be the machines and not the CNI; to compare all the same: "
            "--insist",
        )
    hand_over(compare_text(named, unlike, raw=raw))
    return ExitCode.OK
