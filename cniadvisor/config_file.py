"""The configuration file, and what wins: flag over environment over file over default.

It is TOML in the XDG place, and never needed. ``CNIADVISOR_CONFIG`` names another one.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias, cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import PROTECTED_CONTEXTS
from cniadvisor.domain.text import printable
from cniadvisor.domain.toml_lines import place_of

Value: TypeAlias = str | bool | tuple[str, ...] | None

FILE_VARIABLE = "CNIADVISOR_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the file. The type of its default is its type; None is text.

    ``choices`` are the only texts it takes; none means any.
    """

    name: str
    default: Value
    meaning: str
    example: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that wins over the file."""
        return f"CNIADVISOR_{self.name.upper()}"


KEYS = (
    Key(
        name="context",
        default=None,
        meaning="Context of the kubeconfig.",
        example='"staging"',
    ),
    Key(
        name="kubeconfig",
        default=None,
        meaning="Kubeconfig file, instead of KUBECONFIG or ~/.kube/config.",
        example='"~/.kube/staging"',
    ),
    Key(
        name="namespace",
        default=None,
        meaning="Namespace to work in; without it a run makes one of its own.",
        example='"benchmarks"',
    ),
    Key(
        name="read_only",
        default=False,
        meaning="Refuse whatever would create or delete something.",
        example="true",
    ),
    Key(
        name="protected_contexts",
        default=PROTECTED_CONTEXTS,
        meaning="Contexts whose name is to be typed before anything is created (* is any text).",
        example='["*prod*", "*prd*", "*live*"]',
    ),
    Key(
        name="suite",
        default="quick",
        meaning="quick, standard, thorough or a file.",
        example='"standard"',
    ),
    Key(
        name="image",
        default=None,
        meaning="Image the pods run, instead of the one built on this machine.",
        example='"registry.example/cniadvisor-bench@sha256:..."',
    ),
    Key(
        name="image_pull_secret",
        default=None,
        meaning="Pull secret in the namespace, by its name.",
        example='"registry-login"',
    ),
    Key(
        name="profiles",
        default=None,
        meaning="Folder of profiles that add to the advisor's or replace them; docs/advisor.md.",
        example='"~/cni-profiles"',
    ),
    Key(
        name="theme",
        default="dark",
        meaning="Colours of the app: dark, light, or ansi for the terminal's own.",
        example='"light"',
        choices=("dark", "light", "ansi"),
    ),
    Key(
        name="chart_marker",
        default=None,
        meaning="What charts are drawn with: braille, block or ascii (default: what fits).",
        example='"block"',
        choices=("braille", "block", "ascii"),
    ),
)

BINDINGS = "keys"
"""The table of the file that gives actions of the app other keys: binding id -> keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value and where it came from, in words."""

    value: Value
    origin: str


Config: TypeAlias = Mapping[str, Setting]
"""Key -> what the file says about it, its line as the origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What decides how the app looks and is operated.

    Attributes:
        settled: every key with its value.
        bindings: binding id -> keys; that there are such actions was not checked.
    """

    settled: Mapping[str, Setting]
    bindings: Mapping[str, Setting]


def config_path(environment: Mapping[str, str]) -> Path:
    """Return where the file is, or would be."""
    named = environment.get(FILE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("cniadvisor") / "config.toml"


def read_config(environment: Mapping[str, str]) -> Config:
    """Read the file; without one nothing is set.

    Raises:
        UsageError: it can't be read, is not TOML, or a key is unknown or of the wrong type; names
            file and line. Or ``CNIADVISOR_CONFIG`` names a file that is not there.
    """
    path = config_path(environment)
    shown = printable(str(path), limit=300)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if environment.get(FILE_VARIABLE):
            raise UsageError(
                f"{FILE_VARIABLE} names {shown}, which is not there",
                hint="make it with `cniadvisor config init`, or leave the variable unset",
            ) from None
        return {}
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot read the configuration {shown}: {reason}") from None
    return parse_config(text, source=shown)


def parse_config(text: str, *, source: str) -> Config:
    """Read the text of a file called ``source``.

    Raises:
        UsageError: as :func:`read_config`.
    """
    import tomllib  # most people have no file

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib's own error is a ValueError
        raise UsageError(f"{source} is not TOML: {printable(str(error), limit=200)}") from None
    known = {key.name: key for key in KEYS}
    settings: dict[str, Setting] = {}
    for name, value in table.items():
        place = place_of(text, name, source=source)
        if name == BINDINGS:
            settings |= _bindings(value, text, source)
            continue
        if name not in known:
            similar = get_close_matches(name[:80], known, n=1)
            raise UsageError(
                f"{place}: unknown key: {printable(name, limit=80)}",
                hint=f"did you mean {similar[0]}?" if similar else f"there is {', '.join(known)}",
            )
        settings[name] = Setting(value=_checked(known[name], value, place), origin=place)
    return settings


def settle(
    flags: Mapping[str, Value], environment: Mapping[str, str], config: Config
) -> Mapping[str, Setting]:
    """Return every key's value and where it came from.

    Args:
        flags: what the command line said, and only that.
        environment: the process's; an empty variable is not set.
        config: what the file says.

    Raises:
        UsageError: a variable is not what its key takes.
    """
    return {key.name: _settled(key, flags, environment, config) for key in KEYS}


def bindings(config: Config) -> Mapping[str, Setting]:
    """Return what the file's table ``[keys]`` says: binding id -> keys, and where."""
    prefix = f"{BINDINGS}."
    return {
        name.removeprefix(prefix): setting
        for name, setting in config.items()
        if name.startswith(prefix)
    }


def template() -> str:
    """Return a file that sets nothing and shows every key."""
    lines = [
        "# Configuration of cniadvisor. A flag wins over an environment variable, that over this.",
        "# `cniadvisor config show` tells what is in force, and from where.",
    ]
    for key in KEYS:
        lines += ["", f"# {key.meaning}", f"# {key.name} = {key.example}"]
    lines += [
        "",
        "# Other keys for the app's actions; its help (?) shows every action's name.",
        f"# [{BINDINGS}]",
        '# "live.pause" = "p"',
        '# "app.quit" = "q,ctrl+q"',
    ]
    return "\n".join(lines) + "\n"


def _settled(
    key: Key, flags: Mapping[str, Value], environment: Mapping[str, str], config: Config
) -> Setting:
    if key.name in flags:
        option = f"--{key.name.replace('_', '-')}"
        return Setting(value=flags[key.name], origin=f"option {option}")
    told = environment.get(key.variable)
    if told:
        return Setting(value=_from_variable(key, told), origin=f"environment {key.variable}")
    return config.get(key.name) or Setting(value=key.default, origin="default")


def _from_variable(key: Key, told: str) -> Value:
    if isinstance(key.default, tuple):
        return tuple(part.strip() for part in told.split(",") if part.strip())
    if isinstance(key.default, bool):
        words = {"1": True, "true": True, "yes": True, "on": True}
        words |= {"0": False, "false": False, "no": False, "off": False}
        if told.lower() not in words:
            raise UsageError(
                f"{key.variable} must be true or false, not {printable(told, limit=80)}"
            )
        return words[told.lower()]
    if key.choices and told not in key.choices:
        raise UsageError(f"{key.variable} must be {_one_of(key)}, not {printable(told, limit=80)}")
    return told


def _checked(key: Key, value: object, place: str) -> Value:
    if isinstance(key.default, tuple):
        if isinstance(value, list):
            items = cast("list[object]", value)
            texts = [item for item in items if isinstance(item, str) and item]
            if len(texts) == len(items):
                return tuple(texts)
        raise UsageError(f"{place}: {key.name} must be a list of texts", hint=_example(key))
    if isinstance(key.default, bool):
        if isinstance(value, bool):
            return value
        raise UsageError(f"{place}: {key.name} must be true or false", hint=_example(key))
    if not isinstance(value, str) or not value:
        raise UsageError(f"{place}: {key.name} must be a text, not empty", hint=_example(key))
    if key.choices and value not in key.choices:
        raise UsageError(f"{place}: {key.name} must be {_one_of(key)}", hint=_example(key))
    # A shell would do this with a flag; nobody does it with a file.
    if key.name in ("kubeconfig", "profiles"):
        return os.path.expanduser(value)  # noqa: PTH111 - Path's raises for ~nobody
    return value


def _bindings(value: object, text: str, source: str) -> dict[str, Setting]:
    """Read the table of keys; ``live.pause`` may be quoted or, as TOML has it, a table in it."""
    if not isinstance(value, dict):
        place = place_of(text, BINDINGS, source=source)
        raise UsageError(f"{place}: {BINDINGS} must be a table", hint=_BINDINGS_EXAMPLE)
    told: dict[str, Setting] = {}
    for name, keys in _flat(cast("dict[str, object]", value)):
        place = place_of(text, name, source=source)
        if not isinstance(keys, str) or not keys.strip():
            raise UsageError(
                f"{place}: {printable(name, limit=80)} must be a text, not empty",
                hint=_BINDINGS_EXAMPLE,
            )
        told[f"{BINDINGS}.{name}"] = Setting(value=keys, origin=place)
    return told


_BINDINGS_EXAMPLE = f'write it like this: [{BINDINGS}] and below it "live.pause" = "p"'


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, object]", value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _one_of(key: Key) -> str:
    return f"{', '.join(key.choices[:-1])} or {key.choices[-1]}"


def _example(key: Key) -> str:
    return f"write it like this: {key.name} = {key.example}"
