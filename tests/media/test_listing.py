"""ffmpeg's listing of a file, old and new, with whatever people put into titles."""

from __future__ import annotations

import pytest

from core.media.listing import Listing

PHONE = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'the file':
  Metadata:
    major_brand     : qt
    title           : Duration: 09:00:00.00, start: 5.0
                    : Stream #0:0: Video: theora, rgb24, 7x7, 3 fps
  Duration: 00:01:02.34, start: 0.083000, bitrate: 8123 kb/s
  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 96 kb/s (default)
    Metadata:
      creation_time   : 2024-05-01T10:00:00.000000Z
  Stream #0:1[0x2](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, bt2020nc/bt2020/arib-std-b67, progressive), 1920x1080, 7992 kb/s, 59.94 fps, 59.94 tbr, 600 tbn (default)
    Metadata:
      handler_name    : Core Media Video
    Side data:
      DOVI configuration record: version: 1.0, profile: 8
      {turn}: rotation of -90.00 degrees
  Stream #0:2[0x3](und): Data: none (mebx / 0x7862656D) (default)
  Stream #0:3: Subtitle: subrip
Stream mapping:
  Stream #0:1 -> #0:0 (hevc (native) -> rawvideo (native))
"""  # noqa: E501 - as ffmpeg prints it
BARE = """\
Input #0, matroska,webm, from 'the file':
  Duration: N/A, start: -0.007000, bitrate: N/A
  Stream #0:0: Video: vp8, yuv420p(progressive), 64x48, SAR 1:1 DAR 4:3, 1k tbn
Stream mapping:
  Stream #0:0 -> #0:0 (vp8 (native) -> rawvideo (native))
"""


@pytest.mark.parametrize("turn", ["displaymatrix", "Display Matrix"])
def test_a_phone_film(turn: str) -> None:
    """Of the mapped stream, not of a title that looks like one."""
    listing = Listing(PHONE.format(turn=turn))
    assert listing.container == "mov,mp4,m4a,3gp,3g2,mj2"
    assert listing.duration_s == pytest.approx(62.34)
    assert listing.start_s == pytest.approx(0.083)
    assert (listing.video_codec, listing.audio_codec) == ("hevc", "aac")
    assert listing.pixel_format == "yuv420p10le"
    assert listing.fps == pytest.approx(60_000 / 1001, abs=0.001)
    assert listing.rotation_deg == 90
    assert listing.colours == "bt2020nc/bt2020/arib-std-b67/tv"


def test_a_header_that_is_silent() -> None:
    """Neither length nor rate nor sound: None, not a guess."""
    listing = Listing(BARE)
    assert listing.duration_s is None
    assert listing.fps is None
    assert listing.audio_codec is None
    assert (listing.video_codec, listing.pixel_format) == ("vp8", "yuv420p")
    assert listing.start_s == pytest.approx(-0.007)
    assert listing.rotation_deg == 0
    assert listing.colours == "unknown/unknown/unknown/unknown"


def test_a_clock_is_not_taken_for_a_rate() -> None:
    """Some headers give the ticks of their clock for frames per second."""
    silly = BARE.replace("1k tbn", "90k fps, 90k tbr, 90k tbn")
    assert Listing(silly).fps is None


@pytest.mark.parametrize(
    ("inside", "colours"),
    [
        ("", "unknown/unknown/unknown/unknown"),
        ("(tv)", "unknown/unknown/unknown/tv"),
        ("(tv, bt709, progressive)", "bt709/bt709/bt709/tv"),
        ("(smpte170m/unknown/unknown, top first)", "smpte170m/unknown/unknown/unknown"),
        ("(pc, bt470bg/unknown/unknown)", "bt470bg/unknown/unknown/pc"),
        ("(10 bpc, tv, bt2020nc/bt2020/smpte2084, bottom coded first (swapped))",
         "bt2020nc/bt2020/smpte2084/tv"),
    ],
)  # fmt: skip
def test_what_is_said_of_colours(inside: str, colours: str) -> None:
    """Each where it is said, and that it is not."""
    listing = Listing(BARE.replace("yuv420p(progressive)", f"yuv420p{inside}"))
    assert (listing.colours, listing.pixel_format) == (colours, "yuv420p")
