"""A folder that is dropped on the page, of which the browser may not read everything."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

# As Chromium gives a folder; of what may not be read it says so only when it is asked for.
_DROP_A_FOLDER = """
(zone, base64) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const refuse = (_, no) => no(new DOMException("not allowed", "NotReadableError"));
  const file = (name, get) => ({ isFile: true, isDirectory: false, name, file: get });
  const folder = (name, children) => ({
    isFile: false, isDirectory: true, name,
    createReader: () => {
      const parts = children ? [children, []] : null;
      return { readEntries: (ok, no) => (parts ? ok(parts.shift()) : refuse(ok, no)) };
    },
  });
  const dropped = folder("holiday", [
    file("locked.mp4", refuse),
    file("locked.txt", refuse),
    folder("private", null),
    file("seen.mp4", (ok) => ok(new File([bytes], "seen.mp4"))),
  ]);
  const drop = new Event("drop", { bubbles: true, cancelable: true });
  drop.dataTransfer = { files: [], items: [{ webkitGetAsEntry: () => dropped }] };
  zone.dispatchEvent(drop);
}
"""

_N_FILES = 500
# What the browser tells of an upload comes from here, forty times before it draws a picture.
_SEND_MANY = """
async (zone, n) => {
  const sent = [], real = globalThis.XMLHttpRequest;
  globalThis.XMLHttpRequest = class {
    upload = {};
    open() {} setRequestHeader() {} abort() {}
    send() { sent.push(this); }
  };
  const files = Array.from({ length: n }, (_, i) => new File(["0123456789"], `${i}.mp4`));
  const drop = new Event("drop", { bubbles: true, cancelable: true });
  zone.dispatchEvent(Object.assign(drop, { dataTransfer: { files, items: [] } }));
  globalThis.XMLHttpRequest = real;
  const picture = () => new Promise(requestAnimationFrame);
  const list = zone.getRootNode().querySelector("ul");
  while (list.children.length < n) await picture();
  await picture();
  const changes = [];
  new MutationObserver((seen) => changes.push(...seen))
    .observe(list, { subtree: true, childList: true, attributes: true, characterData: true });
  for (let i = 0; i < 40; i += 1) sent[0].upload.onprogress({ loaded: i / 5 });
  await picture();
  await picture();
  const around = (node) => (node.closest ? node : node.parentElement).closest("li");
  const rows = new Set(changes.map((one) => around(one.target)));
  return [[...rows].map((row) => row.textContent), changes.length];
}
"""


def test_progress_of_one_file_draws_one_row_once(
    server: AppServer, visit: Callable[..., Visitor]
) -> None:
    """However many files are in the list, and however often the browser says how far it is."""
    page = visit().open(f"{server.url}/add")
    rows, n_changes = page.get_by_test_id("dropzone").evaluate(_SEND_MANY, _N_FILES)
    assert [row.startswith("0.mp4") for row in rows] == [True]
    assert n_changes < 20
    page.evaluate("reelseekUploads.active = 0; onbeforeunload = null")


def test_what_cannot_be_read_keeps_nothing_else_out(
    server: AppServer, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    """Each such file or folder gets a row with a sentence; the rest of the folder is taken."""
    film = Film("seen", scenes("red star/black", seconds_each=1), size_px=(160, 90))
    content = base64.b64encode(draw_film(film, tmp_path).read_bytes()).decode()
    page = visit().open(f"{server.url}/add")
    page.get_by_test_id("dropzone").evaluate(_DROP_A_FOLDER, content)
    expect(screens.uploads(page, "done")).to_have_count(1)
    failed = screens.uploads(page, "failed")
    expect(failed).to_have_count(2)
    for row, name in zip(failed.all(), ("locked.mp4", "private"), strict=True):
        expect(row).to_contain_text(name)
        expect(row).to_contain_text("Your browser may not read this.")
