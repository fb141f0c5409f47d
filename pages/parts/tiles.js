// A grid, or a strip, of real buttons or links with lazy pictures. Names of videos go in as text, never as HTML.
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  root.className = "tiles " + (data.kind || "");
  root.style.setProperty("--tile", (data.tile_px || 210) + "px");
  root.setAttribute("aria-label", data.label || "");
  const old = new Map([...root.children].map((b) => [b.dataset.key, b]));
  const wanted = data.tiles.map((tile) => fill(old.get(tile.key) || make(tile), tile));
  // Untouched tiles stay in place: a focused one would lose the focus by being moved.
  if (wanted.length !== root.children.length || wanted.some((b, i) => root.children[i] !== b)) {
    root.replaceChildren(...wanted);
  }
  mark(data.selected);

  function make(tile) {
    const b = document.createElement(tile.href ? "a" : "button");
    if (!tile.href) b.type = "button";
    b.className = "tile";
    b.setAttribute("data-testid", "tile");
    b.innerHTML = '<span class="picture"><img loading="lazy" alt=""><span class="badge"></span>' +
      '<span class="corner"></span></span><span class="heat"></span><span class="title"></span><span class="sub">' +
      '<span class="bar"><i></i></span><span class="words"></span></span>';
    const image = b.querySelector("img"), picture = b.querySelector(".picture");
    image.onload = () => {
      const isTall = image.naturalWidth < image.naturalHeight * 1.45;
      picture.classList.toggle("tall", isTall);
      picture.style.setProperty("--image", isTall ? `url("${image.src}")` : "none");
      picture.classList.add("loaded");
    };
    image.onerror = () => picture.classList.remove("loaded", "tall");
    return b;
  }
  function fill(b, tile) {
    const put = (name, text) => {
      const e = b.querySelector(name);
      e.textContent = text || "";
      e.hidden = !text;
    };
    b.dataset.key = tile.key;
    if (tile.href) linkTo(b, tile.href);
    else b.onclick = () => {
      if (data.selected != null) mark(tile.key);
      setTriggerValue("picked", { key: tile.key, n: Date.now() });
    };
    const image = b.querySelector("img");
    b.querySelector(".picture").classList.toggle("bare", !tile.image);
    if (tile.image && image.getAttribute("src") !== tile.image) image.src = tile.image;
    put(".title", tile.title);
    put(".corner", tile.corner);
    put(".badge", tile.badge);
    put(".words", tile.words);
    b.querySelector(".badge").classList.toggle("quiet", Boolean(tile.quiet));
    b.querySelector(".bar").hidden = tile.bar == null;
    if (tile.bar != null) b.querySelector(".bar i").style.width = 100 * tile.bar + "%";
    paint(b.querySelector(".heat"), tile.heat || []);
    b.title = tile.title || "";
    b.setAttribute("aria-label", [tile.title, tile.corner, tile.words, tile.badge].filter(Boolean).join(", "));
    return b;
  }
  // How well each part of the video matches: one soft band of colour.
  function paint(strip, heat) {
    strip.hidden = !heat.length;
    const parts = heat.map((strength, at) => {
      const colour = `color-mix(in srgb, var(--st-primary-color) ${Math.round(100 * strength)}%, transparent)`;
      return `${colour} ${(100 * at) / heat.length}% ${(100 * (at + 1)) / heat.length}%`;
    });
    strip.style.backgroundImage = heat.length ? `linear-gradient(to right, ${parts.join(", ")})` : "none";
  }
  function mark(key) {
    for (const b of root.children) {
      if (key == null) b.removeAttribute("aria-pressed");
      else b.setAttribute("aria-pressed", String(b.dataset.key === key));
    }
    if (data.kind !== "strip" || root.dataset.at === String(key)) return;
    root.dataset.at = String(key);
    const here = [...root.children].find((b) => b.dataset.key === key);
    if (here) root.scrollLeft = here.offsetLeft - (root.clientWidth - here.clientWidth) / 2;
  }
}
