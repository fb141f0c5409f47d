// Not seen: a picture that is pasted, or dropped anywhere on the page, is one to search by.
export default function ({ parentElement, setTriggerValue }) {
  const note = parentElement.querySelector("p");
  const pictureOf = (transfer) => [...(transfer?.files || [])].find((file) => file.type.startsWith("image/"));
  const listen = {
    paste: (event) => isText(event) || take(event, pictureOf(event.clipboardData)),
    drop: (event) => take(event, pictureOf(event.dataTransfer)),
    dragover: (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); },
  };
  const stop = () => Object.entries(note.listen || {}).forEach(([kind, on]) => document.removeEventListener(kind, on));
  stop(); // this code runs again whenever the page does
  note.listen = listen;
  Object.entries(listen).forEach(([kind, on]) => document.addEventListener(kind, on));
  note.dataset.testid = "pasting";
  return stop;

  // Office programs put a picture of the text beside it: in a field, the text is meant.
  function isText(event) {
    const on = event.composedPath()[0];
    const isField = on.isContentEditable || /^(INPUT|TEXTAREA)$/.test(on.tagName);
    return isField && event.clipboardData?.types.includes("text/plain");
  }
  function take(event, file) {
    if (!file || event.defaultPrevented) return;
    event.preventDefault();
    takePicture(file, note, setTriggerValue);
  }
}
