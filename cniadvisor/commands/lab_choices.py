"""What the options of ``cniadvisor lab`` amount to: wirings, wire, places of the reports."""

import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.text import printable
from cniadvisor.lab.wire import NODES, RATES_MBIT_PER_S, Wire
from cniadvisor.lab.wiring import Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS

DEFAULT_WIRINGS = "flannel-vxlan,flannel-host-gw"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabOptions:
    """The options of ``cniadvisor lab``, as the command line gave them."""

    headless: bool
    wiring: str
    wire: str | None
    delay: float | None
    suite: str
    tests: str | None
    repeats: int | None
    duration: int | None
    max_rate: float | None
    seed: int | None
    out: str | None
    record: str | None
    fail_below: tuple[str, ...]
    fail_above: tuple[str, ...]
    dry_run: bool


def chosen_wirings(names: str) -> tuple[Wiring, ...]:
    """Return the wirings named, in that order, each once.

    Raises:
        UsageError: there is none of that name; Cilium's absence is explained.
    """
    wanted = dict.fromkeys(name.strip().lower() for name in names.split(",") if name.strip())
    if not wanted:
        raise UsageError("--wiring names no wiring", hint=f"there is {', '.join(WIRINGS)}")
    for name in wanted:
        if name.startswith("cilium"):
            raise UsageError(
                "the lab has no Cilium: its data path is eBPF programs of its own, which can't be "
                "honestly imitated by hand",
                hint="measure it on a cluster that runs it: cniadvisor bench",
            )
        if name not in WIRINGS:
            similar = get_close_matches(name[:80], WIRINGS, n=1)
            raise UsageError(
                f"unknown wiring: {printable(name, limit=80)}",
                hint=f"did you mean {similar[0]}?" if similar else f"there is {', '.join(WIRINGS)}",
            )
    return tuple(WIRINGS[name](NODES) for name in wanted)


def chosen_wire(options: LabOptions) -> Wire:
    """Return the wire between the nodes."""
    rate = None if options.wire is None else RATES_MBIT_PER_S[options.wire]
    return Wire(rate_mbit_per_s=rate, delay_ms=options.delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What each wiring's run leaves: a report, and a recording if one was asked for."""

    report: Path
    recording: Path | None


def output_places(options: LabOptions, wirings: tuple[Wiring, ...]) -> Mapping[str, Outputs]:
    """Return by wiring where its report and recording go; the folders are made.

    Raises:
        UsageError: a folder can't be made.
    """
    reports = _folder(options.out or _default_folder(), option="--out")
    recordings = None if options.record is None else _folder(options.record, option="--record")
    begin = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    return {
        wiring.name: Outputs(
            report=reports / f"{begin}-{wiring.name}.toml",
            recording=recordings and recordings / f"{begin}-{wiring.name}.jsonl",
        )
        for wiring in wirings
    }


def _default_folder() -> str:
    from platformdirs import user_data_path

    return str(user_data_path("cniadvisor") / "reports")


def _folder(name: str, *, option: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder {printable(name, limit=300)} can't be made: {error.strerror}",
            hint=f"name another one: {option} DIR",
        ) from None
    return folder


def equivalent_lab_command(options: LabOptions, wirings: tuple[Wiring, ...], plan: Plan) -> str:
    """Return the command that measures the same again, in the same order."""
    words = ["cniadvisor", "lab", "--headless", "--suite", options.suite]
    given = {
        "--wiring": ",".join(wiring.name for wiring in wirings),
        "--wire": options.wire,
        "--delay": None if options.delay is None else f"{options.delay:g}",
        "--tests": None if options.tests is None else ",".join(plan.suite.tests),
        "--repeats": options.repeats,
        "--duration": options.duration,
        "--max-rate": None if options.max_rate is None else f"{options.max_rate:g}",
        "--seed": plan.seed,
    }
    for option, value in given.items():
        words += [] if value is None else [option, str(value)]
    return shlex.join(words)
