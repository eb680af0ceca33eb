"""On a shaped wire: equal paths are found equal, a gap of 5 % is found."""

from dataclasses import replace

import pytest

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.report import Report, Verdict
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.wire import NODES, Wire
from cniadvisor.lab.wiring import Place, Step, Wiring
from cniadvisor.lab.wirings.catalogue import WIRINGS
from tests.lab.wired import best_ratio, measured

pytestmark = pytest.mark.usefixtures("preferred")

# Little enough for a machine that is busy with other things; `python -m tests.perf calibration`
# counts verdicts on a wire of 1 Gbit/s.
RATE = 100.0

# A TCP segment's share of its Ethernet frame: 1500 less the headers of IPv4 and TCP with
# timestamps, of 1500 and the Ethernet header.
GOODPUT = 1000 * (1500 - 20 - 32) / (1500 + 14)


def capped(wiring: Wiring, rate_mbit_per_s: float) -> Wiring:
    """The wiring with the server's pod held to a rate."""
    shape = ("rate", f"{rate_mbit_per_s}mbit", "burst", "262144", "limit", "512144")
    argv = ("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", *shape)
    return replace(wiring, steps=(*wiring.steps, Step(place=Place.POD2, argv=argv)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("cap", "verdict"),
    [(None, Verdict.NO_DETECTABLE_DIFFERENCE), (0.95, Verdict.SLOWER)],
    ids=["equal", "gap"],
)
async def test_verdicts_on_a_shaped_wire(
    ground: Ground, tools: Tools, cap: float | None, verdict: Verdict
) -> None:
    """One verdict of twenty may be false, which is what 95 % means: two in a row are a fault."""
    wiring = WIRINGS["flannel-host-gw"](NODES)
    if cap is not None:
        wiring = capped(wiring, cap * RATE)
    wire = Wire(rate_mbit_per_s=RATE)
    reports: list[Report] = []
    for _ in range(2):
        tests = (TestName.TCP,)
        reports.append(await measured(ground, tools, wiring, tests=tests, rounds=5, wire=wire))
        if reports[-1].comparisons[0].verdict is verdict:
            break
    assert reports[-1].comparisons[0].verdict is verdict, [one.comparisons for one in reports]
    assert best_ratio(reports[-1]) == pytest.approx(cap or 1, rel=0.01)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("rate", [RATE, pytest.param(1000.0, marks=pytest.mark.calibration)])
async def test_the_goodput_is_what_the_wire_leaves_of_its_rate(
    ground: Ground, tools: Tools, flannel_vxlan: Wiring, rate: float
) -> None:
    wire = Wire(rate_mbit_per_s=rate)
    report = await measured(
        ground, tools, flannel_vxlan, tests=(TestName.TCP,), rounds=1, wire=wire
    )
    (host,) = [trial for trial in report.trials if trial.id.path is PathName.HOST]
    assert host.value == pytest.approx(GOODPUT * rate / 1000, rel=0.01)
