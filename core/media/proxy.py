"""A copy that every browser can play, for a video that they cannot.

Where only the container or its clock is at fault the streams are copied, else they are encoded as
H.264 and AAC. The copy's times are those of the original, counted from its beginning as `frames`
counts them. Knows no library and no queue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.errors import CancelledError, MediaError
from core.media import colour, complaints, guard
from core.media.parts import written_safely
from core.media.probe import probe
from core.model import VideoFacts

log = logging.getLogger("reelseek.media")

Need = Literal["direct", "remux", "transcode"]

# What Chromium, Firefox and Safari all play, by ffmpeg's names. 8 bits and 4:2:0 only: H.264 with
# 10 bits plays in Chromium alone.
_PIXELS = {"yuv420p", "yuvj420p"}
_MP4_VIDEO = {"h264", "vp9", "av1"}
_MP4_AUDIO = {None, "aac", "mp3"}
# They do not say when each picture is shown. ffmpeg tells that by decoding; a stream with B-frames,
# copied, would show other pictures in browsers than were sampled.
_UNTIMED = {"avi", "mpeg"}
_WEBM_VIDEO = {"vp8", "vp9", "av1"}
_WEBM_AUDIO = {None, "opus", "vorbis"}

_KEYFRAME_EVERY_S = 2  # so that a seek decodes little
_MAX_SHORT_SIDE_PX = 1080
_MAX_LONG_SIDE_PX = 4096  # hardware decoders end there
_MIN_SIDE_PX = 16  # and begin there
_MAX_FPS = 60
_STALL_LIMIT_S = 900.0  # `faststart` moves the whole copy once, in silence
_SLACK_S = 1.0  # between the lengths of an original and its copy


def needed(facts: VideoFacts) -> Need:
    """Say what must be done so that browsers can play a video, and agree about its times."""
    names = set(facts.container.split(","))
    codec, audio = facts.video_codec, facts.audio_codec
    if facts.pixel_format not in _PIXELS:
        return "transcode"
    is_mp4 = "mp4" in names and codec in _MP4_VIDEO and audio in _MP4_AUDIO
    is_webm = "webm" in names and codec in _WEBM_VIDEO and audio in _WEBM_AUDIO
    if (is_mp4 or is_webm) and not facts.is_oddly_timed:
        return "direct"
    is_timed = codec != "h264" or not names & _UNTIMED  # VP9 and AV1 keep pictures in order
    return "remux" if codec in _MP4_VIDEO and is_timed else "transcode"


def make(
    path: Path, facts: VideoFacts, target: Path,
    *, on_progress: Callable[[float], None], cancelled: Callable[[], bool],
) -> None:  # fmt: skip
    """Write the copy: under a temporary name first, then synced and renamed.

    Args:
        path: the original.
        facts: what probe said of it.
        target: where the copy comes to lie, an MP4.
        on_progress: told 0..1, about twice a second.
        cancelled: asked as often; true ends the work.

    Raises:
        CancelledError: `cancelled` said so; nothing is left.
        MediaError: the video cannot be converted; nothing is left.
        DiskFullError: there is no room; nothing is left.
    """
    with written_safely(target) as part:
        copying = _Copying(path, facts, part, on_progress, cancelled)
        # Who asks for a copy of a file that plays has a reason: its times (see is_oddly_timed).
        if needed(facts) == "transcode" or not copying.remux():
            copying.transcode()
        copying.stop_if_cancelled()  # another's copy may lie there by now
    on_progress(1.0)


class _Copying:
    """The ways of making one copy."""

    def __init__(
        self, path: Path, facts: VideoFacts, part: Path,
        on_progress: Callable[[float], None], cancelled: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._path, self._facts, self._part = path, facts, part
        self._on_progress, self._cancelled = on_progress, cancelled

    def remux(self) -> bool:
        """Copy the streams; False where that gives nothing that plays as it should."""
        is_playable = self._facts.audio_codec in _MP4_AUDIO
        sound = ["-c:a", "copy"] if is_playable else _AAC
        try:
            self._run(["-c:v", "copy", *sound])
            copy = probe(self._part)
        except MediaError:
            return False  # streams that MP4 does not take as they are
        is_whole = abs(copy.duration_s - self._facts.duration_s) <= _SLACK_S
        return is_whole and needed(copy) == "direct"

    def transcode(self) -> None:
        """Decode and encode."""
        self._run([
            "-vf", ",".join(self._filters()),
            "-fps_mode", "vfr", "-enc_time_base:v", "demux",
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p",
            # MP4 has how long each picture is in the order of decoding: with B-frames and a varying
            # rate, Chromium shows one for as long as another is (seen in 150, ffmpeg 9).
            "-bf", "0",
            "-force_key_frames", f"expr:gte(t,n_forced*{_KEYFRAME_EVERY_S})", *_AAC,
        ])  # fmt: skip

    def _filters(self) -> list[str]:
        """Give those between decoding and encoding."""
        path, facts = self._path, self._facts
        # Frames keep the times they have (encoders would round them to a rate), but for those that
        # come faster than anybody sees.
        rate = [f"fps={_MAX_FPS}:round=up"] if facts.fps > _MAX_FPS + 1 else []
        is_tiny = min(facts.width_px, facts.height_px) < _MIN_SIDE_PX
        # It needs some lines to work on, and always the same size.
        whole = [] if is_tiny else ["scale=iw:ih", _PROGRESSIVE]
        width_px, height_px = _even_size(facts)
        return [
            # The copy says what its colours are: browsers guess by the size, which may change.
            _FROM_ZERO, *rate, *colour.told(path, facts), *whole,
            f"scale={width_px}:{height_px}:flags=bicubic", *colour.tone_mapping(path, facts),
            *colour.encoded(facts.pixel_format, height_px), "setsar=1",
        ]  # fmt: skip

    def _run(self, how: list[str]) -> None:
        """Run ffmpeg, telling how far it is."""
        arguments = [
            "-y", "-loglevel", "error", "-progress", "pipe:1", *guard.reading(self._path),
            "-map", "0:V:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", *how,
            "-movflags", "+faststart", "-f", "mp4", guard.address(self._part),
        ]  # fmt: skip
        self.stop_if_cancelled()
        with guard.Job(arguments) as job:
            for line in job.lines(limit_s=_STALL_LIMIT_S):
                self.stop_if_cancelled()
                self._tell(line)
            code = job.wait(limit_s=_STALL_LIMIT_S)
        if code != 0:
            log.info("ffmpeg on %s: %s", self._path, job.said[-2000:])
            raise complaints.no_copy(job.said)

    def _tell(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.isdigit():  # "N/A" before the first frame
            done = int(value) / 1e6 / self._facts.duration_s if self._facts.duration_s else 0
            self._on_progress(min(0.99, done))

    def stop_if_cancelled(self) -> None:
        """Raise CancelledError where it is to be stopped."""
        if self._cancelled():
            raise CancelledError("The making of the playable copy was stopped.")


# A first picture that comes late is shown from the beginning, as in the samples; players disagree
# about what they show until then.
_FROM_ZERO = "setpts=if(eq(N\\,0)\\,min(PTS\\,0)\\,PTS)"
_PROGRESSIVE = "bwdif=mode=send_frame:deint=interlaced"  # only frames that say they are
_AAC = ["-c:a", "aac", "-b:a", "128k", "-ac", "2"]


def _even_size(facts: VideoFacts) -> tuple[int, int]:
    """Give (width, height) as H.264 in 4:2:0 needs them: even, and of a size that decoders take."""
    short_px, long_px = sorted((facts.width_px, facts.height_px))
    scale = min(1.0, _MAX_SHORT_SIDE_PX / short_px, _MAX_LONG_SIDE_PX / long_px)
    width_px, height_px = (
        max(_MIN_SIDE_PX, round(side * scale / 2) * 2) for side in (facts.width_px, facts.height_px)
    )
    return width_px, height_px
