"""Reelseek's own schema, on top of anything that answers `query(commands, blobs)`."""
