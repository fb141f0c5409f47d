"""Runs the official client's own test files, as they stand, against `core.wire`'s server."""
