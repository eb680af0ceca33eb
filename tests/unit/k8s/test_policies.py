"""The probe's policies, made and removed while the API server comes and goes."""

from collections.abc import AsyncGenerator

import pytest

from cniadvisor.bench.endpoints import Service
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.policies import NetworkPolicies, policy_name
from cniadvisor.probe.policies import ALLOWED, Rule
from tests.fakeapi.server import FakeApi

POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
GIVEN = "/apis/networking.k8s.io/v1/namespaces/given/networkpolicies"
RULE = next(iter(Rule))
NAME = policy_name("r1", RULE)


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    async with FakeApi.serve({POLICIES: {"items": []}}) as served:
        yield served


@pytest.fixture
def policies(connection: Connection) -> NetworkPolicies:
    ports: dict[Service, int] = {ALLOWED: 5201}
    return NetworkPolicies(connection, run_id="r1", namespace="given", owners=(), ports=ports)


async def test_an_api_server_that_is_away_for_a_moment_ends_no_probe(
    api: FakeApi, policies: NetworkPolicies
) -> None:
    api.fault(GIVEN, method="POST", times=2, status=503)
    await policies.apply(RULE)
    assert api.find(POLICIES, NAME) is not None
    api.fault(f"{GIVEN}/{NAME}", method="DELETE", times=2, drop=True)
    await policies.remove(RULE)
    assert api.find(POLICIES, NAME) is None


async def test_what_is_there_or_gone_already_is_fine(
    api: FakeApi, policies: NetworkPolicies
) -> None:
    await policies.apply(RULE)
    await policies.apply(RULE)
    await policies.remove(RULE)
    await policies.remove(RULE)
    assert api.find(POLICIES, NAME) is None
