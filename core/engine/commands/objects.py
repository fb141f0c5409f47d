"""What Add, Update and Delete have in common for every kind of object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.engine import constraints, finding, links, sql
from core.engine import messages as say
from core.engine.finding import OBJECTS, Row, Table
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.sql import Condition
from core.engine.transaction import Transaction
from core.engine.urls import local_path
from core.engine.values import checked_name, comparable, stored
from core.engine.vectors import seen

Body = dict[str, Any]
_REWRITTEN_AT_ONCE = 10_000


def existing(
    tx: Transaction, body: Mapping[str, Any], class_: str,
    answer: Mapping[str, Any] = OBJECT_EXISTS,
) -> Body | None:  # fmt: skip
    """Give the answer of an Add whose `if_not_found` meets something, and name that by `_ref`.

    Constraints, or the number of a ref: then it adds if that ref is empty.
    """
    said = body.get("if_not_found")
    if said is None:
        return None
    if isinstance(said, int):
        ids = tx.ref(said, "if_not_found")
    else:
        ids = finding.ids(tx, {"constraints": said}, class_)
    if not ids:
        return None
    tx.name(body, ids)
    return dict(answer)


def add_to_video(
    tx: Transaction, body: Mapping[str, Any], class_: str, link: str, system: Mapping[str, Any]
) -> Body:
    """Add a clip or a frame of exactly one video, the one that `video_ref` names.

    Raises:
        QueryFailedError: the ref names no video, several, or something else.
    """
    place = f"Add{class_.removeprefix('_')}.video_ref"
    videos = finding.chosen(tx, {"ref": body["video_ref"]}, "_Video", place=place)
    if len(videos) != 1:
        raise fail(say.NOT_ONE_VIDEO, place=place, n_found=len(videos))
    if answer := existing(tx, body, class_):
        return answer
    row_id = tx.add(class_, {**tx.user_properties(class_, body.get("properties")), **system})
    tx.connect(link, videos[0], row_id)
    connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def connect(
    tx: Transaction, body: Mapping[str, Any], row_id: int, default: str = "_GenericConnection"
) -> None:
    """Connect a new object as its `connect` says, to each object of the ref.

    The direction "out", which is the default, leads from the new object to the ref'd one.
    """
    said = body.get("connect")
    if said is None:
        return
    class_ = said.get("class", default)
    properties = tx.user_properties(class_, said.get("properties"), kind="connection")
    for other in tx.ref(said["ref"], "connect"):
        src, dst = (other, row_id) if said.get("direction") == "in" else (row_id, other)
        tx.connect(class_, src, dst, properties)


def update(
    tx: Transaction, body: Mapping[str, Any], ids: Sequence[int], *,
    table: Table = OBJECTS, change: Callable[[Body], None] = lambda _: None,
) -> Body:  # fmt: skip
    """Add, overwrite and remove properties of rows; answers how many there were.

    Args:
        tx: the query that runs.
        body: the command's parameters.
        ids: of the rows.
        table: where they are.
        change: what else happens to the properties of each.
    """
    gone = body.get("remove_props") or []
    gone = [gone] if isinstance(gone, str) else gone
    for name in gone:
        if checked_name(name).startswith("_"):
            raise fail(say.NOT_REMOVABLE, name=name)
    here, bound = links.among(ids)
    classes = tx.db.execute(f"SELECT DISTINCT class FROM {table.name} WHERE id {here}", (bound,))
    new = {
        class_: tx.user_properties(class_, body.get("properties"), kind=table.kind)
        for (class_,) in classes.fetchall()
    }

    def changed(properties: Body, class_: str) -> str:
        properties |= new[class_]
        change(properties)
        for name in gone:
            properties.pop(name, None)
        return stored(properties)

    return {"count": _rewrite(tx, ids, table, changed), "status": SUCCESS}


def _rewrite(
    tx: Transaction, ids: Sequence[int], table: Table, changed: Callable[[Body, str], str]
) -> int:
    """Write the properties of rows anew, a part of them at a time; give how many there were."""
    n_rows = 0
    for start in range(0, len(ids), _REWRITTEN_AT_ONCE):
        here, bound = links.among(ids[start : start + _REWRITTEN_AT_ONCE])
        found = tx.db.execute(
            f"SELECT id, class, properties FROM {table.name} WHERE id {here}", (bound,)
        ).fetchall()
        tx.db.executemany(
            f"UPDATE {table.name} SET properties=? WHERE id=?",
            [(changed(json.loads(text), class_), row_id) for row_id, class_, text in found],
        )
        n_rows += len(found)
    return n_rows


def delete(tx: Transaction, body: Mapping[str, Any], ids: Sequence[int]) -> Body:
    """Delete objects, their connections, and with a set its descriptors.

    A ref that named them is spent.
    """
    here, bound = links.among(ids)
    inside = [i for (i,) in tx.db.execute(f"SELECT id FROM vectors WHERE set_id {here}", (bound,))]
    if inside:
        seen.drop_sets(tx.db, ids)
        delete(tx, {}, inside)
    tx.dead_files += [
        name
        for (name,) in tx.db.execute(
            f"SELECT file FROM objects WHERE file IS NOT NULL AND id {here}", (bound,)
        )
    ]
    seen.note_removals(tx.db, ids)
    n_deleted = tx.db.execute(f"DELETE FROM objects WHERE id {here}", (bound,)).rowcount
    tx.spend(body)
    return {"count": n_deleted, "status": SUCCESS}


def check_url(body: Mapping[str, Any], place: str, *excluded: str) -> None:
    """Check the url of an Add, and that nothing is said of bytes that are not stored.

    Raises:
        QueryFailedError: it is no file of this machine, or one of `excluded` goes with it.
    """
    if "url" not in body:
        return
    local_path(comparable(body["url"]))
    for name in excluded:
        if name in body:
            raise fail(say.NOT_AS_IT_IS, place=place, name=name)


def urls(body: Mapping[str, Any]) -> Callable[[Row], Body] | None:
    """Give what `urls` adds to each entity: `_url`, null where the bytes came as a blob.

    The key is our choice: what the server answers is not documented.
    """
    return (lambda row: {"_url": row.url}) if body.get("urls") else None


def content(tx: Transaction, row: Row) -> bytes:
    """Read the bytes of an image or a blob, from its url if it was added by one.

    Raises:
        QueryFailedError: the answer would be too large with them, or there is no such file.
    """
    if row.url is None:
        return tx.content(row.id)
    path = local_path(row.url)
    if not path.is_file():  # a device would never end
        raise fail(say.NOT_READ_FILE, name=path.name, reason="there is no such file")
    try:
        tx.make_room(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise fail(say.NOT_READ_FILE, name=path.name, reason=reason) from error


def having_url(body: Mapping[str, Any]) -> list[Condition]:
    """Give the condition that with_url means, if the command has it."""
    return [("o.url=?", [body["with_url"]])] if "with_url" in body else []


def having(body: Mapping[str, Any], parameter: str, name: str) -> list[Condition]:
    """Give the condition that with_label, with_name and their like mean, if the command has it."""
    if parameter not in body:
        return []
    return [sql.condition(constraints.equal(name, body[parameter]))]


def having_one_of(body: Mapping[str, Any], parameter: str, name: str) -> list[Condition]:
    """Give the condition that a list of labels means, if the command has it."""
    if parameter not in body:
        return []
    return [sql.condition(constraints.parse({name: ["in", body[parameter]]}))]


def label(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the system property that a `label` means, if the command has it."""
    return {"_label": comparable(body["label"])} if "label" in body else {}
