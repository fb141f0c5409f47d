"""HTTP of our own beside Streamlit's: videos by range, pictures, uploads, and the worker's life.

Plain Starlette and ASGI; must not know Streamlit, and is handed the app instead of opening it.
"""

from core.web.closing import Closing
from core.web.lifespan import lifespan
from core.web.middleware import middleware
from core.web.routes import routes

__all__ = ["Closing", "lifespan", "middleware", "routes"]
