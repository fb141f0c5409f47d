"""Reads the arguments, runs one command, and turns errors into a sentence and an exit status.

Exit status: 0 done, 1 something failed (a sentence on standard error says what), 2 wrong arguments.
Imports nothing of Reelseek's rooms, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.cli.arguments import (
    add_filters,
    add_limits,
    add_search,
    add_which,
    frame,
    port,
    seconds,
)
from core.cli.terminal import complain
from core.errors import ReelseekError

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_BROKEN_PIPE = 141  # 128 + SIGPIPE


def main(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit status."""
    parser = _parser()
    if not arguments:
        parser.print_help(sys.stderr)  # argparse alone would ask for a COMMAND, and name none
        parser.exit(2)
    asked = parser.parse_args(arguments)
    try:
        status: int = importlib.import_module(f"core.cli.{asked.command}").run(asked)
        sys.stdout.flush()
    except ReelseekError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nor may the interpreter's last flush complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Type what you remember; watch the moment. "
        "REELSEEK_DATA names the data folder, REELSEEK_MODEL the model.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add = commands.add_parser("add", help="add videos, and wait until they are searchable")
    add.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder")
    add.add_argument("-r", "--recursive", action="store_true", help="folders below folders, too")
    add.add_argument("-y", "--yes", action="store_true", help="begin without asking")
    add.add_argument(
        "--watch", action="store_true", help="go on adding what is new or changed, until Ctrl+C"
    )
    _add_indexing_arguments(add)

    reindex = commands.add_parser("reindex", help="index again what is in the library")
    add_which(reindex)
    _add_indexing_arguments(reindex)

    cancel = commands.add_parser("cancel", help="stop the indexing of what waits or is under way")
    add_which(cancel)

    search = commands.add_parser("search", help="find moments")
    add_search(search)
    search.add_argument("--json", action="store_true", help="a list of objects")

    similar = commands.add_parser("similar", help="find moments that look like one")
    similar.add_argument("like", metavar="VIDEO@SECOND", type=frame, help="a second of a video")
    add_filters(similar)
    add_limits(similar)
    similar.add_argument("--json", action="store_true", help="a list of objects")

    export = commands.add_parser("export", help="write what a search finds for other programs")
    add_search(export)
    export.add_argument(
        "--format", choices=("csv", "edl", "json"), default="csv",
        help="a table, a cut list for editors (CMX 3600), or objects (csv)",
    )  # fmt: skip
    export.add_argument("-o", dest="target", metavar="FILE", type=Path, help="not to the terminal")
    export.add_argument("--clips", metavar="FOLDER", type=Path, help="cut each moment into a file")

    evaluate = commands.add_parser("evaluate", help="measure the search by a file of right answers")
    evaluate.add_argument(
        "labels", metavar="LABELS", type=Path,
        help="CSV (query, video, start_s, end_s; no times: nothing shows it), or QVHighlights' or "
        "DiDeMo's own file",
    )  # fmt: skip
    evaluate.add_argument(
        "--settings", metavar="NAME=VALUE,…", action="append",
        help="floor, per_video, folds, zoom, templates, or data, model, framing of "
        "another library or index; several times: side by side",
    )  # fmt: skip
    evaluate.add_argument("--json", action="store_true", help="one object, or a list of them")

    status = commands.add_parser("status", help="what is in the library, and what is being done")
    how = status.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one object")
    how.add_argument("--videos", action="store_true", help="each with its id, a line each")

    _add_models(commands.add_parser("models", help="which model searches; try and change another"))

    commands.add_parser("mcp", help="let an assistant search, by the Model Context Protocol")

    commands.add_parser("doctor", help="check what Reelseek needs, and say what to do")

    worker = commands.add_parser("worker", help="do the library's work until told to stop")
    worker.add_argument(
        "--with-parent", action="store_true", help="stop when standard input closes, too"
    )

    serve = commands.add_parser("serve", help="let ApertureDB's clients use the library's database")
    serve.add_argument(
        "--port", metavar="N", type=port, default=55555, help="on 127.0.0.1 (55555); 0: a free one"
    )
    serve.add_argument(
        "--max-message-mb", metavar="N", type=_megabytes, default=256,
        help="a larger query, its blobs included, is refused (256)",
    )  # fmt: skip
    return parser


def _add_models(models: argparse.ArgumentParser) -> None:
    """Say what can be done with the indexes of several models; nothing named: they are listed."""
    acts = models.add_subparsers(dest="act", metavar="ACT")
    acts.add_parser("make", help="index with the model of REELSEEK_MODEL, beside what searches")
    use = acts.add_parser("use", help="let this one search from now on, for everybody")
    use.add_argument("name", metavar="NAME", help="of an index, or of its model")
    use.add_argument("--now", action="store_true", help="though it is not complete")
    drop = acts.add_parser("drop", help="remove one that does not search")
    drop.add_argument("name", metavar="NAME", help="of an index, or of its model")


def _add_indexing_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dask", metavar="ADDRESS", help="index on the Dask cluster of this scheduler: tcp://…"
    )
    command.add_argument(
        "--patience", metavar="S", type=seconds, default=300.0,
        help="how long a database that is away, or a full disk, is waited for (300)",
    )  # fmt: skip


def _megabytes(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 4095:  # a message says its length in 32 bits
        raise ValueError(text)
    return value


_megabytes.__name__ = "megabytes"  # as argparse says it: "invalid megabytes value: 'x'"
