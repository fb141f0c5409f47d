"""The embedded engine's own promises: constraints, transactions, processes, caches."""
