"""Every status code and every text that a client can see, in one place.

Codes as in ApertureDB's documentation of responses; the wording of failures is ours, since only
few of the server's own texts are known ("Object Exists!", "Image exists!", that of NOT_UNIQUE).
"""

from __future__ import annotations

import reprlib
import string
from collections.abc import Sequence
from typing import Any

SUCCESS = 0
EXISTS = 2
NOT_UNIQUE = 3
TOO_LARGE = 4
ERROR = -1

OBJECT_EXISTS = {"status": EXISTS, "info": "Object Exists!"}
IMAGE_EXISTS = {"status": EXISTS, "info": "Image exists!"}

# -- the query as a whole ----------------------------------------------------------------------
NOT_JSON = "The query is not JSON: {error}. Send an array of commands."
NOT_AN_ARRAY = "The query is not an array; send [{{command: parameters}}, …]."
TOO_DEEP = "The query is nested too deeply; {n_levels} levels are enough for any command."
NOT_A_COMMAND = "{one!r} is no command; send an object with one key, the command's name."
UNKNOWN_COMMAND = (
    "The embedded engine has no command {name!r}. Use one of {known}, or an ApertureDB server, "
    "which has the others."
)
UNKNOWN_MEMBER = "{place} has no parameter {name!r} here; use one of {known}."
WRONG_TYPE = "{place} is {value!r}; it must be {words}."
MISSING = "{place} needs {name!r}; add it."
NO_BLOB = "{name} needs a blob, and the query brought no more; send one for each such command."
BLOBS_LEFT = (
    "The query brought {n_blobs} blobs, of which its commands take {n_taken}; send one for each "
    "command that takes one, in their order."
)
NOT_BYTES = "Blob {index} is {value!r}; send bytes."
TWO_WAYS = "{place} must stand alone; put what goes with it into each of its members."
TOO_MANY = "{place} lists {n_given} of them; {most} at most, please."
EMPTY_LIST = "{place} is an empty list; name at least one."
NOT_UNIQUE_TEXT = "JSON Command {index}: expecting 1 but got {n_found}"
ANSWER_TOO_LARGE = (
    "The blobs of the answer are larger than {limit_bytes} bytes together; ask for fewer by "
    "`limit`, or for the `urls` of videos that were added by url."
)
LIST_TOO_LARGE = (
    "The objects of the answer have more than {limit_bytes} bytes of properties together; ask for "
    "fewer by `limit` and `offset` or by `batch`, or for `count` or an aggregate."
)
NOTHING_ASKED = (
    "{place} must ask for something: results, blobs or _ref, or uniqueids. Add one of them."
)
GROUPED_AGGREGATE = (
    "group_by_source cannot be joined with count, group or an aggregate; ask for them in another "
    "Find."
)

# -- refs --------------------------------------------------------------------------------------
NO_SUCH_REF = 'No earlier command of this query has "_ref": {number}, or it was deleted; name one.'
REF_TWICE = '"_ref": {number} is used twice in this query; give each its own number.'
REF_OF_WRONG_KIND = "The ref {number} names {kind}, which do not fit in {place}."
REF_OF_WRONG_CLASS = "The ref {number} names objects of {class_!r}; {place} takes {wanted!r} only."
REF_TO_DELETED = "A ref names an object that an earlier command of this query deleted."

# -- names and values --------------------------------------------------------------------------
BAD_NAME = (
    "The name {name!r} cannot be used; write one to 255 characters, and no quotation mark, "
    "backslash or control character."
)
RESERVED = 'The name {name!r} begins with "_", which is reserved; rename it.'
NOT_REMOVABLE = "The property {name!r} is the system's; only one's own can be removed."
NULL_PROPERTY = "The property {name!r} is null; leave it out, or remove it by remove_props."
OTHER_TYPE = (
    "{class_}.{name} holds {known}s since its first value; a {given} does not fit. Use another "
    "name."
)
NOT_A_VALUE = '{value!r} is no property value; use a number, string, true, false or {{"_date": …}}.'
NOT_FINITE = "{value!r} is no finite number; leave the property out."
NOT_64_BIT = "{value!r} does not fit into 64 bits; store it as a string."
BAD_TEXT = "The string {value!r} holds a null character or half of a surrogate pair; leave it out."
BAD_DATE = "The date {value!r} cannot be read; write it as 2018-02-27T13:45:12-08:00."

# -- constraints -------------------------------------------------------------------------------
BAD_PAIRS = "The constraint on {name!r} is {said!r}; write [operator, value, …]."
BAD_OPERATOR = "The constraint on {name!r} has the operator {operator!r}; use one of {known}."
NEEDS_LIST = "The constraint on {name!r} needs a list after {operator!r}, not {value!r}."
NULL_ORDER = "The constraint on {name!r} compares null by {operator!r}; null knows == and != only."
UNSEARCHABLE = "{name} can be listed, but not constrained; use src, dst or another property."
ID_ORDER = "_uniqueid cannot be compared by {operator!r}; use ==, !=, in or not in."
BAD_EXPRESSION = '{said!r} is no constraint; write ["$property", operator, value] or ["all", …].'
TOO_MANY_TERMS = (
    "Constraints of more than {most} terms, or that alternate between all and any more than "
    "{n_levels} times, are too many; use `in` with a list, or send several queries."
)
BAD_LITERAL = "{value!r} cannot stand in a constraint; use a value, and $$ for a leading $."

# -- shared parameters -------------------------------------------------------------------------
SORT_BY_DISTANCE = (
    "_distance is no property to sort by; nearest neighbours come best first already."
)
BAD_RANGE = "{place} is {value!r}; {words}."
BACKWARDS = "{place} stops at {stop!r}, before its start {start!r}."
ONE_RANGE = "{place} needs exactly one of {known}; {n_given} were given."
NOT_ONE_VIDEO = "{place} names {n_found} videos; it must name exactly one."

BATCH_ID = "{place} needs a batch_id with batch_size or batches, and has none without; mend it."
TOO_MANY_BATCHES = (
    "What batched queries found is kept for {kept_s} s, {limit_bytes} bytes of it at most, and "
    "with the {n_found} objects of this one it would be more; ask again in a minute, or by `limit` "
    "and `offset`."
)
GROUPED_BATCH = "group_by_source cannot be joined with batch; use limit and offset instead."

# -- videos ------------------------------------------------------------------------------------
BAD_URL = "The url is {url!r}; the embedded engine reads file:///… only. Send bytes as a blob."
NOT_STORED = "The video could not be stored: {reason}. Free some disk space."
NOT_READ = "The bytes of the video in {name!r} cannot be read: {reason}. Was the file moved?"

NOT_READ_FILE = "The bytes in {name!r} cannot be read: {reason}. Was the file moved?"
NOT_AS_IT_IS = "{place} with a url stores no bytes, so {name!r} has no meaning; send a blob."
NO_STUDIO = (
    "This engine was opened without anything that decodes videos; open it by Reelseek, or ask for "
    "what is stored only."
)
NO_VIDEO = "The video of {name} is gone, so there are no pictures of it; delete it, too."
NO_PICTURES = "No picture of the video in {name!r} at that place can be decoded; ask for another."
H263_IN_MP4 = (
    "{place} asks for h263 in mp4, which has no name for it; ask for mov or avi, or for h264."
)
BEYOND = "ExtractFrames.frame_spec asks for frame {number}, and the video has {n_frames} frames."
TOO_MANY_FRAMES = "ExtractFrames.frame_spec asks for {n_wanted} frames; {most} at most, please."

# -- images and operations ---------------------------------------------------------------------
RESIZE = "The operation resize needs width, height or both, or else scale; give one of these."
NOT_AN_IMAGE = "The bytes are no image that can be decoded ({error}); store a JPEG or PNG."
IMAGE_TOO_LARGE = "A picture of {width}×{height} pixels is too large; 8192×8192 is the most."
CROP_OUTSIDE = (
    "The crop reaches to ({right}, {bottom}), outside of the picture of {size}; choose one inside."
)

# -- descriptors -------------------------------------------------------------------------------
NO_SUCH_SET = "There is no descriptor set {name!r}; add it by AddDescriptorSet first."
BAD_DIMENSIONS = "AddDescriptorSet.dimensions is {value!r}; give 1 to {most}."
BAD_CHOICE = "{place} is {value!r}; use one of {known}."
VECTOR_SIZE = (
    "The blob of {place} has {n_bytes} bytes; this set takes {n_wanted} little-endian float32, "
    "{n_wanted_bytes} bytes."
)
VECTOR_VALUES = "The blob of {place} holds numbers that are not finite, or too large to compare."
NEEDS_NEIGHBOURS = "FindDescriptor.{name} has a meaning with k_neighbors only; add it."

# -- connections, indexes ----------------------------------------------------------------------
SYSTEM_CONNECTION = "{class_!r} is a connection of the system; it comes and goes with its objects."
NO_INDEX = "There is no index on {class_}.{name}; CreateIndex makes one."
TWO_NAMES = "{place} has both {first!r} and {second!r}, which mean the same; send one."

# -- SQLite ------------------------------------------------------------------------------------
BUSY = "Another program has been writing to the database for too long; try again."
TOO_MUCH_SQL = (
    "The query says more at once than the embedded database can look for; use `in` with a list "
    "instead of many terms, or send several queries."
)
DATABASE = "The database file answered: {error}."


class QueryFailedError(Exception):
    """The whole query fails: `answer()` is what the client gets instead of a list."""

    def __init__(self, info: str, status: int = ERROR) -> None:
        super().__init__(info)
        self.status = status

    def answer(self) -> dict[str, object]:
        """Give the failing answer: an object, never a list."""
        return {"info": str(self), "status": self.status}


class _Repr(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # of more digits than Python writes
            return f"a number of {x.bit_length()} bits"


class _Shortened(string.Formatter):
    """Shows values by `!r` in so many characters that a sentence stays one."""

    _repr = _Repr()
    _repr.maxstring = _repr.maxother = 120

    def convert_field(self, value: Any, conversion: Any) -> Any:
        return self._repr.repr(value) if conversion == "r" else value


_SHORTENED = _Shortened()


def fail(text: str, *, status: int = ERROR, **values: object) -> QueryFailedError:
    """Build a failure from one of the texts above and what goes into it."""
    return QueryFailedError(_SHORTENED.vformat(text, (), values), status)


def joined(names: Sequence[str]) -> str:
    """List names for a sentence."""
    return ", ".join(names)
