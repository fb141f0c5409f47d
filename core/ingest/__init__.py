"""A file becomes a searchable video: checked, registered, sampled, embedded, saved."""
