"""`streamlit run app.py`: Reelseek's pages, and its own routes beside them, in one process."""

import sys

import streamlit as st

from core.errors import ReelseekError
from core.shared import opened_app
from core.web import Closing, lifespan, middleware, routes

try:
    reelseek = opened_app()  # a server that is away may come later
    reelseek.additions.resume()
except ReelseekError as error:
    sys.exit(f"Reelseek cannot start. {error}")

# Streamlit itself checks these for its WebSocket only.
known_as = [st.get_option("server.address"), st.get_option("browser.serverAddress")]
known_as += st.get_option("server.allowedHosts")

closing = Closing()
app = st.App(
    "pages/main.py",
    routes=routes(reelseek),
    middleware=middleware(closing, filter(None, known_as)),
    lifespan=lifespan(reelseek, closing),
)
