"""An inventory as a JSON file: a test, a bug report and a support file at once.

One JSON object: API path -> what the API gave, or ``{"status": N, ...}`` where the read failed:
404 absent, 401 and 403 forbidden (``right`` names what is missing), anything else failed
(``reason``; status 0: no HTTP answer). A key that is missing was not asked. Keys that begin with
``host:`` hold files of nodes: node name -> file name -> text.

Objects are as the API gave them, with secrets redacted and without what is large or not our matter:
managedFields, the last-applied annotation, nodes' images, the innards of other people's pods and
charts (see ``pruning.py``).

Nothing here needs a cluster library: a file can be read without one.
"""

import json
from typing import Any, cast

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.inventory import (
    HOST_PREFIX,
    Absent,
    Failed,
    Forbidden,
    Found,
    Inventory,
    JsonObject,
    Read,
)
from cniadvisor.domain.text import printable
from cniadvisor.k8s.rights import right_of

_OUTCOME_KEYS = {"status", "right", "reason"}
_HINT = "it must be a file that `cniadvisor detect --save-inventory` wrote"


def save(inventory: Inventory) -> JsonObject:
    """Return the file's content; :func:`load` of its JSON gives the same inventory again."""
    return {path: _saved(read) for path, read in sorted(inventory.reads.items())}


def load(text: str, *, name: str = "the inventory") -> Inventory:
    """Read an inventory file's text; ``name`` names it in messages.

    Raises:
        UsageError: broken JSON or a wrong shape, with file and place.
    """
    shown = printable(name)
    try:
        content: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{shown}, line {error.lineno}, column {error.colno}: no valid JSON ({error.msg})",
            hint=_HINT,
        ) from None
    except RecursionError:
        raise UsageError(f"{shown}: nested too deeply to be an inventory", hint=_HINT) from None
    except ValueError:  # of thousands of digits, which Python does not read
        raise UsageError(f"{shown}: a number in it has too many digits", hint=_HINT) from None
    if not isinstance(content, dict):
        raise UsageError(f"{shown}: an inventory is a JSON object", hint=_HINT)
    reads: dict[str, Read] = {}
    for path, value in cast("dict[str, Any]", content).items():
        if not path.startswith(("/", HOST_PREFIX)):
            raise UsageError(
                f'{shown}: the key "{printable(path, limit=100)}" is neither an API path '
                f"nor {HOST_PREFIX}...",
                hint=_HINT,
            )
        if not isinstance(value, dict):
            raise _wrong(shown, path, "a JSON object is expected")
        reads[path] = _loaded(path, cast("JsonObject", value), shown)
    return Inventory(reads=reads)


def _saved(read: Read) -> JsonObject:
    match read:
        case Found(body=body):
            return body
        case Absent():
            return {"status": 404}
        case Forbidden(right=right, status=status):
            return {"status": status, "right": right}
        case Failed(reason=reason, status=status):
            return {"status": status or 0, "reason": reason}


def _loaded(path: str, value: JsonObject, shown: str) -> Read:
    status = value.get("status")
    if value.keys() <= _OUTCOME_KEYS and isinstance(status, int) and not isinstance(status, bool):
        return _outcome(path, status, value, shown)
    if path.startswith(HOST_PREFIX):
        _check_files(path, value, shown)
    elif "items" in value:
        items = value["items"]
        if not isinstance(items, list):
            raise _wrong(shown, path, "items must be a list")
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                raise _wrong(shown, path, f"items[{index}] must be a JSON object")
    return Found(body=value)


def _outcome(path: str, status: int, value: JsonObject, shown: str) -> Read:
    for key in ("right", "reason"):
        if not isinstance(value.get(key, ""), str):
            raise _wrong(shown, path, f"{key} must be a text")
    if status == 404:
        return Absent()
    if status in {401, 403}:
        right = str(value.get("right") or "") or right_of("GET", path)
        return Forbidden(right=right, status=status)
    reason = str(value.get("reason") or "") or f"HTTP {status}"
    return Failed(reason=reason, status=status or None)


def _check_files(path: str, value: JsonObject, shown: str) -> None:
    for node, files in value.items():
        if not isinstance(files, dict) or not all(isinstance(t, str) for t in files.values()):
            raise _wrong(
                shown, path, f"node {printable(node, limit=100)} must hold file name -> text"
            )


def _wrong(shown: str, path: str, what: str) -> UsageError:
    return UsageError(f'{shown}, key "{printable(path, limit=200)}": {what}', hint=_HINT)
