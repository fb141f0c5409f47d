"""Words in, moments of videos out."""
