"""From an inventory to findings. Pure: no I/O, nothing third-party, never raises.

Where to look:

==================  ============================================================================
detection.py        ``detect`` and ``explain``: the order of things
flannel.py          Flannel: backend, MTU, encryption
cluster.py          the inventory as nodes, workloads, pods; what is known and what was refused
traces.py           the table of what each CNI leaves in a cluster
corroborate.py      pods, conditions and node files for and against a candidate
weigh.py            who is the primary, and how sure
residue.py          what former CNIs left
health.py           warnings
distributions.py    k3s, RKE2, EKS, ...
==================  ============================================================================
"""
