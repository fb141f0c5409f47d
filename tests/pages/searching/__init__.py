"""The search page on a few real scenes."""
