"""The security headers of every response, Streamlit's pages included.

Data only. What Streamlit's frontend needs of the policy was found by trying in Chromium.
"""

from __future__ import annotations

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss:",
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
