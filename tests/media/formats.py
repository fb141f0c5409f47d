"""The formats that Reelseek takes: each codec in each container that holds it, and odd pictures.

Every cell is a counter video of two seconds, so that its pictures say which they are.
"""

from __future__ import annotations

from fractions import Fraction

from tests.media.counter import EXACT, VARIABLE, X264, X264_B, Kind, _variable_s

N_FRAMES = 50
_422_10 = ("-pix_fmt", "yuv422p10le")
_420 = ("-pix_fmt", "yuv420p")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=2")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", *_420)
_AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lookahead=0", *_420)
_MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "3", *_420)
_MPEG4 = ("-c:v", "mpeg4", "-bf", "2", "-q:v", "3", *_420)

# Codec: how it is encoded, and the containers that take it.
CODECS: dict[str, tuple[tuple[str, ...], str]] = {
    "H.264": (X264_B, "mp4 mov mkv avi mpg ts flv"),
    "HEVC": ((*_X265, *_420), "mp4 mov mkv ts mpg"),
    "VP9": (_VP9, "webm mkv mp4 avi"),
    "AV1": (_AV1, "mp4 mkv webm avi"),
    "MPEG-2": (_MPEG2, "mpg ts mkv mp4 mov avi"),
    "MPEG-4": (_MPEG4, "avi mp4 mov mkv ts mpg"),
    "ProRes": (("-c:v", "prores_ks", "-profile:v", "0", *_422_10), "mov mkv avi"),
    "MJPEG": (("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"), "avi mov mkv mp4"),
    "GIF": (("-c:v", "gif"), "gif mov mkv"),
    "WMV": (("-c:v", "wmv2", "-q:v", "3"), "wmv"),
    "FFV1": (("-c:v", "ffv1", *_420), "mkv"),
}
PLAYED_DIRECTLY = {"H.264 mp4", "H.264 mov", "VP9 webm", "VP9 mp4", "AV1 mp4", "AV1 webm"}

# AVI counts pictures as they are decoded, so with B-frames the first is shown that much later.
LATE_S = {
    "H.264 avi": Fraction(2, 25), "MPEG-2 avi": Fraction(1, 25), "MPEG-4 avi": Fraction(1, 25),
}  # fmt: skip
MATRIX = [
    Kind(
        f"{codec} {suffix}",
        suffix=f".{suffix}",
        n_frames=N_FRAMES,
        encode=encode,
        late_by_s=LATE_S.get(f"{codec} {suffix}", Fraction(0)),
    )
    for codec, (encode, suffixes) in CODECS.items()
    for suffix in suffixes.split()
]
_SOUND = ("-c:a", "mp2")
ODD = [
    Kind("turned HEVC", turn_deg=90, n_frames=N_FRAMES, encode=(*_X265, *_420)),
    Kind("turned mov", suffix=".mov", turn_deg=270, n_frames=N_FRAMES, encode=X264_B),
    Kind("anamorphic MPEG-2", suffix=".mpg", n_frames=N_FRAMES, encode=(*_MPEG2, "-aspect", "16:9"),
         sample_aspect=Fraction(4, 3)),
    Kind("high pixels", n_frames=N_FRAMES, sample_aspect=Fraction(2, 3)),
    Kind("10 bits", n_frames=N_FRAMES, encode=(*_X265, "-pix_fmt", "yuv420p10le")),
    Kind("H.264 with 10 bits", suffix=".mkv", n_frames=N_FRAMES,
         encode=(*X264_B[:-1], "yuv420p10le")),
    Kind("4:4:4", n_frames=N_FRAMES, encode=(*X264_B[:-1], "yuv444p")),
    Kind("interlaced MPEG-2", suffix=".ts", n_frames=N_FRAMES,
         encode=(*_MPEG2, "-flags", "+ildct+ilme", "-field_order", "tt"), sound=_SOUND,
         late_by_s=Fraction(982, 90000)),  # the sound begins before it
    Kind("interlaced H.264", n_frames=N_FRAMES,
         encode=(*X264_B, "-flags", "+ildct+ilme", "-x264-params", "tff=1")),
    Kind("variable rate mkv", suffix=".mkv", n_frames=N_FRAMES, setpts=VARIABLE,
         shown_s=_variable_s, encode=(*X264, "-enc_time_base", "1:1000")),
    Kind("variable rate VP9", suffix=".webm", n_frames=N_FRAMES, setpts=VARIABLE,
         shown_s=_variable_s, encode=(*_VP9, "-enc_time_base", "1:1000")),
    Kind("variable rate HEVC", n_frames=N_FRAMES, setpts=VARIABLE,
         shown_s=_variable_s, encode=(*_X265, *_420, *EXACT)),
    Kind("120 fps", fps=Fraction(120), n_frames=240, encode=X264_B),
    Kind("120 fps HEVC", fps=Fraction(120), n_frames=240, encode=(*_X265, *_420)),
    Kind("23.976 fps", fps=Fraction(24000, 1001), n_frames=N_FRAMES, encode=X264_B, suffix=".mkv"),
    Kind("59.94 fps transport stream", fps=Fraction(60000, 1001), n_frames=120, suffix=".ts",
         encode=X264_B),
    Kind("1 frame a second", fps=Fraction(1), n_frames=4),
    Kind("one frame", n_frames=1),
]  # fmt: skip
EVERY = [*MATRIX, *ODD]

# BT.709 brought to BT.2100, with white at 203 nits.
TO_HDR = (
    "format=gbrpf32le,zscale=tin=bt709:pin=bt709:min=gbr:t=linear:npl=203,zscale=p=bt2020,"
    "zscale=t={}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
)


AS_BT709 = (
    "format=yuv420p,setparams=colorspace=bt709:color_trc=bt709:color_primaries=bt709:range=tv,"
)


def to_hdr(transfer: str, before: str = "") -> tuple[str, ...]:
    """How a picture is encoded with a high dynamic range, by zscale's name of its transfer."""
    named = f"log-level=error:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    return ("-vf", before + TO_HDR.format(transfer), *_X265[:4], "-x265-params", named)


def _beside(source: str) -> tuple[str, ...]:
    """A second video stream behind the counter's."""
    return ("-filter_complex", f"{source}[beside]", "-map", "0:v", "-map", "[beside]")


# Those whose copy has not the size of the original, or whose file holds more than one picture.
STRANGE = [
    Kind("PQ", n_frames=N_FRAMES, encode=to_hdr("smpte2084", AS_BT709)),
    Kind("HLG", n_frames=N_FRAMES, encode=to_hdr("arib-std-b67", AS_BT709)),
    Kind("8K", fps=Fraction(2), n_frames=4,
         encode=("-vf", "scale=7680:4320:flags=neighbor,setsar=1", *X264)),
    Kind("odd size", suffix=".mkv", n_frames=N_FRAMES,
         encode=("-vf", "scale=191:143:flags=neighbor,setsar=1", "-c:v", "ffv1", *_420)),
    Kind("several streams", suffix=".mkv", n_frames=N_FRAMES,
         encode=(*_beside("color=blue:size=64x48:rate=5:duration=4"), *X264)),
    Kind("cover art", n_frames=N_FRAMES,
         encode=(*_beside("color=blue:size=64x48:rate=1:duration=1"), *X264, "-c:v:1", "png",
                 "-pix_fmt:v:1", "rgb24", "-disposition:v:1", "attached_pic")),
]  # fmt: skip
