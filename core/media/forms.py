"""In which codec and container a video is made of another, as arguments of ffmpeg. Pure.

What may stay as it is, is copied; everything else is encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.editing import Threshold, VideoEdit
from core.media import colour, filters
from core.model import VideoFacts

_ENCODERS = {
    "h264": ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
    "xvid": ["-c:v", "libxvid", "-q:v", "4", "-pix_fmt", "yuv420p"],
    "h263": ["-c:v", "h263p", "-q:v", "4", "-pix_fmt", "yuv420p"],
}
_OWN_NAMES = {"h264": "h264", "mpeg4": "xvid", "h263": "h263", "h263p": "h263"}
_OLD = ("h264", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg")
_KEPT = {  # what is copied as it is; MP4 has no name for H.263, for instance
    "mp4": (*_OLD, "hevc", "av1", "vp9"),
    "mov": (*_OLD, "hevc", "h263", "prores", "dnxhd", "dvvideo"),
    "avi": (*_OLD, "h263", "dvvideo"),
}
_SOUND = {"mp4": "aac", "mov": "aac", "avi": "libmp3lame"}
_KEPT_SOUND = {"mp4": ("aac", "mp3"), "mov": ("aac", "mp3"), "avi": ("mp3", "pcm_s16le")}


@dataclass(frozen=True, slots=True)
class Form:
    """What a video is made of and into; `codec` is None for one that cannot be asked for."""

    facts: VideoFacts  # of the video that there is
    codec: str | None
    container: str

    @classmethod
    def of(cls, edit: VideoEdit, facts: VideoFacts) -> Form:
        """Choose what was not asked for: the video's own, but that MP4 does not take H.263."""
        codec = edit.codec or _OWN_NAMES.get(facts.video_codec)
        own = "avi" if "avi" in facts.container.split(",") else "mp4"
        container = edit.container or ("mov" if (codec, own) == ("h263", "mp4") else own)
        if edit.codec is None and (codec, container) == ("h263", "mp4"):
            codec = "h264"
        return cls(facts, codec, container)

    def arguments(
        self, edit: VideoEdit, told: Sequence[str] = (), to_bt709: Sequence[str] = ()
    ) -> list[str]:
        """Give the arguments that copy or encode picture and sound.

        What is encoded anew says by the filters `told` what its colours are, and comes, with 8
        bits, to BT.709 by the others (see colour); a copy stays as it is.
        """
        return self._copying() if self._is_copy(edit) else self._encoding(edit, told, to_bt709)

    def _is_copy(self, edit: VideoEdit) -> bool:
        is_whole = edit.first_frame == 0 and edit.n_frames is None
        own = self.facts.video_codec
        is_same = self.codec == _OWN_NAMES.get(own) and own in _KEPT[self.container]
        return not edit.operations and is_same and (is_whole or edit.is_fast)

    def _copying(self) -> list[str]:
        is_kept = self.facts.audio_codec in _KEPT_SOUND[self.container]
        return ["-c:v", "copy", *(["-c:a", "copy"] if is_kept else self._sound())]

    def _sound(self) -> list[str]:
        return ["-c:a", _SOUND[self.container], "-b:a", "128k", "-ac", "2"]

    def _encoding(self, edit: VideoEdit, told: Sequence[str], to_bt709: Sequence[str]) -> list[str]:
        codec = self.codec or "h264"
        multiple = 4 if codec == "h263" else 2
        is_rgb = any(isinstance(one, Threshold) for one in edit.operations)
        size = filters.size_after(edit.operations, (self.facts.width_px, self.facts.height_px))
        chain = [
            *told,
            *filters.chain(edit.operations, self.facts, to_bt709),
            filters.rounded(multiple),
            *colour.encoded("gbrp" if is_rgb else self.facts.pixel_format, size[1]),
        ]
        # Frames keep their times, where the container can say them.
        exact = ["-fps_mode", "vfr", "-enc_time_base:v", "demux"]
        times = ["-fps_mode", "cfr"] if self.container == "avi" else exact
        return ["-vf", ",".join(chain), *times, *_ENCODERS[codec], *self._sound()]
