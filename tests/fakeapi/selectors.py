"""Label and field selectors, as the API server reads them."""

import re
from typing import Any

_TERM = re.compile(r"(?:[^,()]|\([^)]*\))+")
_SET = re.compile(r"(?P<key>\S+)\s+(?P<not>not)?in\s+\((?P<values>[^)]*)\)")


def matches_labels(selector: str, item: dict[str, Any]) -> bool:
    """Tell whether the object's labels satisfy ``selector``: =, ==, !=, in, notin, key, !key."""
    labels: dict[str, str] = item["metadata"].get("labels") or {}
    return all(_label_term(term.strip(), labels) for term in _TERM.findall(selector))


def matches_fields(selector: str, item: dict[str, Any]) -> bool:
    """Tell whether the object's fields satisfy ``selector``: =, ==, !=."""
    return all(_field_term(term, item) for term in selector.split(",") if term)


def _label_term(term: str, labels: dict[str, str]) -> bool:
    if match := _SET.fullmatch(term):
        inside = labels.get(match["key"]) in {v.strip() for v in match["values"].split(",")}
        return not inside if match["not"] else inside
    if "!=" in term:
        key, _, value = term.partition("!=")
        return labels.get(key.strip()) != value.strip()
    if "=" in term:
        key, _, value = term.partition("=")
        return labels.get(key.strip()) == value.lstrip("=").strip()
    if term.startswith("!"):
        return term[1:] not in labels
    return term in labels


def _field_term(term: str, item: dict[str, Any]) -> bool:
    path, _, wanted = term.replace("==", "=").partition("=")
    negated, path = path.endswith("!"), path.rstrip("!")
    found: Any = item
    for part in path.split("."):
        inside: dict[str, Any] = found or {}
        found = inside.get(part)
    if path == "spec.hostNetwork":
        found = bool(found)
    text = {None: "", True: "true", False: "false"}.get(found, str(found))
    return (text == wanted) is not negated
