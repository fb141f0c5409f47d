// Not seen: hands the strips of heat to the tiles, and asks for the next one until all are there.
export default function ({ parentElement, data, setTriggerValue }) {
  globalThis.reelseekStrips = data;
  document.dispatchEvent(new Event("reelseek-strips"));
  const mark = parentElement.querySelector("i");
  if (!data.n_missing || mark.dataset.n === data.n) return; // drawn again without a run in between
  mark.dataset.n = data.n;
  setTriggerValue("next", { n: data.n });
}
