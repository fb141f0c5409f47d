"""What people add to a library themselves: tags, saved searches, pictures, right answers."""

from __future__ import annotations

from collections.abc import Callable

from core.library.database import Database
from core.library.rights import Rights
from core.library.saved import QueryPictures, SavedSearches
from core.library.tags import Tags


class Notes:
    """The part of a Library that no machine makes."""

    _database: Database
    _clock: Callable[[], float]

    @property
    def tags(self) -> Tags:
        """The tags of videos."""
        return Tags(self._database)

    @property
    def saved(self) -> SavedSearches:
        """The searches that people keep."""
        return SavedSearches(self._database, self._clock)

    @property
    def pictures(self) -> QueryPictures:
        """The pictures that people searched by."""
        return QueryPictures(self._database)

    @property
    def rights(self) -> Rights:
        """What people said is right."""
        return Rights(self._database)
