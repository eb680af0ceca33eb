"""Helper plugins behind the primary in its CNI configuration: portmap, bandwidth, tuning, ...

Nodes' files tell what is used; without them the ConfigMap the file is written from.
"""

import re
from collections import Counter

from cniadvisor.detect import reading, traces
from cniadvisor.detect.candidate import Candidate
from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.corroborate import Observations
from cniadvisor.detect.evidence import Evidence, Rank, in_favour

_PLACEHOLDER = re.compile(r"__[A-Z_]{1,60}__")
_CNI_TYPES = frozenset(kind for trace in traces.TRACES for kind in trace.conf_types)


def chained_plugins(primary: Candidate, observations: Observations) -> dict[str, Evidence]:
    """Return plugin -> where it was seen; CNIs in their own right are left out."""
    return _from_files(primary, observations) or _from_config_maps(observations.cluster, primary)


def _from_files(primary: Candidate, observations: Observations) -> dict[str, Evidence]:
    ours = primary.covers | {primary.name}
    seen: Counter[str] = Counter()
    for file in observations.first_files.values():
        if traces.file_owner(file) in ours:
            seen.update(kind for kind in file.types[1:] if kind not in _CNI_TYPES)
    total = len(observations.first_files)
    return {
        kind: in_favour(
            Rank.NODE_FILE,
            f"chained behind {primary.name} on {count} of {total} nodes read",
            source="host:/etc/cni/net.d",
        )
        for kind, count in seen.items()
    }


def _from_config_maps(cluster: Cluster, primary: Candidate) -> dict[str, Evidence]:
    usual = {
        name
        for trace in traces.TRACES
        if trace.name in primary.covers | {primary.name}
        for name in trace.config_maps
    }
    found: dict[str, Evidence] = {}
    for workload in primary.workloads:
        for name in dict.fromkeys((*workload.config_maps, *sorted(usual))):
            for document in (cluster.config_map(workload.namespace, name) or {}).values():
                for kind in plugin_types(document)[1:]:
                    if kind not in _CNI_TYPES:
                        found[kind] = in_favour(
                            Rank.CONFIG_MAP,
                            f"ConfigMap {workload.namespace}/{name} chains it behind"
                            f" {primary.name}",
                            source="/api/v1/configmaps",
                        )
    return found


def plugin_types(document: str) -> tuple[str, ...]:
    """Return the plugins of a CNI configuration, templates with ``__NAMES__`` in them included."""
    if '"plugins"' not in document:
        return ()
    parsed = reading.parsed(_PLACEHOLDER.sub("0", document))
    types = (reading.text(plugin, "type") for plugin in reading.objects(parsed, "plugins"))
    return tuple(kind for kind in types if kind)
