"""The numbered steps that bring a database file up to this version. Never edit one: add another."""

from __future__ import annotations

import hashlib
import sqlite3

from core.errors import DatabaseAwayError

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE objects(
        id INTEGER PRIMARY KEY AUTOINCREMENT, class TEXT NOT NULL, properties TEXT NOT NULL,
        file TEXT, url TEXT);
    CREATE INDEX objects_by_class ON objects(class);
    CREATE TABLE connections(
        id INTEGER PRIMARY KEY AUTOINCREMENT, class TEXT NOT NULL,
        src INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE,
        dst INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE,
        properties TEXT NOT NULL);
    CREATE INDEX connections_by_src ON connections(src, class, dst);
    CREATE INDEX connections_by_dst ON connections(dst, class, src);
    CREATE TABLE blobs(
        id INTEGER PRIMARY KEY REFERENCES objects(id) ON DELETE CASCADE, content BLOB NOT NULL);
    CREATE TABLE vectors(
        id INTEGER PRIMARY KEY REFERENCES objects(id) ON DELETE CASCADE,
        set_id INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE, vector BLOB NOT NULL);
    CREATE INDEX vectors_by_set ON vectors(set_id, id);
    CREATE TABLE removals(set_id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    CREATE TABLE types(class TEXT, key TEXT, type TEXT NOT NULL, PRIMARY KEY(class, key));
    CREATE TABLE property_indexes(kind TEXT, class TEXT, key TEXT, PRIMARY KEY(kind, class, key));
    """,
    # A class of connections may have the name of a class of objects, with other types.
    """
    CREATE TABLE property_types(
        kind TEXT, class TEXT, key TEXT, type TEXT NOT NULL, PRIMARY KEY(kind, class, key));
    INSERT INTO property_types SELECT 'entity', class, key, type FROM types
        WHERE class IN (SELECT class FROM objects);
    INSERT INTO property_types SELECT 'connection', class, key, type FROM types
        WHERE class IN (SELECT class FROM connections);
    DROP TABLE types;
    """,
    # `_create_txn`, which each object and connection has; 0 for those from before this step.
    """
    CREATE TABLE transactions(n INTEGER NOT NULL);
    INSERT INTO transactions VALUES(0);
    ALTER TABLE objects ADD COLUMN create_txn INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE connections ADD COLUMN create_txn INTEGER NOT NULL DEFAULT 0;
    """,
    # Which vectors were removed: the n-th removal of a set lists its ids, so a cache need not read
    # those that are left. Until `n_forgotten` they are listed no longer, or never were.
    """
    CREATE TABLE removed_vectors(
        set_id INTEGER, n INTEGER, id INTEGER, PRIMARY KEY(set_id, n, id)) WITHOUT ROWID;
    ALTER TABLE removals ADD COLUMN n_forgotten INTEGER NOT NULL DEFAULT 0;
    UPDATE removals SET n_forgotten=n;
    """,
)


def migrate(db: sqlite3.Connection) -> None:
    """Apply what is missing, each step in one transaction with its own record.

    Raises:
        DatabaseAwayError: the file was written by a newer Reelseek, or a step was edited.
    """
    db.execute("CREATE TABLE IF NOT EXISTS migrations(n INTEGER PRIMARY KEY, digest TEXT NOT NULL)")
    done = dict(db.execute("SELECT n, digest FROM migrations"))
    if len(done) > len(STEPS):
        raise DatabaseAwayError(
            f"This library was written by a newer Reelseek (step {len(done)}, this one knows "
            f"{len(STEPS)}). Update Reelseek."
        )
    for n, text in enumerate(STEPS, 1):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if n in done and done[n] != digest:
            raise DatabaseAwayError(
                f"Step {n} of this library differs from this Reelseek's. Restore it from a backup."
            )
        if n not in done:
            _apply(db, n, text, digest)


def _apply(db: sqlite3.Connection, n: int, text: str, digest: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if not db.execute(
            "SELECT 1 FROM migrations WHERE n=?", (n,)
        ).fetchone():  # another process?
            for statement in text.split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute("INSERT INTO migrations VALUES(?,?)", (n, digest))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
