from cniadvisor.bench.nic import parse_driver, parse_offloads, parse_speed

ETHTOOL_K = """Features for eth0:
rx-checksumming: on
tx-checksumming: on
	tx-checksum-ip-generic: on
tcp-segmentation-offload: off
generic-receive-offload: on
large-receive-offload: off [fixed]
tx-udp_tnl-segmentation: on [fixed]
"""


def test_speed_is_unknown_where_the_driver_does_not_know() -> None:
    assert parse_speed("10000\n") == 10000
    assert parse_speed("-1\n") is None
    assert parse_speed("") is None


def test_driver_is_named() -> None:
    assert parse_driver("driver: veth\nversion: 1.0\n") == "veth"
    assert parse_driver("Cannot get driver information") is None


def test_only_offloads_that_are_on_are_listed() -> None:
    assert parse_offloads(ETHTOOL_K) == (
        "rx-checksumming",
        "tx-checksumming",
        "generic-receive-offload",
        "tx-udp_tnl-segmentation",
    )
