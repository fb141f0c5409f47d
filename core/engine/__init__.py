"""An embedded database that answers ApertureDB's query language, on SQLite and FAISS.

Meant for one machine and up to about a million frames; beyond that, point Reelseek at an ApertureDB
server. Knows nothing of Reelseek's own schema.
"""
