// Plays one stretch of a video from its exact start, pauses once at its end, then leaves the viewer free. Until it
// plays, it shows the instant that matches best.
export default function ({ parentElement, data }) {
  const find = (name) => parentElement.querySelector(name);
  const v = find("video"), note = find("p"), again = find("[data-testid=player-again]"), where = find(".where");
  const isSame = v.dataset.src === data.src;
  v.setAttribute("aria-label", data.label);
  const goTo = (at_s) => { v.currentTime = at_s; };
  const peaks = showHeat(find, data, v, goTo);
  takeKeys(v, data.frame, peaks);
  askLike(find("[data-testid=player-like]"), data, v);
  if (isSame && v.dataset.nonce === data.nonce) return; // a plain rerun: leave playback alone
  // Coming back to a page draws its player anew; what a click started once does not start again.
  const plays = data.autoplay && globalThis.reelseekStarted !== data.nonce;
  if (plays) globalThis.reelseekStarted = data.nonce;
  v.dataset.src = data.src;
  v.dataset.nonce = data.nonce;
  v.poster = data.poster || "";
  showStretch();
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  say("");

  let stop = null; // where to pause, once
  let rests = false; // at the best instant, until somebody plays it or goes elsewhere
  const begin = (play) => {
    stop = data.at == null ? data.end : null;
    again.hidden = true;
    rests = !play && data.at == null && data.best != null;
    v.currentTime = data.at ?? (rests ? data.best : data.start);
    if (play) start();
    watchFrames();
  };
  v.onplay = () => {
    if (rests && Math.abs(v.currentTime - data.best) < 0.05) v.currentTime = data.start;
    rests = false;
  };
  const start = () => v.play().catch((error) => {
    if (error.name !== "NotAllowedError") return; // another stretch was chosen meanwhile
    v.muted = true;
    v.play().then(() => say("Your browser started it without sound. Press M for sound."))
      .catch(() => say("Press play: your browser starts nothing by itself."));
  });
  const pauseAtEnd = (shown_s) => {
    if (stop === null || shown_s < stop - 1.5 * data.frame) return;
    stop = null;
    v.pause();
    again.hidden = false;
  };
  // Of the stretch's last frame the browser tells at once; where it cannot, within a quarter second.
  const watchFrames = () => v.requestVideoFrameCallback?.((_, frame) => {
    if (v.dataset.nonce !== data.nonce || stop === null) return;
    if (!v.seeking && !v.paused) pauseAtEnd(frame.mediaTime);
    watchFrames();
  });
  v.ontimeupdate = () => {
    const now = v.currentTime / (v.duration || data.length || 1);
    for (const strip of [where, find(".heat")]) strip.style.setProperty("--now", now);
    if (!v.paused) pauseAtEnd(v.currentTime);
  };
  v.onseeking = () => { if (stop !== null && (v.currentTime > stop || v.currentTime < data.start - 0.5)) stop = null; };
  again.onclick = () => { begin(true); v.focus(); };
  v.onerror = () => explain(data.src, say);
  v.onloadeddata = () => { if (!v.videoWidth) explain(data.src, say, "This browser has no decoder for the picture of this file."); };
  v.onloadedmetadata = () => begin(plays);
  if (isSame && v.readyState) begin(plays); else v.src = data.src;
  if (plays) find("figure").scrollIntoView({ block: "nearest", behavior: "smooth" });

  function showStretch() {
    where.hidden = data.end == null || !data.length || data.heat.length > 0;
    for (const strip of [where, find(".heat")]) {
      strip.style.setProperty("--from", data.start / (data.length || 1));
      strip.style.setProperty("--to", Math.min(1, (data.end ?? data.start) / (data.length || 1)));
      strip.style.setProperty("--now", (data.at ?? data.start) / (data.length || 1));
      strip.style.setProperty("--best", (data.best ?? 0) / (data.length || 1));
      strip.querySelector("u").hidden = data.best == null;
    }
  }
}

async function explain(src, say, otherwise = "This browser cannot play this file.") {
  const answer = await fetch(src, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  if (!answer) return say("The server does not answer. Check that Reelseek still runs, then reload.");
  const told = answer.ok ? {} : await answer.json().catch(() => ({}));
  say(told.error || otherwise + " Open it in a video player on this machine, or in another browser.");
}

// Asks for what is like the frame that the player shows.
function askLike(button, data, v) {
  button.hidden = !data.like;
  button.onclick = () => {
    const search = new URL(data.like, location.href);
    const [video] = search.searchParams.get("like").split("@");
    search.searchParams.set("like", `${video}@${v.currentTime.toFixed(3)}`);
    visit(search.pathname + search.search);
  };
}

// How well each instant matches, as bars over the whole video. Gives what leads to the next match and the one before.
function showHeat(find, data, v, goTo) {
  const strip = find(".heat"), canvas = find("canvas"), buttons = find(".peaks"), of = find(".of");
  const playFrom = (at_s) => { goTo(at_s); v.play().catch(() => {}); }; // where nothing plays, the player says why
  strip.hidden = !data.heat.length || !data.length;
  of.textContent = data.heat_says;
  of.hidden = strip.hidden || !data.heat_says;
  buttons.hidden = strip.hidden || data.peaks.length < 2;
  if (strip.hidden) return null;
  const wide = (canvas.width = Math.max(300, 2 * strip.clientWidth)), high = (canvas.height = 56);
  const brush = canvas.getContext("2d");
  brush.fillStyle = getComputedStyle(strip).getPropertyValue("--st-primary-color") || "orange";
  for (const [from_s, to_s, strength] of data.heat) {
    const x = (wide * from_s) / data.length, width = Math.max(2, (wide * (to_s - from_s)) / data.length - 1);
    brush.globalAlpha = 0.18 + 0.82 * strength;
    const height = 3 + (high - 3) * strength;
    brush.fillRect(x, high - height, width, height);
  }
  strip.onclick = (event) => {
    const box = strip.getBoundingClientRect();
    playFrom(Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width)) * data.length);
  };
  const next = () => goTo(data.peaks.find((at_s) => at_s > v.currentTime + 0.05) ?? data.peaks[0] ?? v.currentTime);
  const before = () => goTo(data.peaks.findLast((at_s) => at_s < v.currentTime - 0.5) ?? data.peaks.at(-1) ?? v.currentTime);
  find("[data-testid=peak-next]").onclick = next;
  find("[data-testid=peak-before]").onclick = before;
  return { j: next, k: before };
}

// The keys that players have everywhere; they work without a click on the player first. Where matches are known,
// J and K lead from one to the next.
function takeKeys(v, frame_s, peaks) {
  document.removeEventListener("keydown", globalThis.reelseekKeys);
  globalThis.reelseekKeys = (event) => {
    const on = event.composedPath()[0];
    if (!v.isConnected || event.ctrlKey || event.metaKey || event.altKey || on.isContentEditable) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName)) return;
    const isFree = on === v || on === document.body; // elsewhere these belong to what has the focus
    const by = (seconds) => () => { v.currentTime = Math.max(0, v.currentTime + seconds); };
    const toggle = () => (v.paused ? v.play() : v.pause());
    const act = {
      k: toggle, j: by(-10), l: by(10), m: () => { v.muted = !v.muted; },
      f: () => (document.fullscreenElement ? document.exitFullscreen() : v.requestFullscreen()),
      ",": () => { v.pause(); by(-frame_s)(); }, ".": () => { v.pause(); by(frame_s)(); },
      ...peaks,
      ...(isFree && { " ": toggle, ArrowLeft: by(-5), ArrowRight: by(5) }),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  document.addEventListener("keydown", globalThis.reelseekKeys);
}
