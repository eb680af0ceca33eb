from datetime import UTC, datetime

import pytest

from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.wording.probes import policy_words, probe_lines, probe_sentence


def probe(**standings: Standing) -> PolicyProbe:
    return PolicyProbe(
        probed_at="2026-11-23T09:00:00+00:00",
        parts=tuple(
            PartTried(
                part=part,
                standing=standings.get(part.name, Standing.ENFORCED),
                took_s=2.0 if standings.get(part.name) is None else None,
                detail="seen",
            )
            for part in PolicyPart
        ),
    )


def test_all_parts_in_one_sentence() -> None:
    assert probe_sentence(probe()) == (
        "NetworkPolicy is enforced here; it took 2 s to take effect "
        "(probed 2026-11-23T09:00:00+00:00)."
    )


def test_what_is_missing_is_named() -> None:
    assert "only in part here: deny-egress is not;" in probe_sentence(
        probe(DENY_EGRESS=Standing.NOT_ENFORCED)
    )


def test_nothing_acts_on_policies() -> None:
    said = probe_sentence(probe(**{part.name: Standing.NOT_ENFORCED for part in PolicyPart}))
    assert "not enforced here: the API server takes policies, and nothing acts on them" in said


def test_unknown_says_why() -> None:
    untold = PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", reason="pods\x1b don't meet")
    assert "not known: pods don't meet" in probe_sentence(untold)
    assert len(probe_lines(untold)) < 4


NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (probe(), "enforced (probed 2 days ago)"),
        (
            probe(PORT=Standing.UNTOLD, LABEL=Standing.NOT_ENFORCED),
            "enforced only in part: label, port are not (probed 2 days ago)",
        ),
        (
            probe(**{part.name: Standing.NOT_ENFORCED for part in PolicyPart}),
            "not enforced (probed 2 days ago)",
        ),
        (
            PolicyProbe(probed_at="2026-11-25T10:05:00+00:00", reason="they don't meet"),
            "not found out (probed just now)",
        ),
        (None, "not probed; Plan can try it"),
    ],
)
def test_a_row_says_what_is_known_and_since_when(found: PolicyProbe | None, words: str) -> None:
    assert policy_words(found, now=NOW) == words


def test_every_part_has_a_row_and_a_sentence() -> None:
    lines = probe_lines(probe(PORT=Standing.UNTOLD))
    assert all(len(line) <= 80 for line in lines)
    assert [line.split()[0] for line in lines if line.startswith("  ")].count("port") == 1
    assert any("port" in line and "untold" in line and "n/a" in line for line in lines)
