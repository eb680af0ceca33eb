"""The image's own programs, each server with its client, as restricted pods run them.

Needs root and the built image, no cluster: two "pods" on one loopback (see image_pods.py).
"""

import json
import os
import re
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.image import bench_archive, unpack
from tests.cluster.image_pods import ImagePod, image_pod

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="running the image's file system needs root"),
]

ADDRESS = "127.0.0.2"
PASSWORD = "kept-out-of-sight_1"
CIPHER = "aes128-gcm@openssh.com"
SERVICES = ("iperf3", "nginx", "vsftpd", "sshd", "sockperf-tcp", "sockperf-udp")
OBJECT_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Both ends, with every server up; ``logs`` is where their words are."""

    server: ImagePod
    client: ImagePod
    ports: dict[str, int]
    logs: Path

    def port(self, service: str) -> str:
        return str(self.ports[service])


@pytest.fixture(scope="module")
def image_root() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="cniadvisor-image-") as folder:
        root = Path(folder) / "root"  # the folder itself is for nobody but root
        root.mkdir(mode=0o755)
        unpack(bench_archive(), root)
        yield root


def until_it_serves(pod: ImagePod, service: str, logs: Path) -> None:
    ends = time.monotonic() + 20
    while pod.run("cniadvisor-serving", service).returncode != 0:
        said = (logs / service).read_text()
        assert time.monotonic() < ends, f"{service} does not serve: {said}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def pods(image_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Pods]:
    logs = tmp_path_factory.mktemp("logs")
    with (
        image_pod(image_root, password=PASSWORD) as server,
        image_pod(image_root, password=PASSWORD, network_of=server) as client,
    ):
        assert server.run("cniadvisor-data").returncode == 0
        told = json.loads(server.run("cniadvisor-ports", *SERVICES).stdout)
        for service in SERVICES:
            server.start("cniadvisor-serve", service, log=logs / service, LISTEN_ADDRESS=ADDRESS)
        for service in SERVICES:
            until_it_serves(server, service, logs)
        yield Pods(server=server, client=client, ports=told["ports"], logs=logs)


# -- what is in the image


def test_tools_are_new_enough_and_the_image_knows_its_user(pods: Pods) -> None:
    version = re.match(r"iperf (\d+)\.(\d+)", pods.client.run("iperf3", "--version").stdout)
    assert version is not None
    assert (int(version[1]), int(version[2])) >= (3, 18)
    assert pods.client.run("id", "-un").stdout == "bench\n"
    assert pods.client.run("ethtool", "--version").returncode == 0
    status = pods.client.run("grep", "-E", "^(Cap|NoNewPrivs)", "/proc/self/status").stdout
    assert set(re.findall(r"Cap\w+:\s+(\w+)", status)) == {"0" * 16}
    assert pods.client.run("touch", "/here").returncode != 0


def test_no_key_of_a_host_is_in_the_image(image_root: Path) -> None:
    assert list((image_root / "etc" / "ssh").glob("ssh_host_*")) == []
    assert not (image_root / "usr" / "sbin" / "policy-rc.d").exists()


# -- the servers


def test_servers_listen_on_one_address_only(pods: Pods) -> None:
    sockets = pods.server.run("ss", "-Htuln").stdout.splitlines()
    local = {line.split()[4] for line in sockets}
    assert local == {f"{ADDRESS}:{port}" for port in pods.ports.values()}


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("iperf3", "unable to start listener"),
        ("nginx", "Address already in use"),
        ("vsftpd", "500 OOPS: could not bind listening IPv4 socket"),
        ("sshd", "Cannot bind any address"),
        ("sockperf-tcp", "Address already in use"),
        ("sockperf-udp", "Address already in use"),
    ],
)
def test_a_taken_port_is_said_in_the_servers_words(pods: Pods, service: str, words: str) -> None:
    # A scratch of its own: the server that is up keeps its files. Not its own port: two nginx of
    # one user may share one.
    taken = "sockperf-udp" if service == "sockperf-udp" else "iperf3"
    folder = f"/scratch/taken-{service}"
    prepare = f"mkdir {folder} && echo '{service} {pods.port(taken)} 2122 2141' >{folder}/ports"
    assert pods.server.run("sh", "-c", prepare).returncode == 0
    done = pods.server.run(
        "cniadvisor-serve", service, LISTEN_ADDRESS=ADDRESS, CNIADVISOR_SCRATCH=folder
    )
    # sockperf ends with 0 all the same; a server's pod is lost whatever its status.
    assert done.returncode != 0 or service.startswith("sockperf")
    assert words in done.stdout + done.stderr


# -- iperf3, http


def test_iperf3(pods: Pods) -> None:
    done = pods.client.run(
        *("iperf3", "-c", ADDRESS, "-p", pods.port("iperf3"), "-R", "-P", "2", "-t", "1", "-J")
    )
    assert json.loads(done.stdout)["end"]["sum_received"]["bytes"] > 0


def test_wrk_tells_its_own_counts(pods: Pods) -> None:
    url = f"http://{ADDRESS}:{pods.port('nginx')}/1m"
    script = "/usr/local/share/cniadvisor/wrk.lua"
    done = pods.client.run("wrk", "-t1", "-c4", "-d1s", "-s", script, url)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["running", "done"]
    told = events[1]
    assert set(told) == {"event", "bytes", "duration_us", "requests", "errors"}
    assert told["bytes"] >= told["requests"] * 2**20 > 0
    assert 0.9e6 < told["duration_us"] < 5e6
    assert told["errors"] == dict.fromkeys(("connect", "read", "write", "status", "timeout"), 0)


def test_nginx_serves_the_objects_and_its_health(pods: Pods) -> None:
    base = f"http://{ADDRESS}:{pods.port('nginx')}"
    assert pods.client.run("curl", "-sS", f"{base}/healthz").stdout == "ok\n"
    for name, size in {"1k": 2**10, "1m": 2**20}.items():
        said = pods.client.run(
            *("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_download}"),
            f"{base}/{name}",
        )
        assert said.stdout == f"200 {size}"
    head = pods.client.run("curl", "-sSI", f"{base}/64g").stdout.lower()
    assert f"content-length: {2**36}" in head


def test_h2load_counts_every_request(pods: Pods) -> None:
    url = f"http://{ADDRESS}:{pods.port('nginx')}/1k"
    done = pods.client.run(
        "cniadvisor-h2load", "--h1", "-c", "4", "-t", "1", "--rps", "50", "-D", "1", url
    )
    assert done.returncode == 0, done.stderr
    assert "requests: " in done.stdout
    counted = json.loads(done.stdout.splitlines()[-1])
    assert set(counted["statuses"]) == {"200"}
    assert sum(counted["latency_us"].values()) == counted["statuses"]["200"] > 50
    assert 0.5e6 < counted["span_us"] < 3e6


# -- ftp


def ftp_config(pods: Pods, name: str = "64g") -> str:
    done = pods.client.run("cniadvisor-ftp-config", ADDRESS, pods.port("vsftpd"), name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_ftp_downloads_with_the_password_out_of_sight(pods: Pods) -> None:
    config = ftp_config(pods)
    look = "curl -sS -K \"$1\" -o /dev/null --max-time 1 -w '%{size_download}' & sleep 0.5; "
    look += "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' >&2; wait $!"
    done = pods.client.run("sh", "-c", look, "sh", config)
    assert done.returncode == 28  # the time was over, not the object
    assert int(done.stdout) > 2**20
    assert "curl -sS -K /scratch/ftp.curl" in done.stderr
    assert PASSWORD not in done.stderr


def test_ftp_wants_the_password(pods: Pods) -> None:
    config = ftp_config(pods)
    assert pods.client.run("sed", "-i", "s/anonymous:./anonymous:/", config).returncode == 0
    done = pods.client.run("curl", "-sS", "-K", config, "-o", "/dev/null")
    assert (done.returncode, done.stderr) == (67, "curl: (67) Access denied: 530\n")


def test_ftp_gives_what_is_in_data_and_takes_nothing(pods: Pods) -> None:
    for name, status in {"1k": 0, "missing": 78}.items():
        done = pods.client.run("curl", "-sS", "-o", "/dev/null", "-K", ftp_config(pods, name))
        assert done.returncode == status
    config = ftp_config(pods)
    for path in ("%2Fetc/passwd", "%2Fcredentials/ftp-password", "../credentials/ftp-password"):
        edit = f"s|/64g|/{path}|"
        assert pods.client.run("sed", "-i", edit, config).returncode == 0
        done = pods.client.run("curl", "-sS", "--path-as-is", "-K", config)
        assert (done.returncode, done.stdout) == (9, "")
        config = ftp_config(pods)
    upload = pods.client.run("curl", "-sS", "-K", config, "-T", "/etc/hostname")
    assert upload.returncode == 25


# -- scp


def scp(pods: Pods, *more: str, name: str = "/data/scp.bin") -> tuple[int, list[str], str]:
    done = pods.client.run("cniadvisor-scp", ADDRESS, pods.port("sshd"), name, CIPHER, *more)
    return done.returncode, done.stdout.splitlines(), done.stderr


def introduce(pods: Pods) -> None:
    key = pods.client.run("cniadvisor-ssh-key").stdout.strip()
    host_key = pods.server.run("cniadvisor-ssh-allow", key).stdout.strip()
    known = pods.client.run("cniadvisor-ssh-known", ADDRESS, pods.port("sshd"), host_key)
    assert (known.returncode, known.stderr) == (0, "")
    made = pods.server.run("cniadvisor-object", str(OBJECT_BYTES))
    assert json.loads(made.stdout) == {"object": "/data/scp.bin", "bytes": OBJECT_BYTES}


def test_scp_tells_login_and_transfer(pods: Pods) -> None:
    introduce(pods)
    status, lines, stderr = scp(pods)
    assert (status, stderr) == (0, "")
    running, finished = map(json.loads, lines)
    assert running["login_seconds"] > 0
    assert finished["seconds"] > 0
    assert OBJECT_BYTES < finished["received_bytes"] < 1.02 * OBJECT_BYTES
    left = pods.client.run("ls", "/scratch").stdout
    assert "scp." not in left
    assert "master" not in pods.client.run("sh", "-c", "cat /proc/[0-9]*/cmdline").stdout


def test_scp_keeps_to_its_limit(pods: Pods) -> None:
    introduce(pods)
    assert pods.server.run("cniadvisor-object", "2000000").returncode == 0
    _, lines, _ = scp(pods, "16000")  # 2 MB/s
    assert 0.8 < json.loads(lines[1])["seconds"] < 3


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("rm /scratch/id; cniadvisor-ssh-key", "Permission denied (publickey)"),
        ("sed -i s/AAAAI[A-Za-z0-9]/AAAAIX/ /scratch/known_hosts", "Host key verification failed"),
        ("rm /scratch/known_hosts", "Host key verification failed"),
    ],
)
def test_scp_lets_nobody_in_who_is_not_known(pods: Pods, spoil: str, words: str) -> None:
    introduce(pods)
    assert pods.client.run("sh", "-c", spoil).returncode == 0
    status, lines, stderr = scp(pods)
    assert (status, lines) == (255, [])
    assert words in stderr


def test_scp_says_what_is_missing(pods: Pods) -> None:
    introduce(pods)
    status, lines, stderr = scp(pods, name="/data/missing")
    assert status == 1
    assert len(lines) == 1
    assert stderr == "scp: /data/missing: No such file or directory\n"
    refused = pods.client.run("cniadvisor-scp", ADDRESS, "1", "/data/scp.bin", CIPHER)
    assert refused.returncode == 255
    assert "Connection refused" in refused.stderr


def test_sshd_gives_no_shell_and_takes_no_file(pods: Pods) -> None:
    introduce(pods)
    options = (
        *("-F", "none", "-i", "/scratch/id", "-o", "BatchMode=yes"),
        *("-o", "UserKnownHostsFile=/scratch/known_hosts"),
    )
    port = pods.port("sshd")
    shell = pods.client.run("ssh", *options, "-p", port, f"bench@{ADDRESS}", "id")
    assert "uid=" not in shell.stdout
    upload = pods.client.run(
        "scp", *options, "-P", port, "/etc/hostname", f"bench@{ADDRESS}:/data/new"
    )
    assert upload.returncode != 0
    assert "new" not in pods.server.run("ls", "/data").stdout


# -- sockperf


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_sockperf(pods: Pods, protocol: str) -> None:
    option = ["--tcp"] if protocol == "tcp" else []
    for _ in range(2):  # the server takes one client after the other
        done = pods.client.run(
            *("sockperf", "ping-pong", *option, "-i", ADDRESS),
            *("-p", pods.port(f"sockperf-{protocol}"), "-t", "1", "-m", "64", "--full-rtt"),
        )
        assert done.returncode == 0
        assert "percentile 50.000" in done.stdout
