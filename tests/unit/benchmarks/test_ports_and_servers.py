"""cniadvisor-ports, -serve and -serving: a server gets a free port and says when it is up."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.benchmarks.conftest import Scripts


def ports(scripts: Scripts, *services: str) -> dict[str, int]:
    done = scripts.run("ports", *services)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)["ports"]
    stored = (scripts.scratch / "ports").read_text()
    assert stored == "".join(f"{service} {port}\n" for service, port in found.items())
    return found


def sockets_in_use(scripts: Scripts, *addresses: str) -> None:
    lines = [f"tcp LISTEN 0 128 {address} 0.0.0.0:*" for address in addresses]
    scripts.stand_in("ss", "cat <<'end'\n" + "\n".join(lines) + "\nend")


def candidates(scripts: Scripts, *numbers: int) -> None:
    """Decide in which order ports are tried."""
    scripts.stand_in("shuf", f"printf '%s\\n' {' '.join(map(str, numbers))}")


def test_a_fixed_port_is_taken_as_it_is(scripts: Scripts) -> None:
    assert ports(scripts, "iperf3=5201", "http=8080") == {"iperf3": 5201, "http": 8080}


def test_a_free_port_is_between_nodeports_and_the_well_known(scripts: Scripts) -> None:
    found = ports(scripts, "iperf3", "http", "fixed=5201")
    assert found["iperf3"] != found["http"]
    assert all(20000 <= found[service] <= 29999 for service in ("iperf3", "http"))


def test_vsftpd_gets_as_many_ports_in_a_row_as_transfers_need(scripts: Scripts) -> None:
    # 29990 leaves too few, from 20391 one is in use, from 20430 one is iperf3's.
    candidates(scripts, 29990, 20391, 20430, 20412, 20413, 20410)
    sockets_in_use(scripts, "*:20411", "*:29990")
    done = scripts.run("ports", "iperf3=20442", "vsftpd", "nginx")
    told = '{"ports":{"iperf3":20442,"vsftpd":20412,"nginx":20391}}\n'
    assert (done.returncode, done.stdout) == (0, told)
    stored = (scripts.scratch / "ports").read_text()
    assert stored == "iperf3 20442\nvsftpd 20412 20413 20432\nnginx 20391\n"


def test_nobody_gets_a_port_of_vsftpds_row(scripts: Scripts) -> None:
    candidates(scripts, 20412, 20413, 20432, 20433)
    assert ports(scripts, "nginx=20411") == {"nginx": 20411}
    done = scripts.run("ports", "vsftpd", "nginx")
    assert done.stdout == '{"ports":{"vsftpd":20412,"nginx":20433}}\n'


def test_vsftpds_fixed_port_has_its_others_after_it(scripts: Scripts) -> None:
    assert scripts.run("ports", "vsftpd=2121").returncode == 0
    assert (scripts.scratch / "ports").read_text() == "vsftpd 2121 2122 2141\n"
    assert scripts.run("ports", "vsftpd=65516").returncode == 2


def test_ports_differ_between_runs(scripts: Scripts) -> None:
    assert len({ports(scripts, "iperf3")["iperf3"] for _ in range(5)}) > 1


def test_a_port_in_use_is_never_taken(scripts: Scripts) -> None:
    candidates(scripts, 20001, 20002, 20417, 20003, 29999)
    sockets_in_use(scripts, "192.0.2.1:20001", "[::]:20002", "127.0.0.1%lo:20003")
    assert ports(scripts, "iperf3", "http") == {"iperf3": 20417, "http": 29999}


def test_a_longer_number_is_not_taken_for_the_port(scripts: Scripts) -> None:
    candidates(scripts, 20417)
    sockets_in_use(scripts, "*:2041", "*:120417", "*:204170")
    assert ports(scripts, "iperf3") == {"iperf3": 20417}


def test_real_sockets_are_seen(scripts: Scripts) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        candidates(scripts, busy.getsockname()[1], 20417)
        assert ports(scripts, "iperf3") == {"iperf3": 20417}


def test_no_free_port_is_said(scripts: Scripts) -> None:
    candidates(scripts, 20417)
    sockets_in_use(scripts, "*:20417")
    done = scripts.run("ports", "iperf3")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no free port between 20000 and 29999 for iperf3" in done.stderr
    assert not (scripts.scratch / "ports").exists()


def test_without_ss_no_port_is_guessed(scripts: Scripts) -> None:
    scripts.stand_in("ss", "echo 'Cannot open netlink socket' >&2; exit 1")
    done = scripts.run("ports", "iperf3")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("wish", ["", "=5201", "IPERF3", "a b", "x=0", "x=65536", "x=1e3", "x="])
def test_a_wrong_wish_is_refused(scripts: Scripts, wish: str) -> None:
    sockets_in_use(scripts)
    done = scripts.run("ports", wish)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cniadvisor-ports:" in done.stderr


def test_a_server_gets_its_port_and_the_address_to_bind(scripts: Scripts) -> None:
    (scripts.scratch / "ports").write_text("http 8080\niperf3 20417\n")
    scripts.stand_in("iperf3", 'echo "$@" in $TMPDIR')
    done = scripts.run("serve", "iperf3", LISTEN_ADDRESS="192.0.2.7", TMPDIR="")
    expected = f"--server --bind 192.0.2.7 --port 20417 --forceflush in {scripts.scratch}\n"
    assert (done.returncode, done.stdout) == (0, expected)


@pytest.mark.parametrize(
    ("stored", "address", "service", "message"),
    [
        ("iperf3 20417\n", "", "iperf3", "LISTEN_ADDRESS is not set"),
        ("", "192.0.2.7", "iperf3", "iperf3 has no port in"),
        (None, "192.0.2.7", "iperf3", "cniadvisor-ports runs first"),
        ("nfs 2049\n", "192.0.2.7", "nfs", "no such server: nfs (there is: iperf3, nginx,"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    scripts: Scripts, stored: str | None, address: str, service: str, message: str
) -> None:
    scripts.stand_in("iperf3", "echo started")
    if stored is not None:
        (scripts.scratch / "ports").write_text(stored)
    done = scripts.run("serve", service, LISTEN_ADDRESS=address)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert message in done.stderr


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_serving_is_true_only_while_the_port_listens(
    scripts: Scripts, family: socket.AddressFamily
) -> None:
    scripts.stand_in("sleep", "exec /bin/sleep 0.01")
    with socket.socket(family) as server:
        server.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        (scripts.scratch / "ports").write_text(f"iperf3 {server.getsockname()[1]}\n")
        not_yet = scripts.run("serving", "iperf3")
        assert not_yet.returncode == 1
        assert "nothing listens" in not_yet.stderr
        server.listen()
        assert scripts.run("serving", "iperf3").returncode == 0
    assert scripts.run("serving", "iperf3").returncode == 1


def test_serving_is_false_before_there_are_ports(scripts: Scripts) -> None:
    assert scripts.run("serving", "iperf3").returncode == 1
    (scripts.scratch / "ports").write_text("http 8080\n")
    assert scripts.run("serving", "iperf3").returncode == 1
    assert scripts.run("serving").returncode == 2
