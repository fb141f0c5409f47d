"""Who is asking: may this Host be ours, and does the request come from our own pages?

Pure functions of a request's headers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

READING = {"GET", "HEAD"}


def is_our_host(host: str, allowed_hosts: Iterable[str] = ()) -> bool:
    """Say whether a Host header can be ours.

    localhost and IP addresses always are: DNS rebinding needs a name that its attacker controls, so
    an address is safe on any interface that the app was told to listen on.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port  # asking for the port checks it
    except ValueError:
        return False
    if not name or parts.netloc != host or parts.username is not None:
        return False
    name = name.rstrip(".")
    return (
        name == "localhost"
        or name.endswith(".localhost")
        or _is_address(name)
        or any(_matches(name, allowed.strip().lower().rstrip(".")) for allowed in allowed_hosts)
    )


def is_foreign(scope: Scope) -> bool:
    """Say whether a page of another origin, or a link on it, made this HTTP request.

    Sec-Fetch-Site is the browser's own word (W3C Fetch Metadata). `none`, an address that a person
    typed, is good for reading only. It is absent over plain HTTP to another machine, so Origin must
    match in any case where it is sent. Programs that are no browsers send neither.
    """
    headers = Headers(scope=scope)
    good = {"same-origin", "none"} if scope["method"] in READING else {"same-origin"}
    if headers.get("sec-fetch-site", "same-origin") not in good:
        return True
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    except ValueError:  # no address at all, such as http://[
        return True


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return name.endswith(allowed[1:])
    return allowed in {"*", name}
