"""Whether this kernel can delay packets."""

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.text import printable
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.wiring import Place

__all__ = ["require_netem"]

_GROUP = "netem"


async def require_netem(ground: Ground, tools: Tools) -> None:
    """Try netem in a network namespace made for that.

    Raises:
        UsageError: the kernel has none.
    """
    await ground.lay(_GROUP, (Place.NODE1,), tools.root)
    try:
        argv = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
        done = await ground.run(_GROUP, Place.NODE1, argv)
    finally:
        await ground.clear(_GROUP)
    if done.status != 0:
        raise UsageError(
            "this kernel can't delay packets: it lacks netem (CONFIG_NET_SCH_NETEM): "
            f"{printable(done.stderr, limit=200)}",
            hint="leave --delay away; on some distributions netem is in a package of its own "
            "(kernel-modules-extra, linux-modules-extra)",
        )
