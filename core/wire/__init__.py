"""The same `query(commands, blobs)` over ApertureDB's own protocol."""
