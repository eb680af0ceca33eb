"""From an inventory to findings. Pure: no I/O, nothing third-party, never raises.

Where to look:

==================  ============================================================================
detection.py        ``detect`` and ``explain``: the order of things

**Who may be there**
flannel.py          Flannel: backend, MTU, encryption
calico*.py          Calico: role and version; encapsulation (IPIP, VXLAN, cross-subnet, BGP) and
                    MTU; felix (dataplane, WireGuard); resources
canal.py            Canal: Calico's policy on Flannel's network
cilium.py           Cilium: role, routing, encryption, kube-proxy replacement
multus.py           Multus: thin or thick, attachments that never came
others.py           the table of all others; others_settings.py reads their settings
embedded.py         CNIs without a workload: k3s, cloud routes, bridge, EKS Auto Mode
fallback.py         a guess where agents could not be read; the proof that there is no CNI

**What speaks for and against them**
evidence.py         ranks of evidence
traces.py           the table of what each CNI leaves in a cluster
corroborate.py      pods, conditions and node files for and against a candidate
weigh.py            who is the primary, and how sure

**What else is told**
policy.py           who enforces NetworkPolicy
kube_proxy.py       kube-proxy's mode, or that it was replaced
chained_plugins.py  portmap, bandwidth, ... behind the primary
residue.py          what former CNIs left
health.py           warnings
unknowns.py         what could not be read, and the right that would tell
distributions.py    k3s, RKE2, EKS, ...

**What it is built on**
cluster.py          the inventory, asked; what is known and what was refused
cluster_objects.py  nodes, workloads, pods, configuration files
candidate.py        a component that may be there
reading.py          total functions over JSON from the wild
images.py           image references and versions
paths.py            the inventory keys detection looks at
==================  ============================================================================
"""
