"""Everything that can go wrong, as one tree.

    ReelseekError
    ├── SettingsError              an environment variable or settings file holds a bad value
    ├── PathError                  a path begins with a ~ that leads nowhere
    ├── MediaError                 this file, not the program, is at fault
    │   ├── NotAVideoError         empty, text, a playlist, or damaged beyond reading
    │   ├── NoPictureError         readable, but no video stream with at least one frame
    │   └── MediaLimitError        larger, longer or slower than Reelseek decodes
    ├── ToolError                  ffmpeg itself is missing or cannot start
    ├── EncoderError               the model cannot do what was asked
    │   ├── WeightsMissingError    its weights are not on this machine and cannot be fetched
    │   └── EncoderMemoryError     its device has no memory left for even one picture
    ├── DatabaseError              the database refused a query; carries its status
    │   └── DatabaseAwayError      the database cannot be reached or opened
    │       └── AccessDeniedError  it answers, and refuses this user, password or protocol
    ├── LibraryError
    │   ├── NoSuchVideoError       no video has this id (any more)
    │   ├── TooLargeError          larger than the database takes in one message
    │   └── DiskFullError          there is no room left to store what came in
    ├── IngestError
    │   ├── BusyFileError          the file cannot be read at this moment
    │   └── CancelledError         a person stopped it
    ├── SearchError                the query itself cannot be searched for
    └── ExportError                what was found cannot be cut out or written

A message has three parts: what was wrong, with which value, what to do next. It is shown to people
as it stands. Errors of other libraries are translated at the border of the room that calls them, so
nothing above a room needs to know SQLite, ffmpeg, torch or sockets.
"""


class ReelseekError(Exception):
    """Base of every error that Reelseek raises on purpose; its text can be shown to a person."""


class SettingsError(ReelseekError):
    """A setting has a value that cannot be used."""


class PathError(ReelseekError):
    """A path begins with the home folder of nobody."""


class MediaError(ReelseekError):
    """A file cannot be used as a video."""


class NotAVideoError(MediaError):
    """The file is empty, is not a video, or is damaged beyond reading."""


class NoPictureError(MediaError):
    """The file can be read but shows no picture: only sound, or not one whole frame."""


class MediaLimitError(MediaError):
    """The file asks for more pixels, time or output than Reelseek is willing to decode."""


class ToolError(ReelseekError):
    """The ffmpeg program is missing or cannot be started."""


class EncoderError(ReelseekError):
    """The model cannot be loaded or cannot encode what it was given."""


class WeightsMissingError(EncoderError):
    """The model's weights are neither on this machine nor can they be downloaded."""


class EncoderMemoryError(EncoderError):
    """The model's device has no memory left for even one picture; others may give some back."""


class DatabaseError(ReelseekError):
    """The database refused a query.

    `status` is ApertureDB's status code (-1 error, 3 not unique, 4 response too large).
    """

    def __init__(self, message: str, *, status: int = -1) -> None:
        super().__init__(message)
        self.status = status


class DatabaseAwayError(DatabaseError):
    """The database cannot be reached or its folder cannot be opened."""


class AccessDeniedError(DatabaseAwayError):
    """The server is there and refuses us: the user, the password, TLS or the lack of it.

    It is away to us until somebody changes that, here or there; so whoever waits goes on looking.
    """


class LibraryError(ReelseekError):
    """The library cannot do what was asked of it."""


class NoSuchVideoError(LibraryError):
    """No video of the library has this id."""


class TooLargeError(LibraryError):
    """A video has more bytes than the database takes in one message."""


class DiskFullError(LibraryError):
    """The disk has no room for what came in; nothing of it was kept."""


class IngestError(ReelseekError):
    """A video could not be taken in."""


class BusyFileError(IngestError):
    """A file is locked, or the drive that it lies on is away; that may pass."""


class CancelledError(IngestError):
    """A person stopped the indexing of this video."""


class SearchError(ReelseekError):
    """The query is empty or asks for something that search cannot do."""


class ExportError(ReelseekError):
    """What was found cannot be handed to other programs."""
