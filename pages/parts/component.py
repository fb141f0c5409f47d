"""Makes a component of our own from the files beside this one: `<name>.css` and `<name>.js`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def component(name: str, html: str, *shared: str) -> Any:
    """Register the component `name` and return the function that draws it.

    Before its own code stands that of `visit.js`, and of the `shared` files.
    """
    style = _HERE / f"{name}.css"
    return st.components.v2.component(
        f"reelseek_{name}",
        html=html,
        css=style.read_text(encoding="utf-8") if style.exists() else None,
        js="\n".join(
            (_HERE / f"{file}.js").read_text(encoding="utf-8") for file in ("visit", *shared, name)
        ),
    )
