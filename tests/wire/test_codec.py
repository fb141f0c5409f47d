"""The codec beside protobuf's own library and the official client's generated message."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DatabaseError
from core.wire.client import import_client
from core.wire.codec import HELLO, LENGTH, MOST_PARTS, Message, answer_hello, decode, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
MESSAGES = st.builds(Message, TEXTS, st.lists(st.binary(max_size=300)), TEXTS)


def theirs() -> Any:
    """An empty message of the client's own class."""
    import_client()
    from aperturedb.queryMessage import queryMessage

    return queryMessage()


def payload_of(message: Message) -> bytes:
    frame = b"".join(encode(message))
    assert LENGTH.unpack_from(frame)[0] == len(frame) - LENGTH.size
    return frame[LENGTH.size :]


def plain(message: Message) -> tuple[str, list[bytes], str]:
    return message.json, [bytes(blob) for blob in message.blobs], message.token


@settings(deadline=None)
@given(MESSAGES)
def test_protobuf_reads_what_is_written(message: Message) -> None:
    """The client's generated class reads our bytes, and gives the message."""
    read = theirs()
    read.ParseFromString(payload_of(message))
    assert (read.json, list(read.blobs), read.token) == plain(message)


@settings(deadline=None)
@given(MESSAGES)
def test_what_protobuf_writes_is_read(message: Message) -> None:
    """The bytes that the client's generated class writes are read as the same message."""
    written = theirs()
    written.json, written.token = message.json, message.token
    written.blobs.extend(message.blobs)
    assert plain(decode(written.SerializeToString())) == plain(message)


FIELDS = st.one_of(
    st.binary(max_size=6),
    st.tuples(st.integers(0, 127), st.binary(max_size=12)).map(
        lambda pair: bytes([pair[0], len(pair[1])]) + pair[1]
    ),
    st.sampled_from([b"\x1a\x03abc", b"\x0a\x02[]", b"\x12\x00", b"\x08\x01", b"\x0d1234"]),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(FIELDS, max_size=5).map(b"".join))
def test_protobuf_is_the_judge_of_any_bytes(payload: bytes) -> None:
    """Bytes are refused where protobuf refuses them, and mean the same where it does not."""
    judge = theirs()
    try:
        judge.ParseFromString(payload)
    except DecodeError:
        with pytest.raises(DatabaseError):
            decode(payload)
        return
    with suppress(_GroupError):
        assert plain(_decoded(payload)) == (judge.json, list(judge.blobs), judge.token)


class _GroupError(Exception):
    """A group, which proto3 left behind; protobuf skips it, and we refuse it."""


def _decoded(payload: bytes) -> Message:
    try:
        return decode(payload)
    except DatabaseError as error:
        if "wire type" in str(error):
            raise _GroupError from error
        raise


def test_large_blobs_are_not_copied() -> None:
    """A blob that was received is a view of its frame, and one to send is a piece by itself."""
    blob = bytes(1_000_000)
    pieces = encode(Message("[]", [b"small", blob, b"small"]))
    assert [len(piece) for piece in pieces if piece is not blob] == [4 + 4 + 7 + 4, 7]
    assert any(piece is blob for piece in pieces)
    payload = b"".join(pieces)[LENGTH.size :]
    (_, view, _) = decode(payload).blobs
    assert isinstance(view, memoryview)
    assert view.obj is payload


def test_more_parts_than_a_query_has_are_refused() -> None:
    """A small message of very many empty blobs does not become much memory."""
    with pytest.raises(DatabaseError, match="more than 250000 parts"):
        decode(b"\x12\x00" * (MOST_PARTS + 1))
    assert len(decode(b"\x12\x00" * MOST_PARTS).blobs) == MOST_PARTS


@pytest.mark.parametrize(
    ("said", "answered"),
    [((1, 1), (1, 1)), ((1, 3), (1, 1)), ((1, 2), (1, 0)), ((1, 0), (1, 0)), ((2, 1), (0, 0))],
    ids=["TCP", "any", "TLS only", "none", "another version"],
)
def test_the_hello(said: tuple[int, int], answered: tuple[int, int]) -> None:
    """TCP is agreed on, TLS is declined, another version is answered by zeros."""
    assert answer_hello(HELLO.pack(*said)) == LENGTH.pack(HELLO.size) + HELLO.pack(*answered)
