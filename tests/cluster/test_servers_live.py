"""Every server in real pods, on both paths, and its client on the other node."""

import json
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from cniadvisor.bench.endpoints import (
    Command,
    Completed,
    Endpoint,
    Endpoints,
    Service,
    run_to_end,
)
from cniadvisor.bench.node_pair import choose_pair
from cniadvisor.bench.suites import parse_suite
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.plan import Plan
from cniadvisor.k8s.api_errors import NotFoundError
from cniadvisor.k8s.connection import Connection, connect
from cniadvisor.k8s.nodes import read_nodes
from cniadvisor.k8s.objects import objects, text
from cniadvisor.k8s.target import KubernetesTarget
from cniadvisor.resources import suite_text
from tests.cluster.state import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.root]

CIPHER = "aes128-gcm@openssh.com"
OBJECT_BYTES = 100_000_000


@pytest.fixture
async def connection(flannel_cluster: Cluster) -> AsyncGenerator[Connection]:
    async with connect(kubeconfig=str(flannel_cluster.kubeconfig)) as connected:
        yield connected


@asynccontextmanager
async def opened(
    connection: Connection,
    image: str,
    *,
    namespace: str | None = None,
    tests: tuple[TestName, ...] = tuple(TestName),
) -> AsyncGenerator[tuple[Plan, Endpoints]]:
    """Both paths with all servers up; everything is gone afterwards."""
    pair = choose_pair(await read_nodes(connection), client=None, server=None)
    suite = parse_suite(suite_text("quick").text, source="quick")
    plan = Plan(
        run_id=secrets.token_hex(4),
        suite=replace(suite, tests=tests),
        paths=tuple(PathName),
        seed=1,
        streams=2,
    )
    target = KubernetesTarget(
        connection,
        run_id=plan.run_id,
        paths=plan.paths,
        tests=tests,
        pair=pair,
        image=image,
        namespace=namespace,
    )
    began = time.monotonic()
    try:
        endpoints = await target.open(plan, lambda sentence: print(f"  {sentence}"))
        print(f"open after {time.monotonic() - began:.1f} s")
        yield plan, endpoints
    finally:
        await target.close(lambda what, error: print(f"  removed {what} {error or ''}"))


async def run(endpoint: Endpoint, *argv: str, status: int = 0) -> str:
    done: Completed = await run_to_end(endpoint, Command(argv=argv, deadline_s=30))
    assert done.exit.status == status, (argv, done.exit.stderr)
    return done.stdout.decode()


async def iperf3(client: Endpoint, server: Endpoint) -> str:
    port = str(server.ports[Service.IPERF3])
    told = json.loads(
        await run(client, "iperf3", "-c", server.address, "-p", port, "-R", "-t", "1", "-J")
    )
    bits = told["end"]["sum_received"]["bits_per_second"]
    assert bits > 0
    return f"{bits / 1e6:.0f} Mbit/s"


async def http(client: Endpoint, server: Endpoint) -> str:
    url = f"http://{server.address}:{server.ports[Service.NGINX]}"
    script = "/usr/local/share/cniadvisor/wrk.lua"
    out = await run(client, "wrk", "-t2", "-c8", "-d1s", "-s", script, f"{url}/1m")
    told = [json.loads(line) for line in out.splitlines() if line.startswith("{")][-1]
    assert told["requests"] > 0
    assert not any(told["errors"].values())
    out = await run(
        client, "cniadvisor-h2load", "--h1", "-c4", "-t1", "--rps", "50", "-D", "1", f"{url}/1k"
    )
    counted = json.loads(out.splitlines()[-1])
    assert set(counted["statuses"]) == {"200"}
    rate = f"{told['bytes'] * 8 / told['duration_us']:.0f} Mbit/s"
    return f"{rate}, {counted['statuses']['200']} requests timed"


async def ftp(client: Endpoint, server: Endpoint) -> str:
    port = str(server.ports[Service.VSFTPD])
    config = await run(client, "cniadvisor-ftp-config", server.address, port, "64g")
    told = "%{size_download} %{time_pretransfer} %{time_total}"
    out = await run(
        client,
        *("curl", "-sS", "-K", config.strip(), "-o", "/dev/null", "--max-time", "1", "-w", told),
        status=28,
    )
    size, before, total = map(float, out.split())
    assert size > 0
    return f"{size * 8 / (total - before) / 1e6:.0f} Mbit/s"


async def scp(client: Endpoint, server: Endpoint) -> str:
    port = str(server.ports[Service.SSHD])
    key = await run(client, "cniadvisor-ssh-key")
    host_key = await run(server, "cniadvisor-ssh-allow", key.strip())
    await run(client, "cniadvisor-ssh-known", server.address, port, host_key.strip())
    made = json.loads(await run(server, "cniadvisor-object", str(OBJECT_BYTES)))
    out = await run(client, "cniadvisor-scp", server.address, port, made["object"], CIPHER)
    told = json.loads(out.splitlines()[-1])
    assert told["received_bytes"] > OBJECT_BYTES
    return f"{OBJECT_BYTES * 8 / told['seconds'] / 1e6:.0f} Mbit/s"


async def sockperf(client: Endpoint, server: Endpoint) -> str:
    medians: list[str] = []
    for service, option in {Service.SOCKPERF_TCP: ["--tcp"], Service.SOCKPERF_UDP: []}.items():
        out = await run(
            client,
            *("sockperf", "ping-pong", *option, "-i", server.address),
            *("-p", str(server.ports[service]), "-t", "1", "-m", "64", "--full-rtt"),
        )
        line = next(line for line in out.splitlines() if "percentile 50.000" in line)
        medians.append(f"{service} {line.split()[-1]} us")
    return ", ".join(medians)


async def test_every_client_reaches_its_server_on_both_paths(
    connection: Connection, bench_image: str
) -> None:
    async with opened(connection, bench_image) as (plan, endpoints):
        assert endpoints.paths == tuple(PathName)
        assert endpoints.refused == {}
        for path in endpoints.paths:
            client, server = endpoints.client(path), endpoints.server(path)
            assert set(server.ports) == set(Service)
            for measure in (iperf3, http, ftp, scp, sockperf):
                print(f"{path}: {measure.__name__}: {await measure(client, server)}")
        words = {
            await run(endpoints.client(path), "cat", "/credentials/ftp-password")
            for path in endpoints.paths
        }
        assert [len(word) for word in words] == [32, 32], "each path has a password of its own"
    with pytest.raises(NotFoundError):
        await connection.get(f"/api/v1/namespaces/cniadvisor-{plan.run_id}")


async def test_a_restricted_namespace_takes_the_pods_of_the_pod_path(
    connection: Connection, bench_image: str
) -> None:
    name = f"restricted-{secrets.token_hex(3)}"
    levels: JsonObject = {
        f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")
    }
    await connection.create(
        "/api/v1/namespaces",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": levels}},
    )
    place = f"/api/v1/namespaces/{name}"
    try:
        async with opened(connection, bench_image, namespace=name) as (plan, endpoints):
            assert endpoints.paths == (PathName.POD,)
            assert "restricted" in endpoints.refused[PathName.HOST]
            client, server = endpoints.client(PathName.POD), endpoints.server(PathName.POD)
            await ftp(client, server)
            await scp(client, server)
        listed = await connection.listed(f"{place}/secrets")
        left = [text(each, "metadata", "name") for each in objects(listed, "items")]
        assert not [name for name in left if plan.run_id in name]
    finally:
        await connection.delete(place)
