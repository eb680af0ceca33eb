"""What can be written to a file of what a screen shows, and under which name."""

import re
from dataclasses import dataclass
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.report import Report
from cniadvisor.domain.words import counted
from cniadvisor.report.exporting import Form, Table, exported
from cniadvisor.report.whole_file import shown, write_whole
from cniadvisor.wording.report_commands import export_command
from cniadvisor.wording.subject import report_subject

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)

_TABLES = {
    Table.TRIALS: "a row for every trial",
    Table.SUMMARIES: "a row for every test and path",
    Table.COMPARISONS: "a row for every test against its baseline",
    Table.SAMPLES: "a row for every second of a node",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One form to write in.

    Attributes:
        words: what the list says.
        ending: of the file's name.
        form: what is made of the reports; None for what the screen itself gives (``text``).
        text: the screen's own words or picture, made already.
    """

    words: str
    ending: str
    form: Form | None = None
    table: Table = Table.TRIALS
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exportable:
    """What a screen shows.

    Attributes:
        paths: of the reports, as many as those and in their order.
        picture: the screen as SVG.
        words: the screen's own text; empty when the reports' Markdown says it all.
    """

    reports: tuple[Report, ...]
    paths: tuple[Path, ...]
    picture: str
    words: str = ""

    @property
    def title(self) -> str:
        """What the dialog is called."""
        return f"Write {counted(len(self.paths), 'report')} to a file"

    def kinds(self) -> tuple[Kind, ...]:
        """Return the forms there are."""
        tables = (
            Kind(words=f"CSV, {told}", ending=f"-{table}.csv", form=Form.CSV, table=table)
            for table, told in _TABLES.items()
        )
        one = len(self.reports) == 1
        return (
            *tables,
            Kind(words="JSON, everything", ending=".json", form=Form.JSON),
            Kind(words="Markdown, for an issue or a wiki", ending=".md", form=Form.MARKDOWN),
            *([Kind(words="TOML, the report itself", ending=".toml", form=Form.TOML)] * one),
            *(
                [Kind(words="Text, as it is shown", ending=".txt", text=self.words)]
                * bool(self.words)
            ),
            picture_kind(self.picture),
        )

    def proposed(self, kind: Kind) -> str:
        """Return a file name that says what is in it."""
        if len(self.reports) == 1:
            (report,) = self.reports
            name = f"{report_subject(report)} {report.plan.run_id}"
        else:
            name = f"{len(self.reports)} reports"
        return _file_name(name) + kind.ending

    def command(self, kind: Kind, out: Path) -> str:
        """Return the command that writes the same; empty where there is none."""
        if kind.form in (None, Form.TOML):
            return ""
        table = kind.table.value if kind.form is Form.CSV else None
        return export_command(self.paths, form=kind.form.value, table=table, out=out)

    def write(self, kind: Kind, out: Path) -> str:
        """Write the file, and return a sentence that says where it is. Blocks: for a thread.

        Raises:
            UsageError: it can't be written, or it would replace one of the reports.
        """
        if any(_same(out, path) for path in self.paths):
            raise UsageError("this would replace the report itself", hint="Choose another name.")
        text = kind.text if kind.form is None else exported(self.reports, kind.form, kind.table)
        return _write_text(kind, text, out)


def picture_kind(picture: str) -> Kind:
    """Return the form that is the screen itself, as SVG."""
    return Kind(words="SVG, a picture of the screen", ending=".svg", text=picture)


class MadeAlready:
    """What is written as the screen gives it: each :class:`Kind` has its text, none a command."""

    __slots__ = ()

    def command(self, kind: Kind, out: Path) -> str:
        """Return nothing: no command gives what this screen shows."""
        return ""

    def write(self, kind: Kind, out: Path) -> str:
        """Write the file, and return a sentence that says where it is. Blocks: for a thread.

        Raises:
            UsageError: it can't be written.
        """
        return _write_text(kind, kind.text, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureExport(MadeAlready):
    """A screen that gives nothing but how it looks.

    Attributes:
        screen: its name.
        picture: it as SVG.
    """

    screen: str
    picture: str

    @property
    def title(self) -> str:
        """What the dialog is called."""
        return "Write a picture of the screen to a file"

    def kinds(self) -> tuple[Kind, ...]:
        """Return the one form there is."""
        return (picture_kind(self.picture),)

    def proposed(self, kind: Kind) -> str:
        """Return a file name that says what is in it."""
        return _file_name(self.screen) + kind.ending


def _write_text(kind: Kind, text: str, out: Path) -> str:
    """Write a file that ends with a newline, and return a sentence that says where it is. Blocks.

    Raises:
        UsageError: it can't be written.
    """
    content = (text if text.endswith("\n") else f"{text}\n").encode("utf-8", "replace")
    write_whole(out, content, what="export")
    what = kind.words.partition(",")[0]
    return f"Written to {shown(out.resolve())}: {what}, {counted(len(content), 'byte')}."


def place_of(typed: str) -> Path:
    """Return the file a person means; ``~`` is home, other names are below the working folder."""
    try:
        return Path(typed.strip()).expanduser()
    except RuntimeError:
        return Path(typed.strip())


def is_there(path: Path) -> bool:
    """Whether there is a file to be replaced; what can't be written over says so when it is."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def picture_without_fonts(svg: str) -> str:
    """Return a picture that loads nothing from anywhere: the terminal library names web fonts."""
    return _FONT.sub("", svg)


def _file_name(words: str) -> str:
    return _UNSAFE.sub("-", words).strip("-.")[:80]


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
