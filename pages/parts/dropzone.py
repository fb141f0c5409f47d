"""Where videos are dropped; they go to our own streaming route, never through Streamlit."""

from __future__ import annotations

from pages.parts.component import component

_HTML = """<div class="zone" data-testid="dropzone">
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true">
<path d="M12 15V4m0 0 4 4m-4-4-4 4M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3"/></svg>
<strong>Drop videos or folders here</strong>
<small>Any size, any common format</small>
<div class="buttons">
<label>Choose videos<input type="file" multiple data-testid="dropzone-input"></label>
<label class="second">Choose a folder<input type="file" multiple webkitdirectory
data-testid="dropzone-folder"></label>
</div></div>
<p class="sum" role="status" hidden><span></span>
<button type="button" data-testid="uploads-clear">Clear the list</button></p>
<ul aria-label="Uploads"></ul>"""


def dropzone(*, key: str = "dropzone") -> None:
    """Draw the drop zone and its uploads; each finished one reruns the page."""
    component("dropzone", _HTML)(key=key, on_added_change=lambda: None)
