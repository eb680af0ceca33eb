"""What the CNI's own agents take, in words and as a table."""

from cniadvisor.domain.measurement import AgentsCost, AgentUse, Role
from cniadvisor.domain.text import printable
from cniadvisor.wording.words import WIDTH, duration, significant, table, wrapped


def agents_sentence(agents: AgentsCost) -> str:
    """Say in one sentence what all agents together take under load, or why it is not known."""
    loads = [share.load for share in agents.shares if share.load is not None]
    roles = [role for role in Role if any(s.role is role and s.load for s in agents.shares)]
    reason = f" ({printable(agents.reason)})" if agents.reason else ""
    if not loads:
        return f"The CNI's agents: their CPU and memory are not known{reason}."
    cpu = sum(load.cpu_millicores for load in loads)
    memory = sum(load.memory_mib for load in loads)
    where = "both nodes" if len(roles) > 1 else f"the {roles[0].value} node"
    return (
        f"The CNI's agents on {where} take {significant(cpu)} millicores and "
        f"{significant(memory)} MiB while trials run{reason}."
    )


def agents_lines(agents: AgentsCost, *, width: int = WIDTH) -> list[str]:
    """Return the agents' CPU and memory, container by container, idle and under load."""
    resolution = ""
    if agents.resolution_s is not None:
        resolution = f", means over windows of {duration(agents.resolution_s)}"
    lines = wrapped(
        f"The CNI's agents, by the metrics API{resolution}. What the kernel does for the pods' "
        "packets is not in it.",
        width=width,
    )
    if agents.reason:
        lines += wrapped(printable(agents.reason), indent="  ", width=width)
    if not agents.shares:
        return lines
    rows = [
        (
            printable(share.component, limit=20),
            share.role.value,
            printable(share.container, limit=24),
            _use(share.idle),
            _use(share.load),
        )
        for share in agents.shares
    ]
    lines += table(("agent", "node", "container", "idle", "under load"), rows, width=width)
    reasons = dict.fromkeys(
        reason
        for share in agents.shares
        for reason in (share.idle_reason, share.load_reason)
        if reason
    )
    for reason in reasons:
        lines += wrapped(f"Not resolved: {printable(reason)}", indent="  ", width=width)
    return lines


def _use(use: AgentUse | None) -> str:
    if use is None:
        return "n/a"
    return f"{significant(use.cpu_millicores)} m, {significant(use.memory_mib)} MiB"
