"""Nearest neighbours among the vectors of a descriptor set; SQLite holds the truth.

neighbours   what is asked and answered, as one transaction sees the set
cache        what this process knows of a set: the file's rows, and newer ones in memory
leftovers    what killed processes left of files, removed
rows_file    the file of rows: mapped, appended to, renamed, never believed unseen
seen         what a transaction sees of a set in SQLite
exact        the k nearest of some rows, to the last digit
graph        HNSW: candidates without looking at all rows
graphs       the graphs of a database: opened, and grown behind the answers
parts        rows as arrays
sizes        how many vectors each set holds
"""

from core.engine.vectors.neighbours import How, Near, Vectors

__all__ = ["How", "Near", "Vectors"]
