"""From which instant ffmpeg counts a video's time. Pure."""

from __future__ import annotations

from core.model import VideoFacts

# Of these, ffmpeg takes the beginning of the streams that it reads for zero, not that of all: read
# without its sound, such a video would count from another instant than its copy does with it.
_ZERO_OF_STREAMS_READ = {"mpeg", "mpegts", "ogg"}


def sound_read_along(facts: VideoFacts) -> list[str]:
    """Give the arguments of an output that reads the sound too, where that decides what zero is."""
    if facts.audio_codec and facts.container in _ZERO_OF_STREAMS_READ:
        return ["-map", "0:a:0", "-c", "copy", "-f", "null", "pipe:2"]
    return []
