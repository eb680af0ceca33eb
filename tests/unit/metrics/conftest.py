import ssl
from dataclasses import dataclass, field

import pytest

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.plan import NodeFacts, NodePair


@dataclass
class FakeAccess:
    """Credentials as another room holds them: tokens one after the other, with every refresh."""

    tokens: list[str | None] = field(default_factory=lambda: ["first", "second"])
    fails: CniAdvisorError | None = None
    server: str = "https://192.0.2.1:6443"
    proxy: str | None = None
    tls: ssl.SSLContext | None = None
    tls_server_name: str | None = None
    user_name: str = "me"
    generation: int = 0

    async def authorization(self) -> str | None:
        token = self.tokens[min(self.generation, len(self.tokens) - 1)]
        return None if token is None else f"Bearer {token}"

    async def refresh(self, generation: int) -> None:
        if self.fails is not None:
            raise self.fails
        if generation == self.generation:
            self.generation += 1


@pytest.fixture
def access() -> FakeAccess:
    return FakeAccess()


def node(name: str) -> NodeFacts:
    return NodeFacts(
        name=name,
        internal_ip="192.0.2.11",
        ready=True,
        schedulable=True,
        tainted=False,
        control_plane=False,
        operating_system="linux",
        architecture="amd64",
        kernel="6.12.48",
        os_image="Debian GNU/Linux 13 (trixie)",
        kubelet_version="1.36.1",
        container_runtime="containerd://2.1.4",
        cpu_millicores=4000,
        memory_mib=7936,
        requested_cpu_millicores=250,
        zone=None,
        instance_type=None,
        boot_id=None,
    )


@pytest.fixture
def a_pair() -> NodePair:
    return NodePair(client=node("node1"), server=node("node2"), reason="the only two")
