"""Pure rules over a report: what stands out in its figures, why, and what to do about it.

==================  ============================================================================
diagnosing.py       ``diagnose``: all rules, in order of severity
mtu.py              packets that do not fit, are smaller than they could be, or are fragmented
checksum.py         VXLAN checksum offload that breaks down
cpu.py              one core, or the whole machine, is what was measured
baseline.py         faster than the baseline, an unsteady baseline, a path nobody proved, strangers
place.py            one machine, imposed limits, injected sidecars
tools.py            what UDP loss and SCP really measure
==================  ============================================================================

A rule takes a report, complete or not, and returns its diagnoses; it never raises. Each names
where it comes from.
"""
