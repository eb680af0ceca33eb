"""``cniadvisor export``: reports for other programs and other readers."""

from dataclasses import dataclass
from pathlib import Path

from cniadvisor.commands.telling import hand_over
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.report.exporting import Form, Table, exported
from cniadvisor.report.report_json import schema_text
from cniadvisor.report.toml_file import read
from cniadvisor.report.whole_file import is_same_file, write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options of ``cniadvisor export``, as the command line gave them."""

    reports: tuple[str, ...]
    form: str
    table: str
    out: str | None
    schema: bool


def run_export(_settings: Settings, options: ExportOptions) -> int:
    """Print the reports in another form, or write them to a file.

    Raises:
        UsageError: no report, one can't be read, or the place can't be written.
    """
    if options.schema:
        text = schema_text()
    elif options.reports:
        reports = [read(Path(name)) for name in options.reports]
        text = exported(reports, Form(options.form), Table(options.table))
    else:
        raise UsageError("export needs a REPORT", hint="cniadvisor export --format csv R.toml")
    if options.out in (None, "-"):
        hand_over(text, nl=not text.endswith("\n"))
        return ExitCode.OK
    out = Path(options.out)
    if any(is_same_file(out, Path(name)) for name in options.reports):
        raise UsageError("the export would replace its report", hint="choose another --out")
    write_whole(out, text.encode("utf-8", "replace"), what="export")
    return ExitCode.OK
