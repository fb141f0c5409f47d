"""The same test bodies on every database that answers ApertureDB's language."""
