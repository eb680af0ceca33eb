"""Reads and checks kubeconfig files, and picks the context: files in, plain data out.

The files are merged as kubectl does it (the first file that defines a name wins), and relative
file names are made absolute against the file that says them.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.text import printable
from cniadvisor.k8s.objects import value

_FILE_KEYS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_SHOWN_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenContext:
    """One context with its cluster and user. The two hold credentials: they have no repr."""

    name: str
    namespace: str | None
    cluster_name: str
    user_name: str
    cluster: JsonObject = field(repr=False)
    user: JsonObject = field(repr=False)
    user_file: Path


def choose(paths: Iterable[Path], context: str | None) -> ChosenContext:
    """Read ``paths`` (at least one) and return the context named, or the current one.

    Raises:
        UsageError: a file can't be read or is no kubeconfig; the context, its cluster or its user
            is not in it.
    """
    files = tuple(paths)
    documents = [(path, _document(path)) for path in files]
    contexts = _merged(documents, "contexts")
    where = ", ".join(printable(str(path)) for path in files)
    name = context or _current(documents)
    if not name:
        raise UsageError(
            f"the kubeconfig {where} names no current context",
            hint=f"choose one with --context: {_names(contexts)}"
            if contexts
            else "it has no context at all: is it the right file?",
        )
    if name not in contexts:
        raise UsageError(
            f'there is no context "{printable(name)}" in the kubeconfig {where}',
            hint=f"known contexts: {_names(contexts)}",
        )
    path, entry = contexts[name]
    body = _part(entry, "context", f'context "{name}"', path)
    clusters, users = _merged(documents, "clusters"), _merged(documents, "users")
    cluster_name, user_name = _text(body.get("cluster")), _text(body.get("user"))
    cluster_file, cluster = _named(clusters, "cluster", cluster_name, name, path)
    if not _text(cluster.get("server")):
        raise UsageError(
            f'cluster "{printable(cluster_name)}" in the kubeconfig {printable(str(cluster_file))}'
            " has no server",
            hint="add its API server, such as https://HOST:6443, as server",
        )
    user_file, user = (
        _named(users, "user", user_name, name, path) if user_name else (path, JsonObject())
    )
    return ChosenContext(
        name=name,
        namespace=_text(body.get("namespace")) or None,
        cluster_name=cluster_name,
        user_name=user_name,
        cluster=_with_absolute_files(cluster, cluster_file, f'cluster "{cluster_name}"'),
        user=_with_absolute_files(user, user_file, f'user "{user_name}"'),
        user_file=user_file,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedContext:
    """A context as a list of contexts shows it."""

    name: str
    namespace: str | None


def contexts(paths: Iterable[Path]) -> tuple[NamedContext, ...]:
    """Return every context in ``paths``, in their order; which of them would work is not asked.

    Raises:
        UsageError: a file can't be read or is no kubeconfig.
    """
    entries = _merged([(path, _document(path)) for path in paths], "contexts")
    return tuple(
        NamedContext(name=name, namespace=_text(value(entry, "context", "namespace")) or None)
        for name, (_, entry) in entries.items()
    )


_Entries = dict[str, tuple[Path, JsonObject]]


def _document(path: Path) -> JsonObject:
    shown = printable(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the kubeconfig {shown} can't be read: {error.strerror or type(error).__name__}",
            hint="it must be a file this user may read",
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"the kubeconfig {shown} is no text file", hint="check the path") from None
    try:
        loaded: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are the safe loader
    except yaml.YAMLError as error:
        # The problem's context quotes the file, which holds credentials: only the place is told.
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise UsageError(
            f"the kubeconfig {shown} is not valid YAML{place}",
            hint="compare it with `kubectl config view`",
        ) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise UsageError(f"{shown} is no kubeconfig: it holds no mapping", hint="check the path")
    return cast("JsonObject", loaded)


def _merged(documents: list[tuple[Path, JsonObject]], key: str) -> _Entries:
    entries: _Entries = {}
    for path, document in documents:
        listed = document.get(key)
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise UsageError(
                f"{key} in the kubeconfig {printable(str(path))} is no list",
                hint="compare it with `kubectl config view`",
            )
        for entry in listed:
            name = entry.get("name") if isinstance(entry, dict) else None
            if not isinstance(entry, dict) or not isinstance(name, (str, int, float)):
                raise UsageError(
                    f"an entry of {key} in the kubeconfig {printable(str(path))} has no name",
                    hint="compare it with `kubectl config view`",
                )
            entries.setdefault(str(name), (path, entry))
    return entries


def _current(documents: list[tuple[Path, JsonObject]]) -> str:
    return next(
        (text for _, document in documents if (text := _text(document.get("current-context")))), ""
    )


def _part(entry: JsonObject, key: str, what: str, path: Path) -> JsonObject:
    part = entry.get(key)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise UsageError(
            f"{printable(what)} in the kubeconfig {printable(str(path))} holds no mapping",
            hint="compare it with `kubectl config view`",
        )
    return part


def _named(
    entries: _Entries, kind: str, name: str, context: str, path: Path
) -> tuple[Path, JsonObject]:
    if name not in entries:
        raise UsageError(
            f'context "{printable(context)}" in the kubeconfig {printable(str(path))} names the '
            f'{kind} "{printable(name)}", which is not there',
            hint=f"known {kind}s: {_names(entries)}",
        )
    where, entry = entries[name]
    return where, _part(entry, kind, f'{kind} "{name}"', where)


def _with_absolute_files(part: JsonObject, path: Path, what: str) -> JsonObject:
    # As kubectl: null and "" are the same as not given.
    absolute: JsonObject = {key: told for key, told in part.items() if told not in (None, "")}
    for key in _FILE_KEYS:
        named = absolute.get(key)
        if not isinstance(named, str) or not named or f"{key}-data" in absolute:
            continue
        file = (path.parent / Path(named).expanduser()).absolute()
        if not file.is_file() or not os.access(file, os.R_OK):
            trouble = "can't be read" if file.exists() else "does not exist"
            raise UsageError(
                f"{key} of {printable(what)} in the kubeconfig {printable(str(path))} names "
                f"{printable(str(file))}, which {trouble}",
                hint="restore the file, or fetch the kubeconfig anew",
            )
        absolute[key] = str(file)
    return absolute


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def _names(entries: _Entries) -> str:
    if not entries:
        return "none"
    names = [printable(name) for name in entries]
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
