import ssl
from dataclasses import dataclass, field

import pytest

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.plan import NodePair
from tests.unit.example_nodes import example_node


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


@pytest.fixture
def a_pair() -> NodePair:
    return NodePair(
        client=example_node("node1"), server=example_node("node2"), reason="the only two"
    )
