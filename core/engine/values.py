"""Property values and names: which there may be, and the form they are stored and compared in.

Pure. ApertureDB has numbers (64-bit integer or float), strings, booleans and dates, nothing nested.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Any

from core.engine import messages as say
from core.engine.messages import fail

_INT64 = range(-(2**63), 2**63)
# A path of SQLite's JSON functions quotes the name and knows no escape inside it.
_NAME = re.compile(r'[^"\\\x00-\x1f\x7f\ud800-\udfff]{1,255}\Z')


def checked_name(name: object) -> str:
    """Give the name of a class or property back.

    Raises:
        QueryFailedError: it could not be stored or found again, or is no text.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise fail(say.BAD_NAME, name=name)
    return name


def own_name(name: object) -> str:
    """Give a client's own name back; those of the system begin with an underscore."""
    checked = checked_name(name)
    if checked.startswith("_"):
        raise fail(say.RESERVED, name=checked)
    return checked


def path(name: str) -> str:
    """Give the JSON path of a property."""
    return f'$."{checked_name(name)}"'


def comparable(value: Any) -> Any:
    """Give a property value in the form it is stored and compared in; dates in UTC.

    Raises:
        QueryFailedError: it is no value of the language.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value not in _INT64:
            raise fail(say.NOT_64_BIT, value=value)
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise fail(say.NOT_FINITE, value=value)
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping) and set(value) == {"_date"}:
        return {"_date": _utc(value["_date"])}
    raise fail(say.NOT_A_VALUE, value=value)


def _text(value: str) -> str:
    # SQLite would compare a text up to its first null character only.
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value if c > "\ud7ff"):
        raise fail(say.BAD_TEXT, value=value)
    return value


def _utc(text: Any) -> str:
    try:
        moment = _moment(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, TypeError):
        raise fail(say.BAD_DATE, value=text) from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # The documentation's other form: Mon Aug 7 10:59:24 PDT 2017
        parts = parsedate_tz(text)
        if parts is None:
            raise
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:6], tzinfo=zone)


def kind_of(value: Any) -> str:
    """Name a value's type, as GetSchema and the registry of types do, in lower case."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "date"


def stored(properties: Mapping[str, Any]) -> str:
    """Give properties as the text that is stored; unescaped, or SQLite would not find names."""
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
