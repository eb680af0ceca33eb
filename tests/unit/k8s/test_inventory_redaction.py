"""No secret gets past the edge, and no evidence is lost there."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.k8s.pruning import prune, prune_chart, prune_node, prune_workload_pod
from cniadvisor.k8s.redaction import REDACTED, names_a_secret, redact, redact_node, redacted_text

RECORDED = Path(__file__).parents[2] / "golden" / "inventories"
SECRET = "hunter2hunter2"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc==\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        '{"Network":"10.244.0.0/16","Backend":{"Type":"wireguard","PSK":"hunter2hunter2"}}',
        '{"Backend": {"type": "ipsec", "psk" : "hunter2hunter2" }}',
        "{'password': 'hunter2hunter2'}",
        "token: hunter2hunter2\nother: kept",
        "bootstrap-token: |\n  hunter2hunter2\n  hunter2hunter2\nother: kept",
        "  secret-data: >-\n    hunter2hunter2\n  other: kept",
        "WEAVE_PASSWORD=hunter2hunter2 weave launch",
        "args=--token=hunter2hunter2",
        "etcd --initial-cluster-token=hunter2hunter2 --name x",
        '{"env":"{\\"api_key\\":\\"hunter2hunter2\\",\\"x\\":1}"}',
        "https://admin:hunter2hunter2@etcd:2379",
        "Authorization: Bearer hunter2hunter2",
        "private-key = hunter2hunter2",
        'client-key-data: "hunter2hunter2"',
        '{"token": "hun\\"hunter2hunter2"}',
        '{"token":\n  "hunter2hunter2"}',
        # A kubeconfig: the key follows another one on the line before it.
        "users:\n- name: multus\n  user:\n    token: hunter2hunter2\n    other: kept",
        "- user:\n    client-key-data: hunter2hunter2\n",
        "exec agent --token hunter2hunter2 --x y",
        "join --bgp-password 'hunter2hunter2'",
        "kubeadm join 1.2.3.4 --certificate-key hunter2hunter2",
        "hubble-tls-key: hunter2hunter2",
    ],
)
def test_secrets_in_texts_are_replaced(text: str) -> None:
    redacted = redacted_text(text)
    assert SECRET not in redacted
    assert "hunter2" not in redacted
    assert REDACTED in redacted
    if "kept" in text:
        assert "other: kept" in redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("--token=abc;def}ghi --iface=eth0", '--token="REDACTED" --iface=eth0'),
        ("bgp-password = correct horse battery\nkept: 1", 'bgp-password = "REDACTED"\nkept: 1'),
        ("password: first, second word", 'password: "REDACTED"'),
        ("password: 'no end", 'password: "REDACTED"'),
        ("HTTP_PROXY=http://user:pa@ss@host:1/", "HTTP_PROXY=http://REDACTED@host:1/"),
        ("http_proxy=http://tok3n@host/", "http_proxy=http://REDACTED@host/"),
        ("HTTPS://a:b@host", "HTTPS://REDACTED@host"),
        # JSON among other text: what follows a number is evidence.
        ('net-conf: {"token": 12345, "Type": "vxlan"}',
         'net-conf: {"token": "REDACTED", "Type": "vxlan"}'),
    ],
)  # fmt: skip
def test_of_a_secret_nothing_is_left_over(text: str, redacted: str) -> None:
    assert redacted_text(text) == redacted
    assert redacted_text(redacted) == redacted


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1))
def test_whatever_a_password_holds_an_argument_loses_all_of_it(password: str) -> None:
    container: dict[str, Any] = {
        "args": [f"--bgp-password=1{password}", "--iface=eth0"],
        "command": ["x"],
    }
    redact(container)
    assert container["args"] == [f'--bgp-password="{REDACTED}"', "--iface=eth0"]


@pytest.mark.parametrize(
    "text",
    [
        "docker-pullable://busybox@sha256:0123456789abcdef",
        "docker-pullable://quay.io/cilium/cilium@sha256:0123456789abcdef",
        "https://10.0.0.1:2379,https://10.0.0.2:2379",
        "unix:///var/run/cilium@x",
        # As it stands, to the last blank: nothing in it was secret.
        '{"token":"",  "api_key": null,"secret": {"name": "x"},"passwordFile":"/x"}',
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redacted_text(text) == text


def test_a_long_word_takes_no_time() -> None:
    begun = time.process_time()
    redacted_text("key " + "a" * 20_000)
    assert time.process_time() - begun < 5  # it was 15 s


@pytest.mark.parametrize("text", [PEM, f"x {JWT} y", "join with abcdef.0123456789abcdef now"])
def test_things_that_look_like_secrets_are_replaced_wherever_they_stand(text: str) -> None:
    redacted = redacted_text(text)
    assert REDACTED in redacted
    assert not any(part in redacted for part in ("MIIEow", "c2lnbmF0dXJl", "0123456789abcdef"))


@pytest.mark.parametrize(
    "text", ["token: MASKED", "password=REDACTED", "run --token-file /x", "user:\n  name: kept"]
)
def test_what_is_no_secret_or_no_more_stays(text: str) -> None:
    assert redacted_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "kubectl.kubernetes.io/last-applied-configuration",
        "objectset.rio.cattle.io/applied",
        "kapp.k14s.io/original",
    ],
)
def test_copies_of_the_object_in_annotations_are_dropped_wherever_they_stand(name: str) -> None:
    metadata = {"annotations": {name: "H4sIAAAA" + SECRET, "kept": "x"}}
    item: dict[str, Any] = {
        "metadata": copy.deepcopy(metadata),
        "spec": {"template": {"metadata": copy.deepcopy(metadata)}},
    }
    node: dict[str, Any] = {"metadata": copy.deepcopy(metadata)}
    prune(item)
    prune_node(node)
    assert item["metadata"]["annotations"] == {"kept": "x"}
    assert item["spec"]["template"]["metadata"]["annotations"] == {"kept": "x"}
    assert node["metadata"]["annotations"] == {"kept": "x"}


def test_binary_data_of_config_maps_is_dropped() -> None:
    item: dict[str, Any] = {"data": {"a": "b"}, "binaryData": {"k": SECRET}}
    prune(item)
    assert item == {"data": {"a": "b"}}


def test_json_stays_json() -> None:
    text = json.dumps({"PSK": SECRET, "token": 12345678, "deep": {"psk": 'a,b"c'}, "k": "v"})
    assert json.loads(redacted_text(text)) == {
        "PSK": REDACTED,
        "token": REDACTED,
        "deep": {"psk": REDACTED},
        "k": "v",
    }


def test_json_is_redacted_as_the_data_it_is() -> None:
    inner = json.dumps({"psk": SECRET, "Type": "vxlan"})
    told = {
        "script": f"export TOKEN={SECRET} {SECRET}",
        "inner": inner,
        "env": [{"name": "WEAVE_PASSWORD", "value": f"x {SECRET}"}],
        "labels": {"token": SECRET},
        "mtu": 1450,
        "network": "10.244.0.0/16",
    }
    redacted = json.loads(redacted_text(json.dumps(told, indent=1)))
    assert SECRET not in json.dumps(redacted)
    assert redacted["script"] == f'export TOKEN="{REDACTED}"'
    assert json.loads(redacted["inner"]) == {"psk": REDACTED, "Type": "vxlan"}
    assert redacted["env"] == [{"name": "WEAVE_PASSWORD", "value": REDACTED}]
    assert (redacted["mtu"], redacted["network"]) == (1450, "10.244.0.0/16")


@pytest.mark.parametrize(
    "name",
    ["PSK", "psk", "WEAVE_PASSWORD", "token", "K3S_TOKEN", "etcd_key_data", "clientSecret",
     "bgp-password", "ipsec-key", "apiKey", "AWS_SECRET_ACCESS_KEY", "privateKey",
     "DB_PASS"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name",
    ["secretName", "policy-secrets-namespace", "enable-policy-secrets-sync", "tokenFile",
     "WireguardPublicKey", "network.cilium.io/wg-pub-key", "network.cilium.io/encryption-key",
     "key", "passthrough", "bypass", "capsk8s", "token-ttl", "PublicKey"],
)  # fmt: skip
def test_names_of_what_is_no_secret(name: str) -> None:
    assert not names_a_secret(name)


def test_containers_lose_secrets_in_variables_and_arguments() -> None:
    container: dict[str, Any] = {
        "env": [
            {"name": "WEAVE_PASSWORD", "value": SECRET},
            {"name": "FELIX_WIREGUARDENABLED", "value": "true"},
            {"name": "K8S_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},
        ],
        "args": ["--token", SECRET, "--ip-masq", f"--password={SECRET}", "--iface=eth0"],
    }
    redact(container)
    assert SECRET not in json.dumps(container)
    assert container["env"][1]["value"] == "true"
    assert container["env"][2]["valueFrom"]["secretKeyRef"] == {"name": "s", "key": "token"}
    assert container["args"] == ["--token", REDACTED, "--ip-masq",
                                 f'--password="{REDACTED}"', "--iface=eth0"]  # fmt: skip


def test_arguments_lose_all_of_a_secret_and_nothing_else() -> None:
    told = ["--peer-router-passwords=c2Vj,cmV0", "--router-id=1.2.3.4", "--token=a b\nc",
            "--token=", "--enable-policy-secrets-sync=true", "--token-file=/x",
            "--set=x.password=a,b"]  # fmt: skip
    container: dict[str, Any] = {"args": list(told), "extraArgs": ["--api-token=a b"]}
    redact(container)
    assert container["args"] == [
        f'--peer-router-passwords="{REDACTED}"', told[1], f'--token="{REDACTED}"', *told[3:6],
        f'--set=x.password="{REDACTED}"',
    ]  # fmt: skip
    assert container["extraArgs"] == [f'--api-token="{REDACTED}"']


def test_k3s_arguments_keep_only_what_detection_reads() -> None:
    arguments = ["server", "--flannel-backend", "wireguard-native", "--token", SECRET,
                 f"--agent-token={SECRET}", "--datastore-endpoint", f"mysql://u:{SECRET}@db",
                 "--disable-network-policy", "--disable-kube-proxy=true",
                 "--flannel-backend=none"]  # fmt: skip
    node: dict[str, Any] = {
        "metadata": {
            "annotations": {
                "k3s.io/node-args": json.dumps(arguments),
                "k3s.io/node-env": json.dumps({"K3S_TOKEN": SECRET}),
                "rke2.io/node-args": "no json " + SECRET,
                "flannel.alpha.coreos.com/backend-data": '{"VNI":1,"VtepMAC":"aa:bb"}',
            }
        }
    }
    redact_node(node)
    annotations = node["metadata"]["annotations"]
    assert SECRET not in json.dumps(node)
    assert json.loads(annotations["k3s.io/node-args"]) == [
        "server", "--flannel-backend", "wireguard-native", "--token", REDACTED,
        f"--agent-token={REDACTED}", "--datastore-endpoint", REDACTED,
        "--disable-network-policy", "--disable-kube-proxy=true",
        "--flannel-backend=none",
    ]  # fmt: skip
    assert annotations["flannel.alpha.coreos.com/backend-data"] == '{"VNI":1,"VtepMAC":"aa:bb"}'


def test_custom_resources_and_config_maps_are_redacted_by_name_and_text() -> None:
    thing: dict[str, Any] = {
        "metadata": {"labels": {"token": "label-value"}, "annotations": {"my/password": SECRET}},
        "data": {"net-conf.json": '{"Backend":{"PSK":"hunter2hunter2"}}', "mtu": "1450"},
        "spec": {"password": SECRET, "list": [f"token={SECRET}"], "secret": {"name": "x"}, "n": 1},
    }
    redact(thing)
    assert SECRET not in json.dumps(thing)
    assert thing["metadata"]["labels"] == {"token": "label-value"}
    assert thing["data"]["mtu"] == "1450"
    assert thing["spec"]["secret"] == {"name": "x"}


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_evidence_is_left_as_it_is(path: Path) -> None:
    content = json.loads(path.read_text())
    before = copy.deepcopy(content)
    redact(content)
    assert content == before


def test_pruning_drops_what_is_large_and_unused() -> None:
    item: dict[str, Any] = {
        "metadata": {
            "name": "x",
            "managedFields": [{}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"},
        },
        "status": {"images": [{"names": ["i"]}], "conditions": []},
    }
    node = copy.deepcopy(item)
    prune(item)
    prune_node(node)
    assert item["metadata"] == node["metadata"] == {"name": "x", "annotations": {"a": "b"}}
    assert "images" in item["status"]
    assert node["status"] == {"conditions": []}


def test_of_somebodys_pod_only_what_tells_who_wired_it_is_kept() -> None:
    container = {"name": "c", "image": "i", "env": [{"name": "X", "value": SECRET}], "args": ["a"]}
    pod: dict[str, Any] = {
        "metadata": {"name": "p", "annotations": {"cni.projectcalico.org/podIP": "10.0.0.1"}},
        "spec": {
            "nodeName": "n",
            "containers": [dict(container)],
            "initContainers": [dict(container)],
            "volumes": [{"name": "v"}],
        },
        "status": {"podIP": "10.0.0.1"},
    }
    prune_workload_pod(pod)
    small = [{"name": "c", "image": "i"}]
    assert pod["spec"] == {"nodeName": "n", "containers": small, "initContainers": small}
    assert pod["metadata"]["annotations"] == {"cni.projectcalico.org/podIP": "10.0.0.1"}


def test_charts_lose_their_values() -> None:
    chart: dict[str, Any] = {"spec": {"chart": "rke2-canal", "valuesContent": f"odd: {SECRET}"}}
    prune_chart(chart)
    assert chart == {"spec": {"chart": "rke2-canal"}}


@pytest.mark.parametrize("item", [{}, {"metadata": 1}, {"metadata": {"annotations": None}}])
def test_odd_objects_do_no_harm(item: dict[str, Any]) -> None:
    before = copy.deepcopy(item)
    prune(item)
    prune_node(item)
    prune_workload_pod(item)
    prune_chart(item)
    assert item == before
