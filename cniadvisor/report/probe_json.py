"""A probe in the shape scripts rely on: keys may be added, none is ever renamed."""

import json

from cniadvisor.domain.probe import PolicyProbe


def policy_probe_json(probe: PolicyProbe) -> str:
    """Return what ``probe policy --output json`` prints; null means not known."""
    told = {
        "enforcement": probe.enforcement.value,
        "probed_at": probe.probed_at,
        "reason": probe.reason,
        "parts": [
            {
                "part": tried.part.value,
                "standing": tried.standing.value,
                "took_s": tried.took_s,
                "detail": tried.detail,
            }
            for tried in probe.parts
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)
