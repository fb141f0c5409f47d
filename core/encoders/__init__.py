"""Pictures or words in, unit-length float32 rows out: what each model looks like to the rest.

Importing this package or any module of it costs nothing: torch and the model's own library are
imported when a model is loaded. Knows no videos, no database and no settings.
"""
