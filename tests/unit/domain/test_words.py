"""Small pieces of sentences."""

from cniadvisor.domain.words import counted, listed, named


def test_a_count_agrees_with_its_noun() -> None:
    assert counted(1, "pair") == "1 pair"
    assert counted(0, "pair") == "0 pairs"


def test_lists() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_a_long_list_stays_short() -> None:
    assert named("ab") == "a, b"
    assert named("abcdefg") == "a, b, c, d, e and 2 more"
    assert named("abc", most=1) == "a and 2 more"
