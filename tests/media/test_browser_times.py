"""What Chromium shows at a time is what Reelseek saw there, for every kind of file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from core.media import proxy
from core.media.probe import probe
from tests.bad_files import second_half_cut_off
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.media.counter import MORE, SIX, Kind, read
from tests.media.exact import frames
from tests.media.formats import EVERY, STRANGE
from tests.media.patches import COLOURS, COPIED, PLAYED, Patches

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("media browser"),  # one Chromium for all of them
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(),
        reason=f"no Chromium at {CHROMIUM}: on Debian, apt-get install chromium",
    ),
]
KINDS = {kind.name: kind for kind in (*SIX, *MORE, *EVERY, *STRANGE)}
# Decoders take even sides; of high pixels, Chromium makes the picture higher, Reelseek less wide.
SIZES = {"odd size": (192, 144), "high pixels": (192, 216)}
# Where the container does not say when each picture is shown, the end may be two frames off.
LENGTH_SLACK_S = {"HEVC mpg": 0.09, "H.264 avi": 0.09}
EVERY_S = 0.4
SHOWN_PX = (64, 48)  # width and height of what is read back
SEEK = """async ([film, times, width, height]) => {
  const bytes = Uint8Array.from(atob(film), letter => letter.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  document.body.append(video);
  // `seeked` may come before the picture is on the screen, where the canvas takes it from. A seek
  // to the picture that is there already may present none, so this is not waited for without end.
  const presented = () => new Promise(resolve => {
    video.requestVideoFrameCallback(resolve);
    setTimeout(resolve, 2000);
  });
  const first = presented();
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(video.error.message));
    video.src = URL.createObjectURL(new Blob([bytes]));
  });
  await first;
  const seek = async time => {
    const there = new Promise(resolve => { video.onseeked = resolve; });
    const picture = presented();
    video.currentTime = time;
    await there;
    await picture;
  };
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const paper = canvas.getContext('2d', {willReadFrequently: true});
  const shown = [];
  for (const time of times) {
    if (video.currentTime !== time) await seek(time);
    paper.drawImage(video, 0, 0, width, height);
    shown.push(Array.from(paper.getImageData(0, 0, width, height).data));
  }
  const size = [video.videoWidth, video.videoHeight];
  video.remove();
  return {shown, size, duration: video.duration};
}"""


class Shown:
    """What Chromium made of one file: pictures and the numbers in them, its size and length."""

    def __init__(self, answer: dict[str, list[list[int]]]) -> None:
        width, height = SHOWN_PX
        pictures = np.array(answer["shown"], np.uint8).reshape(-1, height, width, 4)
        self.pictures = pictures[:, :, :, :3]
        self.numbers = [read(picture) for picture in self.pictures]
        self.size = tuple(answer["size"])
        self.duration_s = answer["duration"]


@pytest.fixture(scope="module")
def play() -> Iterator[Callable[[Path, list[float]], Shown]]:
    """Seek a film in Chromium to each of these times."""
    # Playwright keeps its loop on its thread, where another test's browser may be running.
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        launch = playwright.chromium.launch
        browser = thread.submit(launch, executable_path=CHROMIUM, args=FLAGS).result()
        page = thread.submit(browser.new_page).result()

        def play(path: Path, times: list[float]) -> Shown:
            film = base64.b64encode(path.read_bytes()).decode()
            answer = thread.submit(page.evaluate, SEEK, [film, times, *SHOWN_PX]).result()
            return Shown(answer)

        yield play
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.mark.parametrize("name", KINDS)
def test_chromium_shows_what_was_sampled(
    film_of: Callable[[Kind], Path], play: Callable[[Path, list[float]], Shown], tmp_path: Path,
    name: str,
) -> None:  # fmt: skip
    """The file that is played (the copy, where one is needed) shows each sample at its time."""
    path = played = film_of(KINDS[name])
    facts = probe(path)
    if proxy.needed(facts) != "direct":
        played = tmp_path / "copy.mp4"
        proxy.make(path, facts, played, on_progress=lambda _: None, cancelled=lambda: False)
    sampled = [(frame.time_s, read(frame.rgb)) for frame in frames(path, facts, every_s=EVERY_S)]
    shown = play(played, [time_s for time_s, _ in sampled])
    assert shown.numbers == [number for _, number in sampled]
    assert shown.size == SIZES.get(name, (facts.width_px, facts.height_px))
    assert shown.duration_s == pytest.approx(facts.duration_s, abs=LENGTH_SLACK_S.get(name, 0.05))


def test_half_a_film_plays_to_where_it_ends(
    play: Callable[[Path, list[float]], Shown], tmp_path: Path
) -> None:
    """A film that breaks off gets a copy whose length browsers and Reelseek agree on."""
    path, copy = second_half_cut_off(tmp_path), tmp_path / "copy.mp4"
    facts = probe(path)
    assert proxy.needed(facts) != "direct"
    proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
    shown = play(copy, [0.0, facts.duration_s - 0.05])
    assert shown.duration_s == pytest.approx(facts.duration_s, abs=0.25)


@pytest.mark.parametrize("film", [*PLAYED, *COPIED], ids=lambda film: film.name)
def test_chromium_shows_the_colours_of_the_samples(
    play: Callable[[Path, list[float]], Shown], tmp_path: Path, film: Patches
) -> None:
    """What a file leaves unsaid is taken as Chromium takes it; the copy says everything."""
    path = played = film.draw(tmp_path)
    facts = probe(path)
    assert (proxy.needed(facts) == "transcode") == (film in COPIED)
    if film in COPIED:
        played = tmp_path / "copy.mp4"
        proxy.make(path, facts, played, on_progress=lambda _: None, cancelled=lambda: False)
    sample = film.colours_of(next(frames(path, facts)).rgb)
    shown = film.colours_of(play(played, [0.0]).pictures[0])
    assert np.abs(shown - sample).max() < 8  # its BT.709 is up to 6 off, in blue
    assert np.abs(shown - COLOURS).max() < 8
