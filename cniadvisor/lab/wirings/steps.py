"""Words for steps: what every wiring says to the kernel, and through which program."""

from collections.abc import Iterable

from cniadvisor.lab.wiring import SYSCTL_WRITE, Place, Step


def run(place: Place, line: str, *rest: Place) -> Step:
    """Return a step from a command line without quotes; ``rest`` follows it (``netns`` POD1)."""
    return Step(place=place, argv=(*line.split(), *rest))


def sysctl(place: Place, path: str, value: str) -> Step:
    """Return a step that writes the setting at ``path`` below ``/proc/sys``."""
    return Step(place=place, argv=(SYSCTL_WRITE, path, value))


def iptables(place: Place, text: str) -> Step:
    """Return a step that adds tables of rules in the form of ``iptables-save``.

    iptables on nftables: what Debian's and today's other distributions' ``iptables`` is, and what
    flanneld and Felix use there.
    """
    return Step(place=place, argv=("iptables-nft-restore", "--noflush"), stdin=text)


def table(name: str, chains: Iterable[str], rules: Iterable[str]) -> str:
    """Return one table in the form of ``iptables-save``: its new chains, its rules."""
    lines = [f"*{name}", *(f":{chain} - [0:0]" for chain in chains), *rules, "COMMIT"]
    return "".join(f"{line}\n" for line in lines)


def veth(node: Place, pod: Place, host_end: str, mtu: int) -> tuple[Step, ...]:
    """Return the steps that join a pod to its node; ``host_end`` is the node's end, still down.

    No queue length: the CNI plugins leave it 0, as netlink's libraries do unless told.
    """
    ends = f"ip link add {host_end} mtu {mtu} txqueuelen 0 type veth"
    return (
        run(node, f"{ends} peer name eth0 mtu {mtu} txqueuelen 0 netns", pod),
        run(pod, "ip link set eth0 up"),
    )
