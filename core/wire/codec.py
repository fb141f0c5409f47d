"""ApertureDB's messages as bytes: frames, the hello, and the protobuf message inside.

Reads and writes the one message there is by itself. protobuf's own parser makes 20 bytes of each
byte of a message of empty blobs, before anybody has said a password, and copies every blob twice;
here blobs stay views of what was received. Knows no sockets, no sessions and no database.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.errors import DatabaseError

LENGTH = struct.Struct("<I")  # before every message; aperturedb.Connector's '@I'
HELLO = struct.Struct("<II")  # version, protocols
VERSION = 1
TCP = 1  # and 2 is TLS; a set of flags
NO_PROTOCOL = 0

# More parts than any query has, and few enough to walk over in a second.
MOST_PARTS = 250_000
# One JSON text may become twenty times as many bytes of Python.
MOST_JSON_BYTES = 64 * 2**20

_JSON, _BLOBS, _TOKEN = 1, 2, 3  # the fields of queryMessage.proto
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # protobuf's wire types
_SKIPPED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MOST_VARINT_BYTES = 10
_MOST_FIELD = 2**29 - 1

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Message:
    """`VDMS.protobufs.queryMessage`: a query or its answer, its blobs, and the session's token."""

    json: str = ""
    blobs: list[Buffer] = field(default_factory=list)
    token: str = ""


def answer_hello(payload: Buffer) -> bytes:
    """Give the server's frame for a client's hello; TLS is declined.

    As in the C++ server's code the protocols are flags of which those remain that both want; a
    version other than 1 is answered by zeros. Where protocol 0 remains the connection ends.
    """
    version, wanted = HELLO.unpack(payload)
    if version != VERSION:
        return LENGTH.pack(HELLO.size) + HELLO.pack(0, NO_PROTOCOL)
    return LENGTH.pack(HELLO.size) + HELLO.pack(VERSION, wanted & TCP)


def decode(payload: Buffer) -> Message:
    """Read a message; its blobs are views of `payload`, in their order.

    Unknown fields are skipped and of a field that comes twice the last counts, as in proto3.

    Raises:
        DatabaseError: it is no such message, or has more parts than any query.
    """
    view = memoryview(payload)
    texts = {_JSON: "", _TOKEN: ""}
    blobs: list[Buffer] = []
    for number, value in _fields(view):
        if number == _BLOBS:
            blobs.append(value)
        elif number in texts:
            texts[number] = _text(value)
    return Message(texts[_JSON], blobs, texts[_TOKEN])


def _fields(view: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Walk over the fields that hold bytes; the others are unknown to us."""
    at = n_parts = 0
    while at < len(view):
        n_parts += 1
        if n_parts > MOST_PARTS:
            raise DatabaseError(
                f"The message has more than {MOST_PARTS} parts; send fewer commands a query."
            )
        tag, at = _varint(view, at)
        number, wire_type = tag >> 3, tag & 7
        if not 1 <= number <= _MOST_FIELD:
            raise _not_a_message(f"field {number}")
        if wire_type == _BYTES:
            n_bytes, at = _varint(view, at)
            yield number, _slice(view, at, n_bytes)
            at += n_bytes
        else:
            at = _skip(view, at, wire_type)


def _skip(view: memoryview, at: int, wire_type: int) -> int:
    if wire_type == _VARINT:
        return _varint(view, at)[1]
    if wire_type not in _SKIPPED_BYTES:  # groups, which proto3 does not have
        raise _not_a_message(f"wire type {wire_type}")
    return at + len(_slice(view, at, _SKIPPED_BYTES[wire_type]))


def _slice(view: memoryview, at: int, n_bytes: int) -> memoryview:
    if at + n_bytes > len(view):
        raise _not_a_message("it ends in the middle of a field")
    return view[at : at + n_bytes]


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; give it and where it ends."""
    value = 0
    for shift, byte in enumerate(view[at : at + _MOST_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, at + shift + 1
    raise _not_a_message("a number without an end")


def _text(value: memoryview) -> str:
    if len(value) > MOST_JSON_BYTES:
        raise DatabaseError(
            f"The query's JSON has {len(value)} bytes; {MOST_JSON_BYTES} are the most. "
            "Send fewer commands a query."
        )
    try:
        return str(value, "utf-8")
    except UnicodeDecodeError:
        raise _not_a_message("its text is not UTF-8") from None


def _not_a_message(why: str) -> DatabaseError:
    return DatabaseError(f"This is no message of ApertureDB's protocol: {why}.")


def encode(message: Message) -> list[Buffer]:
    """Give a whole frame, length first, in pieces; large blobs are pieces of their own, not copies.

    Raises:
        DatabaseError: a frame cannot hold so much (4 GiB).
    """
    parts = [(_JSON, message.json.encode()), *((_BLOBS, blob) for blob in message.blobs)]
    if message.token:
        parts.append((_TOKEN, message.token.encode()))
    pieces: list[Buffer] = []
    for number, value in parts:
        pieces += (_to_varint(number << 3 | _BYTES) + _to_varint(len(value)), value)
    n_bytes = sum(map(len, pieces))
    if n_bytes >= 2**32:
        raise DatabaseError("The answer is larger than a message can be; ask for less by `limit`.")
    return _joined([LENGTH.pack(n_bytes), *pieces])


_SMALL_BYTES = 64 * 1024


def _joined(pieces: Sequence[Buffer]) -> list[Buffer]:
    """Copy small pieces together, as each one costs a call of the system."""
    out: list[Buffer] = []
    small = bytearray()
    for piece in pieces:
        if len(piece) < _SMALL_BYTES:
            small += piece
        if len(piece) >= _SMALL_BYTES or len(small) >= _SMALL_BYTES:
            out += [small] if small else []
            small = bytearray()
        if len(piece) >= _SMALL_BYTES:
            out.append(piece)
    return [*out, small] if small else out


def _to_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
