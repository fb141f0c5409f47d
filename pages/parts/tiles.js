// A grid, or a strip, of real buttons or links with lazy pictures. Names of videos go in as text, never as HTML.
const MORE = '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">' +
  '<rect x="3" y="7" width="12" height="12" rx="2"/><path d="M8 3h10a3 3 0 0 1 3 3v10"/></svg>';

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  root.className = "tiles " + (data.kind || "");
  root.style.setProperty("--tile", (data.tile_px || 210) + "px");
  root.setAttribute("aria-label", data.label || "");
  const old = new Map([...root.children].map((cell) => [keyOf(cell), cell]));
  const wanted = data.tiles.map((tile) => fill(old.get(tile.key) || make(tile), tile));
  // Untouched tiles stay in place: a focused one would lose the focus by being moved.
  if (wanted.length !== root.children.length || wanted.some((cell, i) => root.children[i] !== cell)) {
    root.replaceChildren(...wanted);
  }
  mark(data.selected);
  const tileOf = new Map(data.tiles.map((tile) => [tile.key, tile]));
  return followStrips(root, data.strips, fillLater);

  function keyOf(cell) { return cell.firstChild.dataset.key; }
  function make(tile) {
    const cell = document.createElement("div"), b = document.createElement(tile.href ? "a" : "button");
    cell.className = "cell";
    if (!tile.href) b.type = "button";
    b.className = "tile";
    b.setAttribute("data-testid", "tile");
    b.innerHTML = '<span class="picture"><img loading="lazy" alt=""><span class="badge"></span>' +
      '<span class="corner"></span></span><span class="room"></span><span class="title"></span><span class="sub">' +
      '<span class="bar"><i></i></span><span class="words"></span></span>' +
      '<span class="why" data-testid="tile-why"></span>';
    const image = b.querySelector("img"), picture = b.querySelector(".picture");
    image.onload = () => {
      frameWhole(image, picture);
      picture.classList.add("loaded");
    };
    image.onerror = () => picture.classList.remove("loaded", "tall");
    cell.append(b);
    if (tile.video_id || tile.likes) cell.append(makeOver(tile));
    return cell;
  }
  // What lies over the tile and is no part of its button: buttons within a button cannot be.
  function makeOver(tile) {
    const over = document.createElement("div");
    over.className = "over";
    over.innerHTML = `<button type="button" class="like" data-testid="tile-like" hidden>${MORE}</button>` +
      '<div class="heat" data-testid="tile-heat" role="slider" tabindex="0" hidden><span></span><b></b><i></i></div>';
    return over;
  }
  function fill(cell, tile) {
    const b = cell.firstChild;
    const put = (name, text) => {
      const e = b.querySelector(name);
      e.textContent = text || "";
      e.hidden = !text;
    };
    const pick = (at_s) => {
      if (data.selected != null) mark(tile.key);
      setTriggerValue("picked", { key: tile.key, at_s, n: Date.now() });
    };
    b.dataset.key = tile.key;
    if (tile.span) b.dataset.start = tile.span[0];
    if (tile.href) linkTo(b, tile.href);
    else b.onclick = () => pick(null);
    const image = b.querySelector("img");
    b.querySelector(".picture").classList.toggle("bare", !tile.image);
    if (tile.image && image.getAttribute("src") !== tile.image) image.src = tile.image;
    put(".title", tile.title);
    put(".corner", tile.corner);
    put(".badge", tile.badge);
    put(".words", tile.words);
    b.querySelector(".why").hidden = !tile.tells;
    b.querySelector(".room").hidden = !tile.video_id;
    b.querySelector(".badge").classList.toggle("quiet", Boolean(tile.quiet));
    b.querySelector(".bar").hidden = tile.bar == null;
    if (tile.bar != null) b.querySelector(".bar i").style.width = 100 * tile.bar + "%";
    b.title = tile.title || "";
    b.setAttribute("aria-label", [tile.title, tile.corner, tile.words, tile.badge].filter(Boolean).join(", "));
    const more = cell.querySelector(".like"), strip = cell.querySelector(".heat");
    if (more) {
      more.hidden = !tile.likes;
      more.title = "More like this";
      more.setAttribute("aria-label", `More like this: ${tile.title}, ${tile.corner || tile.words}`);
      more.onclick = () => setTriggerValue("liked", { key: tile.key, n: Date.now() });
    }
    if (strip) takeStrip(strip, tile, pick);
    return cell;
  }
  // What strips.js brought: the strip, what each term did, and where the edges are exactly.
  function fillLater(cell, { strips, reasons, edges }) {
    const key = keyOf(cell), tile = tileOf.get(key), b = cell.firstChild;
    const strip = cell.querySelector(".heat"), why = b.querySelector(".why"), told = reasons[key];
    if (edges[key] || cell.isExact) fill(cell, { ...tile, ...edges[key] });
    cell.isExact = Boolean(edges[key]);
    if (strip) paintStrip(strip, strips[tile.video_id]);
    why.textContent = told?.short ?? "";
    for (const [name, of] of [["title", why], ["aria-description", b]]) {
      if (told?.full) of.setAttribute(name, told.full);
      else of.removeAttribute(name);
    }
  }
  function mark(key) {
    for (const { firstChild: b } of root.children) {
      if (key == null) b.removeAttribute("aria-pressed");
      else b.setAttribute("aria-pressed", String(b.dataset.key === key));
    }
    if (data.kind !== "strip" || root.dataset.at === String(key)) return;
    root.dataset.at = String(key);
    const here = [...root.children].find((cell) => keyOf(cell) === key);
    if (here) root.scrollLeft = here.offsetLeft - (root.clientWidth - here.clientWidth) / 2;
  }
}
