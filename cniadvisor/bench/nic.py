"""Facts about the NIC between the nodes, asked at a host-network endpoint (as an ordinary user)."""

from cniadvisor.bench.endpoints import Command, Endpoint, run_to_end
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import NicFacts
from cniadvisor.domain.text import printable

_OFFLOADS = (
    "rx-checksumming",
    "tx-checksumming",
    "tcp-segmentation-offload",
    "generic-segmentation-offload",
    "generic-receive-offload",
    "large-receive-offload",
    "tx-udp_tnl-segmentation",
    "rx-udp-gro-forwarding",
)
"""The features of ``ethtool -k`` that move CNI figures, by ethtool's names."""

_DEADLINE_S = 10


async def read_nic(endpoint: Endpoint, interface: str, mtu: int | None) -> NicFacts:
    """Ask sysfs and ethtool about ``interface``; what the node can't tell stays None."""
    return NicFacts(
        role=endpoint.role,
        interface=interface,
        mtu=mtu,
        speed_mbit_per_s=parse_speed(
            await _told(endpoint, ("cat", f"/sys/class/net/{interface}/speed"))
        ),
        driver=parse_driver(await _told(endpoint, ("ethtool", "-i", interface))),
        offloads=parse_offloads(await _told(endpoint, ("ethtool", "-k", interface))),
    )


async def _told(endpoint: Endpoint, argv: tuple[str, ...]) -> str:
    try:
        done = await run_to_end(endpoint, Command(argv=argv, deadline_s=_DEADLINE_S))
    except BenchmarkError:
        return ""
    return done.stdout.decode(errors="replace") if done.exit.status == 0 else ""


def parse_speed(text: str) -> int | None:
    """Read ``/sys/class/net/*/speed``: Mbit/s, or -1 where the driver does not know."""
    try:
        speed = int(text.strip())
    except ValueError:
        return None
    return speed if speed > 0 else None


def parse_driver(text: str) -> str | None:
    """Read the driver's name from ``ethtool -i``."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "driver" and value.strip():
            return printable(value, limit=60)
    return None


def parse_offloads(text: str) -> tuple[str, ...]:
    """Read which of the offloads that matter are on from ``ethtool -k``."""
    states = {
        key.strip(): value.split()
        for key, _, value in (x.partition(":") for x in text.splitlines())
    }
    return tuple(name for name in _OFFLOADS if states.get(name, [])[:1] == ["on"])
