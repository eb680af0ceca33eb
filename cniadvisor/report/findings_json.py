"""Findings in the shapes scripts rely on: keys may be added, none is ever renamed."""

import json

import tomli_w

from cniadvisor.domain.findings import Component, Explanation, Findings
from cniadvisor.report.shape import Document, findings_document


def findings_object(findings: Findings, explanation: Explanation | None = None) -> Document:
    """Return what ``detect --output json`` prints, as plain dicts and lists.

    Every key is always there; null means not known, and for ``primary`` not found out.
    """
    told: Document = {
        "primary": _component(findings.primary),
        "policy": _component(findings.policy),
        "meta": [_component(one) for one in findings.meta],
        "chained": [_component(one) for one in findings.chained],
        "embedded": [_component(one) for one in findings.embedded],
        "residue": [_component(one) for one in findings.residue],
        "unknown": [{"what": one.what, "right": one.right} for one in findings.unknown],
        "warnings": list(findings.warnings),
        "distribution": findings.distribution,
        "kube_proxy_mode": findings.kube_proxy_mode,
    }
    return told if explanation is None else told | {"explanation": _explanation(explanation)}


def findings_json(findings: Findings, explanation: Explanation | None = None) -> str:
    """Return :func:`findings_object` as JSON text."""
    return json.dumps(findings_object(findings, explanation), indent=2, ensure_ascii=False)


def findings_toml(findings: Findings, explanation: Explanation | None = None) -> str:
    """Return the findings as TOML text: the keys of the JSON, absent where that has null."""
    document = findings_document(findings)
    if explanation is not None:
        document["explanation"] = _explanation(explanation)
    return tomli_w.dumps(document).rstrip("\n")


def _component(component: Component | None) -> Document | None:
    if component is None:
        return None
    coverage = component.coverage
    return {
        "name": component.name,
        "variant": component.variant,
        "version": component.version,
        "mode": component.mode,
        "cross_subnet": component.cross_subnet,
        "mtu": component.mtu,
        "encryption": component.encryption,
        "confidence": component.confidence.value,
        "coverage": None if coverage is None else {"nodes": coverage.nodes, "of": coverage.of},
        "evidence": list(component.evidence),
        "details": dict(component.details),
    }


def _explanation(explanation: Explanation) -> Document:
    return {
        "considered": [
            {
                "name": one.name,
                "slot": one.slot,
                "confidence": one.confidence.value,
                "evidence": [
                    {
                        "rank": item.rank,
                        "stance": item.stance.value,
                        "text": item.text,
                        "source": item.source,
                    }
                    for item in one.evidence
                ],
            }
            for one in explanation.considered
        ],
        "settle": list(explanation.settle),
    }
