from cniadvisor.domain.commands import IN_CLUSTER, cleanup_command


def test_the_context_of_the_run_is_named_whatever_is_current() -> None:
    command = cleanup_command("r1", context="my cluster", namespace="team")
    assert command == "cniadvisor cleanup --run r1 --namespace team --context 'my cluster'"


def test_in_a_pod_there_is_no_context_to_name() -> None:
    assert (
        cleanup_command("r1", context=IN_CLUSTER, namespace=None) == "cniadvisor cleanup --run r1"
    )
