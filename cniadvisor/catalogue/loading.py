"""The shipped folder ``profiles``, and what a folder of the user's adds or replaces."""

from pathlib import Path

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.profile import Profile
from cniadvisor.advise.reference import Campaign
from cniadvisor.catalogue.axes_file import parse_axes
from cniadvisor.catalogue.campaign_file import ResultOf, parse_campaign
from cniadvisor.catalogue.cni_file import parse_profile
from cniadvisor.catalogue.questions_file import parse_questions
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.resources import profiles

AXES = "axes.toml"
QUESTIONS = "questionnaire.toml"
CNIS = "cnis"
CAMPAIGNS = "reference"


def load_catalogue(extra: Path | None, *, result_of: ResultOf) -> Catalogue:
    """Read all profiles, axes, questions and campaigns.

    Args:
        extra: a folder laid out like the shipped one. Its files replace shipped ones of the same
            name and add to them; a CNI is replaced as a whole, by the name in its file.
        result_of: reads the head of a report that a campaign names.

    Raises:
        UsageError: a file can't be read or is wrong; names the file, the line and what to do.
    """
    folders = _folders(extra)
    cnis = _profiles(folders)
    text, source = _newest(folders, AXES)
    axes = parse_axes(text, source=source)
    text, source = _newest(folders, QUESTIONS)
    names = [axis.name for axis in axes.axes]
    questions = parse_questions(text, source=source, profiles=cnis, axes=names)
    return Catalogue(
        profiles=cnis,
        axes=axes.axes,
        questions=questions,
        stale_after_days=axes.stale_after_days,
        campaigns=_campaigns(folders, result_of),
    )


def load_campaigns(extra: Path | None, *, result_of: ResultOf) -> tuple[Campaign, ...]:
    """Read the campaigns alone, oldest first. Arguments and errors as :func:`load_catalogue`."""
    return _campaigns(_folders(extra), result_of)


def _folders(extra: Path | None) -> list[Path]:
    return [profiles()] if extra is None else [profiles(), _checked(extra)]


def _checked(extra: Path) -> Path:
    shown = printable(str(extra))
    try:
        if not extra.is_dir():
            raise UsageError(f"{shown} is no folder", hint=_LAYOUT)
        known = any((extra / name).exists() for name in (AXES, QUESTIONS, CNIS, CAMPAIGNS))
    except OSError as error:
        raise UsageError(f"{shown} can't be looked into: {error.strerror}") from error
    if not known:
        raise UsageError(f"{shown} holds nothing for the advisor", hint=_LAYOUT)
    return extra


_LAYOUT = f"it may hold {CNIS}/*.toml, {CAMPAIGNS}/*.toml, {AXES} and {QUESTIONS}"


def _profiles(folders: list[Path]) -> tuple[Profile, ...]:
    found: dict[str, Profile] = {}
    for folder in folders:
        here: dict[str, Profile] = {}
        for path in sorted((folder / CNIS).glob("*.toml")):
            profile = parse_profile(_text(path), source=printable(str(path)))
            if profile.name in here:
                other = here[profile.name].origin
                raise UsageError(
                    f"{profile.origin} and {other} are both about {profile.name}",
                    hint="one file a CNI: join them",
                )
            here[profile.name] = profile
        found |= here
    return tuple(found.values())


def _campaigns(folders: list[Path], result_of: ResultOf) -> tuple[Campaign, ...]:
    found: dict[str, Campaign] = {}
    for folder in folders:
        for path in sorted((folder / CAMPAIGNS).glob("*.toml")):
            found[path.stem] = parse_campaign(
                _text(path),
                name=printable(path.stem, limit=80),
                source=printable(str(path)),
                folder=path.parent,
                result_of=result_of,
            )
    return tuple(sorted(found.values(), key=lambda campaign: (campaign.date, campaign.name)))


def _newest(folders: list[Path], name: str) -> tuple[str, str]:
    """Return text and source of the last folder's file of this name."""
    path = next(folder / name for folder in reversed(folders) if (folder / name).exists())
    return _text(path), printable(str(path))


def _text(path: Path) -> str:
    shown = printable(str(path))
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {shown}: it is not UTF-8 text") from error
