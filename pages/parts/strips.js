// Not seen: keeps the strips of heat for the tiles, and asks for the next one until all are there. Each comes once;
// what came is said with the next question.
export default function ({ parentElement, data, setTriggerValue }) {
  const { named, strips, n, n_missing } = data, kept = globalThis.reelseekStrips;
  globalThis.reelseekStrips = { named, strips: { ...(kept?.named === named && kept.strips), ...strips } };
  document.dispatchEvent(new Event("reelseek-strips"));
  const mark = parentElement.querySelector("i");
  if (!n_missing || mark.dataset.n === n) return; // drawn again without a run in between
  mark.dataset.n = n;
  setTriggerValue("next", { n, named, got: Object.keys(strips) });
}
