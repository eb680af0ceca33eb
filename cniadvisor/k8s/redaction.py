"""Takes secrets out of what the API answered, before anything else sees it.

No Secret is ever read; these are the places where people put secrets all the same: ConfigMaps
(Flannel's ``PSK``, kubeadm's tokens), annotations (k3s keeps its command line there), environment
variables and arguments of containers. Public keys, key names, paths and switches stay: they are
evidence.
"""

import json
import re
from typing import Any, TypeAlias, cast

from cniadvisor.domain.inventory import JsonObject, JsonValue

REDACTED = "REDACTED"

_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|token|secret|credential|(?:^|[^a-z])(?:psk|pass)(?:$|[^a-z])"
    r"|private[-_.]?key|(?:api|access|client|auth|shared|bgp|ipsec|encryption|certificate|tls|ssh"
    r"|signing|master|license)[-_.]?key"
    r"|key[-_.]?(?:data|material)|connection[-_.]?string",
    re.IGNORECASE,
)
# Says where a secret is, or how secrets are handled, not what it is. The index of the key that
# Cilium writes on nodes is such a fact too.
_ABOUT_SECRETS = re.compile(
    r"(?:name|names|namespace|ref|path|paths|file|dir|kind|type|mode|size|ttl|sync|timeout|expiry"
    r"|period|interval|enabled|audience|hash|public|rotation|count|version)$"
    r"|^enable-|^network\.cilium\.io/encryption-key$",
    re.IGNORECASE,
)
_PLAIN = frozenset(
    {"", "true", "false", "null", "none", "disabled", "enabled", "{}", "[]"}
    # Taken out already, by us or by somebody else.
    | {"redacted", "<redacted>", "masked", "***"}
)

# A name, a colon or equals sign, a value; each may be in quotes, and those escaped: JSON in JSON.
# After a line break only JSON goes on with the value; in YAML the next line is another key.
# Without a limit on the name, a word of 20 kB (a key in hex) takes a quarter of a minute.
_ASSIGNED = re.compile(
    r"""(?P<before>(?P<dashes>(?<![\w.-])--?)?"""
    r"""(?P<quote>\\*["']?)(?P<name>[A-Za-z_][\w.-]{0,199})(?P=quote)\s*[:=]"""
    r"""(?:[ \t]*|\s*(?="(?:[^"\\]|\\.)*"\s*[,}])))"""
    r"""(?:(?P<mark>\\*["'])(?P<quoted>(?:(?!(?P=mark))(?:\\.|[^\\]))*)(?P=mark)"""
    r"""|(?P<bare>[^\s,;}\]{\[|>]))"""
)
# How far a value without quotes goes: only whoever writes a shell line or JSON ends it before the
# line ends; a password may hold anything.
_SHELL_WORD = re.compile(r"\S+")
_JSON_SCALAR = re.compile(r"(?:-?\d[\d.eE+-]*|true|false|null)(?=\s*(?:[,}\]\r\n]|\Z))")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
# An element of a container's arguments: no shell cuts it, so all of it is the value.
_ARGUMENT = re.compile(r"(?P<before>--?(?P<name>[A-Za-z][\w.-]*)=)(?P<value>.*)", re.DOTALL)
# ``--token abc`` in a shell line; with an equals sign it is an assignment.
_FLAG = re.compile(
    r"""(?P<before>(?<![\w-])--?(?P<name>[A-Za-z][\w.-]*)[ \t]+)"""
    r"""(?P<value>"[^"\n]*"|'[^'\n]*'|(?!-)[^\s"';|&]+)"""
)
_YAML_BLOCK = re.compile(
    r"^(?P<before>(?P<indent>[ \t]*)(?P<name>[A-Za-z_][\w.-]*):[ \t]*)[|>][-+0-9]*[ \t]*\n"
    r"(?:(?P=indent)[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)+",
    re.MULTILINE,
)
_BEARER = re.compile(r"(?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
)
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_BOOTSTRAP_TOKEN = re.compile(r"(?<![\w./-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w./-])")
# All before the last @ of the authority: passwords hold @ too, and a token needs no password.
# The @ of an image's digest (docker-pullable://busybox@sha256:...) is another one.
_URL_USER = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{0,40}://)[^\s/\"]+@(?!sha\d+:)", re.IGNORECASE
)
_MIGHT_HOLD = re.compile(
    r"pass|token|secret|credential|psk|key|bearer|basic|eyJ|-----BEGIN|://|connection"
    r"|[a-z0-9]{6}\.[a-z0-9]{16}",
    re.IGNORECASE,
)

# k3s and RKE2 write their whole command line and environment into annotations of nodes.
_NODE_ARGS = ("k3s.io/node-args", "rke2.io/node-args")
_NODE_ENV = ("k3s.io/node-env", "rke2.io/node-env")
# Tools keep the whole object they applied in an annotation, some of them compressed: what was
# dropped or redacted elsewhere would still stand there.
_APPLIED = re.compile(r"last-applied|/(?:applied|original)$", re.IGNORECASE)
_KEPT_FLAGS = frozenset(
    {
        "--cluster-cidr",
        "--cni",
        "--disable",
        "--disable-cloud-controller",
        "--disable-kube-proxy",
        "--disable-network-policy",
        "--egress-selector-mode",
        "--flannel-backend",
        "--flannel-cni-conf",
        "--flannel-conf",
        "--flannel-external-ip",
        "--flannel-iface",
        "--flannel-ipv6-masq",
        "--kube-proxy-arg",
        "--service-cidr",
    }
)

_Json: TypeAlias = "dict[str, Any] | list[Any]"


def redact_node(node: JsonObject) -> None:
    """Redact a node in place. Only its annotations hold free text."""
    annotations = _annotations(node)
    if annotations is not None:
        drop_applied(annotations)
        for name in annotations:
            _redact_annotation(annotations, name)


def redact(body: JsonValue) -> None:
    """Redact any object or list in place."""
    if isinstance(body, dict):
        _redact_mapping(cast("dict[str, Any]", body))
    elif isinstance(body, list):
        _redact_list(cast("list[Any]", body))


def drop_applied(annotations: dict[str, Any]) -> None:
    """Drop the annotations in which tools keep a copy of the whole object, in place."""
    for name in [name for name in annotations if _APPLIED.search(name)]:
        del annotations[name]


def redacted_text(text: str) -> str:
    """Return ``text`` (JSON, YAML, a shell line, anything) with secrets replaced.

    Valid JSON stays valid JSON.
    """
    if not _MIGHT_HOLD.search(text):
        return text
    if (data := _redacted_json(text)) is not None:
        return data
    text = _PEM.sub(REDACTED, text)
    text = _JWT.sub(REDACTED, text)
    text = _BOOTSTRAP_TOKEN.sub(REDACTED, text)
    text = _URL_USER.sub(rf"\g<scheme>{REDACTED}@", text)
    text = _BEARER.sub(rf"\g<scheme>{REDACTED}", text)
    text = _YAML_BLOCK.sub(_redact_block, text)
    text = _FLAG.sub(_redact_flag, text)
    return _without_assigned_secrets(text)


def names_a_secret(name: str) -> bool:
    """Tell whether what stands under ``name`` is a secret (not: is about secrets)."""
    return bool(_SECRET_NAME.search(name)) and not _ABOUT_SECRETS.search(name)


def _redact_mapping(body: dict[str, Any]) -> None:
    for name, value in body.items():
        if name == "annotations" and isinstance(value, dict):
            annotations = cast("dict[str, Any]", value)
            drop_applied(annotations)
            for annotation in annotations:
                _redact_annotation(annotations, annotation)
        elif name in {"args", "command"} and isinstance(value, list):
            body[name] = _without_secret_arguments(cast("list[Any]", value))
        elif name == "labels":
            continue  # Labels are names by design, and selectors need them as they are.
        elif isinstance(value, str):
            body[name] = _redacted(name, value)
        elif isinstance(value, (dict, list)):
            redact(cast("_Json", value))


def _redact_list(items: list[Any]) -> None:
    for index, item in enumerate(items):
        if isinstance(item, str):
            items[index] = _redacted_argument(item)
            continue
        redact(item)
        if isinstance(item, dict):
            _redact_variable(cast("dict[str, Any]", item))


def _redact_variable(item: dict[str, Any]) -> None:
    """Redact ``{"name": "WEAVE_PASSWORD", "value": ...}``, as environment variables are written."""
    name, value = item.get("name"), item.get("value")
    if isinstance(name, str) and isinstance(value, str):
        item["value"] = _redacted(name, value)


def _redacted(name: str, value: str) -> str:
    if names_a_secret(name) and not _is_plain(value):
        return REDACTED
    return redacted_text(value)


def _is_plain(value: str) -> bool:
    return value.strip().lower() in _PLAIN


def _redacted_json(text: str) -> str | None:
    """Return JSON redacted as the data it is, None when ``text`` is no object or list in JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        data = json.loads(text, object_pairs_hook=_without_secret_scalars)
        redact(data)
        unchanged = data == json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text if unchanged else json.dumps(data, indent=2 if "\n" in text.strip() else None)


def _without_secret_scalars(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Numbers too: in the API's own objects they are settings, but what somebody else writes as
    # JSON has no types to rely on.
    return {
        name: REDACTED if names_a_secret(name) and _is_secret_scalar(value) else value
        for name, value in pairs
    }


def _is_secret_scalar(value: object) -> bool:
    if isinstance(value, str):
        return not _is_plain(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _redact_annotation(annotations: dict[str, Any], name: str) -> None:
    value = annotations[name]
    if not isinstance(value, str):
        return
    if name in _NODE_ARGS:
        annotations[name] = _kept_node_args(value)
    elif name in _NODE_ENV:
        annotations[name] = REDACTED
    else:
        annotations[name] = _redacted(name, value)


def _kept_node_args(text: str) -> str:
    """Return k3s' command line with the values of all flags replaced but those detection reads."""
    try:
        arguments: Any = json.loads(text)
    except ValueError:
        return REDACTED
    if not isinstance(arguments, list):
        return REDACTED
    kept: list[str] = []
    flag = ""
    for argument in map(str, cast("list[Any]", arguments)):
        if argument.startswith("-"):
            flag, joined, _ = argument.partition("=")
            secret = bool(joined) and flag not in _KEPT_FLAGS
            kept.append(f"{flag}={REDACTED}" if secret else argument)
        else:
            # Before the first flag stands the subcommand: server or agent.
            kept.append(argument if flag in _KEPT_FLAGS or not flag else REDACTED)
    return json.dumps(kept)


def _without_secret_arguments(arguments: list[Any]) -> list[Any]:
    kept: list[Any] = []
    flag = ""
    for argument in arguments:
        if not isinstance(argument, str):
            kept.append(argument)
            continue
        secret = names_a_secret(flag) and not argument.startswith("-")
        kept.append(REDACTED if secret else _redacted_argument(argument))
        is_flag = argument.startswith("-") and "=" not in argument
        flag = argument.lstrip("-") if is_flag else ""
    return kept


def _redacted_argument(argument: str) -> str:
    match = _ARGUMENT.fullmatch(argument)
    if match is None or not names_a_secret(match["name"]):
        return redacted_text(argument)
    plain = _is_plain(match["value"].strip("\"'"))
    return argument if plain else f'{match["before"]}"{REDACTED}"'


def _without_assigned_secrets(text: str) -> str:
    kept: list[str] = []
    done = 0
    while match := _ASSIGNED.search(text, done):
        start = match.end("before")
        kept.append(text[done:start])
        # What is no secret may still hold one: an option in an option, JSON in a string.
        done = start
        if names_a_secret(match["name"]):
            done = _end_of_value(match)
            kept.append(_redacted_value(match, text[start:done]))
        elif match["mark"] is not None:
            done = match.end()
            inside = _without_assigned_secrets(match["quoted"])
            kept.append(f"{match['mark']}{inside}{match['mark']}")
    kept.append(text[done:])
    return "".join(kept)


def _end_of_value(match: re.Match[str]) -> int:
    if match["mark"] is not None:
        return match.end()
    start = match.start("bare")
    if match["quote"] and (scalar := _JSON_SCALAR.match(match.string, start)):
        return scalar.end()
    value = (_SHELL_WORD if match["dashes"] else _REST_OF_LINE).match(match.string, start)
    return value.end() if value else match.end()


def _redacted_value(match: re.Match[str], value: str) -> str:
    if _is_plain(value if match["mark"] is None else match["quoted"]):
        return value
    # A bare value may be a number, which JSON allows only for what is no text.
    mark = match["mark"] or (match["quote"] or '"')
    return f"{mark}{REDACTED}{mark}"


def _redact_flag(match: re.Match[str]) -> str:
    secret = names_a_secret(match["name"]) and not _is_plain(match["value"].strip("\"'"))
    return f"{match['before']}{REDACTED}" if secret else match[0]


def _redact_block(match: re.Match[str]) -> str:
    if not names_a_secret(match["name"]):
        return match[0]
    return f"{match['before']}{REDACTED}\n"


def _annotations(item: JsonObject) -> dict[str, Any] | None:
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return None
    annotations = metadata.get("annotations")
    return cast("dict[str, Any]", annotations) if isinstance(annotations, dict) else None
