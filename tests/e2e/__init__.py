"""The app as a user starts it, driven in a real Chromium."""
