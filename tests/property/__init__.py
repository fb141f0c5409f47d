"""The engine against a naive twin of it, and against chance."""
