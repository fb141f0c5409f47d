"""The security headers of every response, Streamlit's pages included.

Data only. What Streamlit's frontend needs of the policy was found by trying in Chromium.
"""

from __future__ import annotations

# The one inline script of Streamlit's page (it sets prerenderReady); changes with Streamlit.
INLINE_SCRIPT = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' {INLINE_SCRIPT} blob:",  # blob: is how Streamlit loads v2 components
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",  # WebSockets of the same host too, since Safari 16 (September 2022)
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
NOT_NEEDED = ("camera", "microphone", "geolocation", "display-capture", "payment", "usb", "serial")

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        f"{what} {where}" for what, where in CONTENT_SECURITY_POLICY.items()
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_NEEDED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
