import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.domain.measurement import FIGURES, PathName, TestName, Trial, TrialId
from cniadvisor.wording.figures import (
    extra_medians,
    extra_words,
    figure_words,
    remarks,
    trial_words,
)


def trial(
    figures: dict[str, float],
    *,
    test: TestName = TestName.UDP,
    path: PathName = PathName.POD,
    facts: dict[str, str] | None = None,
) -> Trial:
    return Trial(
        id=TrialId(test=test, path=path, round=1),
        started_s=0,
        duration_s=2,
        figures=figures,
        facts=facts or {},
    )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("retransmits", 3.0, "3 retransmits"),
        ("retransmits", 1.0, "1 retransmit"),
        ("retransmits", 2.5, "2.50 retransmits"),
        ("errors", 0.0, "0 errors"),
        ("loss_percent", 0.3, "loss 0.30 %"),
        ("loss_percent", 0.0, "loss 0 %"),
        ("jitter_ms", 0.0123, "jitter 0.0123 ms"),
        ("offered_mbit_per_s", 9_512.4, "offered 9.51 Gbit/s"),
        ("datagrams_per_s", 85_012.7, "85013 datagrams/s"),
        ("requests_per_s", 812.25, "812 requests/s"),
        ("latency_p90_us", 812.0, "P90 812 us"),
        ("rtt_p99_us", 81.25, "P99 81.2 us"),
        ("connect_s", 0.0021, "connect 0.00210 s"),
        ("login_s", 0.25, "login 0.250 s"),
        ("bracket_low_mbit_per_s", 900.0, "bracket low 900 Mbit/s"),
        ("\x1b[2Jx", 1.0, "1 [2Jx"),
    ],
)
def test_a_key_says_what_and_in_which_unit(key: str, value: float, words: str) -> None:
    assert figure_words(key, value) == words


@given(st.text(max_size=30), st.floats(0, 1e12))
def test_any_key_has_words(key: str, value: float) -> None:
    assert figure_words(key, value).isprintable()


@pytest.mark.parametrize("test", list(TestName))
def test_the_judged_figure_and_settings_are_not_said_again(test: TestName) -> None:
    figures = {FIGURES[test].key: 1.0, "streams": 8.0, "datagram_bytes": 1372.0}
    assert extra_words(test, figures) == []


def test_medians_stand_by_path() -> None:
    trials = [
        trial({"goodput_mbit_per_s": 900.0, "loss_percent": loss, "jitter_ms": 0.02}, path=path)
        for path, losses in ((PathName.POD, (1.0, 3.0, 2.0)), (PathName.HOST, (0.0, 0.0, 0.5)))
        for loss in losses
    ]
    # A failed trial and another test tell nothing here.
    trials += [trial({"loss_percent": 99.0}), trial({"retransmits": 3.0}, test=TestName.TCP)]
    assert extra_medians(TestName.UDP, trials) == (
        "Also, as medians: pod loss 2.0 %, jitter 0.0200 ms; host loss 0 %, jitter 0.0200 ms."
    )
    assert extra_medians(TestName.FTP, trials) == ""


def test_a_search_tells_how_it_ended() -> None:
    searched = trial(
        {"steps": 7.0}, test=TestName.UDP_MAX, facts={"result": "not reached: 10.0 Mbit/s\x07"}
    )
    assert trial_words(searched) == ["not reached: 10.0 Mbit/s"]


def test_trouble_is_told_only_when_there_is_some() -> None:
    figures = {"rtt_p99_us": 80.0, "messages": 4000.0, "dropped": 0.0, "duplicated": 2.0}
    assert extra_words(TestName.LATENCY_UDP, figures) == ["P99 80.0 us", "2 duplicated"]


def test_a_figure_that_is_not_what_it_seems_says_so() -> None:
    facts = {"fell_behind": "1000 requests/s were asked for, 700 were answered"}
    late = trial({"latency_p99_us": 80.0}, test=TestName.HTTP_LATENCY, facts=facts)
    assert trial_words(late) == ["P99 80.0 us", facts["fell_behind"]]
    fine = trial({"latency_p99_us": 80.0}, test=TestName.HTTP_LATENCY)
    assert list(remarks(TestName.HTTP_LATENCY, [late, fine, trial({})])) == [
        "In 1 of 2 trials: 1000 requests/s were asked for, 700 were answered."
    ]


def test_how_a_test_was_done_is_told() -> None:
    scp = trial({"login_s": 0.2}, test=TestName.SCP, facts={"cipher": "aes128-gcm@openssh.com"})
    assert list(remarks(TestName.SCP, [scp, scp])) == [
        "With cipher aes128-gcm@openssh.com.",
        "SCP encrypts on one core: it ranks CPUs before it ranks CNIs.",
    ]
