// The strip under a tile: how well each part of its video matches. A click goes there; so do the keys, from one
// match to the next. Stands before the code of tiles.js; strips.js brings what it shows.
const clock = (at_s) => `${Math.floor(at_s / 60)}:${String(Math.floor(at_s % 60)).padStart(2, "0")}`;

function takeStrip(strip, tile, pick) {
  const share = (at_s) => Math.min(1, at_s / (tile.length_s || 1));
  strip.tile = tile;
  strip.style.setProperty("--from", share(tile.span?.[0] ?? 0));
  strip.style.setProperty("--to", share(tile.span?.[1] ?? 0));
  strip.setAttribute("aria-label", `Where ${tile.title} matches`);
  strip.setAttribute("aria-valuemin", 0);
  strip.setAttribute("aria-valuemax", tile.length_s);
  const point = (at_s) => {
    strip.at_s = at_s;
    strip.style.setProperty("--at", share(at_s));
    strip.setAttribute("aria-valuenow", at_s);
    strip.setAttribute("aria-valuetext", clock(at_s));
    strip.title = `${clock(at_s)}: click to play from there`;
  };
  const under = (event) => {
    const box = strip.getBoundingClientRect();
    return Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width)) * tile.length_s;
  };
  if (strip.at_s == null) point(tile.span?.[0] ?? 0);
  strip.onpointermove = (event) => point(under(event));
  strip.onclick = (event) => { point(under(event)); pick(strip.at_s); };
  strip.onkeydown = (event) => {
    const peaks = strip.peaks?.length ? strip.peaks : [tile.span?.[0] ?? 0];
    const next = peaks.find((at_s) => at_s > strip.at_s + 0.01) ?? peaks.at(-1);
    const before = peaks.findLast((at_s) => at_s < strip.at_s - 0.01) ?? peaks[0];
    const there = {
      ArrowRight: next, ArrowUp: next, ArrowLeft: before, ArrowDown: before, Home: peaks[0], End: peaks.at(-1),
    }[event.key];
    if (there != null) point(there);
    else if (event.key === "Enter" || event.key === " ") pick(strip.at_s);
    else return;
    event.preventDefault();
  };
}

// Has every tile filled by `fill`, now and whenever strips.js brings more.
function followStrips(root, named, fill) {
  document.removeEventListener("reelseek-strips", root.paintStrips);
  root.paintStrips = () => {
    const { named: of, ...known } = globalThis.reelseekStrips ?? {};
    for (const cell of root.children) fill(cell, of === named ? known : { strips: {}, reasons: {}, edges: {} });
  };
  root.paintStrips();
  document.addEventListener("reelseek-strips", root.paintStrips);
  return () => document.removeEventListener("reelseek-strips", root.paintStrips);
}

// One soft band of colour.
function paintStrip(strip, { bins, peaks_s } = { bins: [], peaks_s: [] }) {
  strip.hidden = !bins.length;
  strip.peaks = peaks_s;
  const parts = bins.map((strength, at) => {
    const colour = `color-mix(in srgb, var(--st-primary-color) ${Math.round(100 * strength)}%, transparent)`;
    return `${colour} ${(100 * at) / bins.length}% ${(100 * (at + 1)) / bins.length}%`;
  });
  strip.querySelector("span").style.backgroundImage = bins.length ? `linear-gradient(to right, ${parts.join(", ")})` : "none";
}
