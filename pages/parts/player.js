// Plays one stretch of a video from its exact start, pauses once at its end, then leaves the viewer free.
export default function ({ parentElement, data, setTriggerValue }) {
  const v = parentElement.querySelector("video"), note = parentElement.querySelector("p");
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  const same = v.dataset.src === data.src, again = v.dataset.nonce === String(data.nonce);
  if (same && again) return; // a plain rerun: leave playback alone
  v.dataset.src = data.src;
  v.dataset.nonce = data.nonce;
  say("");
  v.setAttribute("aria-label", data.label);
  v.poster = data.poster || "";
  let stop = data.end; // null: play on
  const go = () => {
    v.currentTime = data.start;
    if (data.autoplay) v.play().catch(() => say("Press play: this browser starts no sound by itself."));
  };
  const fail = (text) => { say(text); setTriggerValue("failed", data.src); };
  v.ontimeupdate = () => { if (stop !== null && v.currentTime >= stop) { v.pause(); stop = null; } };
  v.onseeking = () => { if (stop !== null && (v.currentTime > stop || v.currentTime < data.start - 0.5)) stop = null; };
  v.onerror = () => fail("This browser cannot play this file.");
  v.onloadeddata = () => { if (!v.videoWidth) fail("This browser has no decoder for the picture of this file."); };
  v.onloadedmetadata = go;
  if (same && v.readyState) go(); else v.src = data.src;
}
