"""What the two sides of the ground tell each other survives the way."""

import pytest

from cniadvisor.lab.messages import (
    MOST_BYTES,
    Clear,
    Done,
    Ended,
    Failed,
    Lay,
    Message,
    Ready,
    Refused,
    Start,
    decode,
    encode,
)

EVERY_KIND = [
    Ready(as_root=True),
    Refused(what="unshare", errno=1),
    Lay(id=1, group="g", places=["node1", "pod1"], root="/x"),
    Start(
        id=2,
        group="g",
        place="node1",
        argv=["sh", "-c", 'echo "ä\n"'],
        environment={"A": "b c"},
        unprivileged=False,
    ),
    Clear(id=3, group="g"),
    Done(id=4),
    Failed(id=5, reason="no", errno=2),
    Ended(id=6, status=143),
]


@pytest.mark.parametrize("message", EVERY_KIND, ids=lambda message: type(message).__name__)
def test_a_message_comes_as_it_went(message: Message) -> None:
    assert decode(encode(message)) == message


def test_what_would_be_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        encode(Failed(id=1, reason="x" * MOST_BYTES, errno=0))
