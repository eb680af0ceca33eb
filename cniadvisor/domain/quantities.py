"""Kubernetes quantities: ``100m``, ``0.5``, ``16384Ki``, ``1e3``, ``129M``.

The grammar is that of k8s.io/apimachinery, pkg/api/resource: a signed decimal number and a binary
suffix, a decimal suffix or an exponent.
"""

import re
from decimal import Decimal

__all__ = ["mebibytes", "millicores", "quantity"]

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d{1,3}|[KMGTPE]i|[numkMGTPE]?)")
_FACTORS = {
    "": Decimal(1),
    **{suffix: Decimal(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}


def quantity(text: str) -> Decimal | None:
    """Return the number a quantity stands for, or None when it is not one."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        return None
    number, suffix = Decimal(form[1]), form[2]
    factor = _FACTORS.get(suffix)
    return number * (Decimal(f"1{suffix}") if factor is None else factor)


def millicores(text: str) -> int:
    """Return a CPU quantity in millicores, rounded down; 0 when it is not a quantity."""
    return int((quantity(text) or 0) * 1000)


def mebibytes(text: str) -> int:
    """Return a memory quantity in MiB, rounded down; 0 when it is not a quantity."""
    return int((quantity(text) or 0) / 1024**2)
