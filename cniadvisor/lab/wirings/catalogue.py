"""All wirings by the names that ``--wiring`` takes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cniadvisor.lab.wiring import Nodes, Wiring

WIRINGS: Mapping[str, Callable[[Nodes], Wiring]] = MappingProxyType({})
"""Each makes the steps for two nodes. An unknown name is the caller's error to word."""
