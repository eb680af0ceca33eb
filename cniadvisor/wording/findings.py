"""What detection found, for a person: who wires pods, who enforces policy, what else, and why."""

from collections.abc import Iterator, Sequence

from cniadvisor.domain.findings import Component, Explanation, Findings, Stance
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.wording.words import WIDTH, facts, wrapped

_LISTS = (
    ("meta", "Meta-plugin"),
    ("chained", "Chained"),
    ("embedded", "Embedded"),
    ("residue", "Residue of"),
)
_RANKS = (
    "Candidates (evidence of rank 1 and 2 decides, of 3 to 6 supports and tells details, of 7 and 8"
    " outlives an uninstall)"
)

_ACRONYMS = {"bgp", "cni", "ipam", "mtu", "vni"}


def findings_text(
    findings: Findings, explanation: Explanation | None = None, *, width: int = WIDTH
) -> str:
    """Return findings as text of at most ``width`` columns, without a newline at its end.

    With an explanation also everything that speaks for and against each candidate.
    """
    return _joined(
        _who(findings, width),
        _why(findings, width),
        _candidates(explanation, width) if explanation else [],
        _unknown(findings, width),
        _warnings(findings, width),
        _settling(explanation, width),
    )


def who_text(
    findings: Findings, beside: Sequence[tuple[str, str]] = (), *, width: int = WIDTH
) -> str:
    """Return only who wires pods and how, who enforces policy, and what else is there.

    ``beside``: rows of what is known from elsewhere, as label and text.
    """
    return _joined(_who(findings, width, beside))


def caution_text(findings: Findings, *, width: int = WIDTH) -> str:
    """Return only what to know beside that: warnings, and what could not be read."""
    return _joined(_warnings(findings, width), _unknown(findings, width))


def why_text(
    findings: Findings, explanation: Explanation | None = None, *, width: int = WIDTH
) -> str:
    """Return only the reasons: evidence, candidates, and what would settle what is not sure."""
    return _joined(
        _why(findings, width),
        _candidates(explanation, width) if explanation else [],
        _settling(explanation, width),
    )


def _joined(*sections: list[str]) -> str:
    return "\n\n".join("\n".join(section) for section in sections if section)


def _who(findings: Findings, width: int, beside: Sequence[tuple[str, str]] = ()) -> list[str]:
    primary = findings.primary
    rows = [("CNI", "not found out" if primary is None else _name(primary))]
    if primary is not None:
        rows += list(_facts_of(primary))
    rows.append(("Policy engine", _name(findings.policy) if findings.policy else "none found"))
    for slot, label in _LISTS:
        components: tuple[Component, ...] = getattr(findings, slot)
        rows += [(label, _beside(slot, component)) for component in components]
    if findings.distribution is not None:
        rows.append(("Distribution", findings.distribution))
    if findings.kube_proxy_mode is not None:
        rows.append(("kube-proxy", _kube_proxy(findings.kube_proxy_mode)))
    return facts([*rows, *beside], width=width)


def _kube_proxy(mode: str) -> str:
    return "its work is done by the CNI" if mode == "replaced" else f"{mode} mode"


def _name(component: Component) -> str:
    name = component.name if component.version is None else f"{component.name} {component.version}"
    return name if component.variant is None else f"{name} ({component.variant})"


def _beside(slot: str, component: Component) -> str:
    """Name a component beside the primary; of what was left behind also how it shows."""
    if slot != "residue" or not component.evidence:
        return _name(component)
    return f"{_name(component)}: {component.evidence[0]}"


def _facts_of(component: Component) -> Iterator[tuple[str, str]]:
    if component.name == "none":
        yield "Confidence", component.confidence.value
        return
    mode = component.mode or "not known"
    yield "Mode", f"{mode}, between subnets only" if component.cross_subnet else mode
    yield "Pod MTU", "not known" if component.mtu is None else f"{component.mtu} bytes"
    yield "Encryption", component.encryption or "not known"
    if component.coverage is not None:
        nodes = counted(component.coverage.of, "node")
        yield "Seen on", f"{component.coverage.nodes} of {nodes}"
    yield "Confidence", component.confidence.value
    for key, value in component.details:
        yield _labelled(key), value


def _labelled(key: str) -> str:
    """Return a key as a label: ``mtu_source`` is "MTU source"."""
    words = [word.upper() if word in _ACRONYMS else word for word in key.split("_")]
    label = " ".join(words)
    return label[:1].upper() + label[1:]


def _why(findings: Findings, width: int) -> list[str]:
    if findings.primary is None:
        return []
    return _bullets("Evidence", findings.primary.evidence, width)


def _candidates(explanation: Explanation, width: int) -> list[str]:
    lines = wrapped(_RANKS, width=width) if explanation.considered else []
    for one in explanation.considered:
        title = printable(f"{one.name}: {one.slot}, {one.confidence.value} confidence")
        lines += wrapped(title, width=width)
        for item in one.evidence:
            stance = "for" if item.stance is Stance.FOR else "against"
            source = f" ({item.source})" if item.source else ""
            told = printable(f"{stance}, rank {item.rank}: {item.text}{source}")
            lines += wrapped(told, indent="    ", first="  - ", width=width)
    return lines


def _unknown(findings: Findings, width: int) -> list[str]:
    return _bullets(
        "Not known, and the right that would tell",
        tuple(f"{one.what}: {one.right}" for one in findings.unknown),
        width,
    )


def _warnings(findings: Findings, width: int) -> list[str]:
    return _bullets("Warnings", findings.warnings, width)


def _settling(explanation: Explanation | None, width: int) -> list[str]:
    texts = explanation.settle if explanation else ()
    return _bullets("What would make it certain", texts, width)


def _bullets(title: str, texts: tuple[str, ...], width: int) -> list[str]:
    if not texts:
        return []
    lines = wrapped(title, width=width)
    for text in texts:
        lines += wrapped(printable(text), indent="  ", first="- ", width=width)
    return lines
