// A grid, or a strip, of real buttons with lazy pictures. Names of videos go in as text, never as HTML.
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  root.className = "tiles " + (data.kind || "");
  root.style.setProperty("--tile", (data.tile_px || 210) + "px");
  root.setAttribute("aria-label", data.label || "");
  const old = new Map([...root.children].map((b) => [b.dataset.key, b]));
  const wanted = data.tiles.map((tile) => fill(old.get(tile.key) || make(), tile));
  root.replaceChildren(...wanted);

  function make() {
    const b = document.createElement("button");
    b.type = "button";
    b.dataset.testid = "tile";
    b.innerHTML = '<span class="picture"><img loading="lazy" alt=""><span class="badge"></span>' +
      '<span class="corner"></span></span><span class="title"></span><span class="sub">' +
      '<span class="bar"><i></i></span><span class="words"></span></span>';
    b.querySelector("img").onload = (e) => {
      const i = e.target;
      i.classList.toggle("tall", i.naturalHeight > i.naturalWidth * 1.02);
      i.style.opacity = 1;
    };
    b.querySelector("img").onerror = (e) => { e.target.style.opacity = 0; };
    return b;
  }
  function fill(b, tile) {
    const put = (name, text) => {
      const e = b.querySelector(name);
      e.textContent = text || "";
      e.hidden = !text;
    };
    b.dataset.key = tile.key;
    b.dataset.testid = "tile";
    b.setAttribute("data-testid", "tile");
    b.onclick = () => setTriggerValue("picked", { key: tile.key, n: Date.now() });
    const image = b.querySelector("img");
    if (image.getAttribute("src") !== tile.image) { image.style.opacity = 0; image.src = tile.image; }
    put(".title", tile.title);
    put(".corner", tile.corner);
    put(".badge", tile.badge);
    put(".words", tile.words);
    b.querySelector(".badge").classList.toggle("quiet", Boolean(tile.quiet));
    b.querySelector(".bar").hidden = tile.bar == null;
    if (tile.bar != null) b.querySelector(".bar i").style.width = 100 * tile.bar + "%";
    b.title = tile.title || "";
    b.setAttribute("aria-label", [tile.title, tile.corner, tile.words, tile.badge].filter(Boolean).join(", "));
    if (data.selected !== undefined) b.setAttribute("aria-pressed", String(tile.key === data.selected));
    return b;
  }
}
