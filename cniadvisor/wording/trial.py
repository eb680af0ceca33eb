"""One trial with everything that is known of it."""

from collections.abc import Iterator

from cniadvisor.domain.measurement import FIGURES, NicProof, NodeLoad, Role, Trial, TrialId
from cniadvisor.domain.units import MEGA
from cniadvisor.wording.figures import trial_words
from cniadvisor.wording.words import (
    WIDTH,
    duration,
    facts,
    gigabytes,
    network,
    quantity,
    rates,
    significant,
    test_name,
    wrapped,
)


def trial_title(trial: TrialId, *, streams: int) -> str:
    """Return ``TCP on the pod network, round 3``."""
    again = f", attempt {trial.attempt}" if trial.attempt > 1 else ""
    name = test_name(trial.test, streams)
    return f"{name} on the {network(trial.path)}, round {trial.round}{again}"


def trial_lines(trial: Trial, *, streams: int, width: int = WIDTH) -> list[str]:
    """Return a trial as lines: figures, load, proof, seconds, or why there are none."""
    title = wrapped(trial_title(trial.id, streams=streams), width=width)
    return [*title, *facts(list(_rows(trial)), width=width)]


def _rows(trial: Trial) -> Iterator[tuple[str, str]]:
    figure = FIGURES[trial.id.test]
    if trial.value is not None:
        yield figure.label.capitalize(), quantity(trial.value, figure.unit)
    if trial.failure is not None:
        yield "Failed", trial.failure
    words = trial_words(trial)
    if words:
        yield "Also told", ", ".join(words)
    yield "Time", f"began {duration(trial.started_s)} into the run, took {_seconds(trial)}"
    for name, told in trial.facts.items():
        if name != "result":
            yield name.replace("_", " ").capitalize(), told
    for role in Role:
        load = trial.load.get(role)
        yield f"{role.value.capitalize()} node", "not sampled" if load is None else _load(load)
    yield "NIC", "not counted" if trial.nic is None else _proof(trial.nic)
    if trial.samples_mbit_per_s:
        told, unit = rates(trial.samples_mbit_per_s)
        yield "Each second", f"{', '.join(told)} {unit}"


def _seconds(trial: Trial) -> str:
    return f"{significant(trial.duration_s)} s"


def _load(load: NodeLoad) -> str:
    return (
        f"{load.cpu.busy_millicores:.0f} millicores busy, {load.cpu.softirq_millicores:.0f} of "
        f"them in softirq; busiest core {load.cpu.busiest_core_percent:.0f} %; "
        f"{load.memory_used_mib:.0f} MiB of memory in use"
    )


def _proof(proof: NicProof) -> str:
    crossed = "" if proof.crossed else ": fewer than were received"
    return (
        f"{proof.interface} received {_bytes(proof.rx_bytes)} and sent {_bytes(proof.tx_bytes)}; "
        f"the tool received {_bytes(proof.payload_bytes)}{crossed}"
    )


def _bytes(count: int) -> str:
    """Return a number of bytes, in GB when it comes to one."""
    return gigabytes(count / 1e9) if count >= 1e9 else f"{significant(count / MEGA)} MB"
