// Not seen: keeps what comes to the tiles after they are drawn, and asks for more until all of it is there. Strips and
// reasons come once; what came is said with the next question. Edges are all that are known.
export default function ({ parentElement, data, setTriggerValue }) {
  const { named, strips, reasons, edges, n, n_missing } = data, last = globalThis.reelseekStrips;
  const kept = last?.named === named ? last : {};
  globalThis.reelseekStrips = {
    named, edges, strips: { ...kept.strips, ...strips }, reasons: { ...kept.reasons, ...reasons },
  };
  document.dispatchEvent(new Event("reelseek-strips"));
  const mark = parentElement.querySelector("i");
  if (!n_missing || mark.dataset.n === n) return; // drawn again without a run in between
  mark.dataset.n = n;
  setTriggerValue("next", { n, named, got: [...Object.keys(strips), ...Object.keys(reasons)] });
}
