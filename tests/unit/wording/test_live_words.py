from cniadvisor.domain.errors import CleanupError
from cniadvisor.wording.live import end_sentences, silence_sentence

LEFT = CleanupError("clean-up is incomplete", hint="`cniadvisor cleanup` removes it")


def said(*, error: CleanupError | None = None, cancelled: bool = False, reports: int = 0) -> str:
    paths = tuple(f"r{number}.toml" for number in range(reports))
    return " ".join(end_sentences(error=error, cancelled=cancelled, reports=paths, key="4"))


def test_who_cancels_is_told_whether_anything_is_kept() -> None:
    assert said(cancelled=True, reports=1) == (
        "You cancelled it; what was measured until then is kept. Report (key 4 shows it): r0.toml"
    )
    assert said(cancelled=True) == (
        "You cancelled it before anything was measured, so there is no report."
    )


def test_an_error_is_apart_from_what_follows_and_a_command_at_the_end_has_no_full_stop() -> None:
    assert said(error=LEFT, reports=1) == (
        "clean-up is incomplete. `cniadvisor cleanup` removes it. Report (key 4 shows it): r0.toml"
    )
    assert said(error=LEFT, cancelled=True).endswith("incomplete. `cniadvisor cleanup` removes it")


def test_silence_is_told_when_it_is_unusual() -> None:
    assert silence_sentence(9.9) == ""
    assert silence_sentence(75.2) == "Nothing new for 1 min 15 s."
