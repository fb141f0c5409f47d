// A picture dropped on the label, pasted anywhere on the page, or chosen; made small here, so that little is sent.
const LONG_SIDE_PX = 640;

export default function ({ parentElement, setTriggerValue }) {
  const label = parentElement.querySelector("label"), input = parentElement.querySelector("input");
  const note = parentElement.querySelector("p");
  input.onchange = () => take(input.files[0]);
  label.ondragover = (event) => { event.preventDefault(); label.classList.add("over"); };
  label.ondragleave = () => label.classList.remove("over");
  label.ondrop = (event) => {
    event.preventDefault();
    label.classList.remove("over");
    take(event.dataTransfer.files[0]);
  };
  const pasted = (event) => {
    const file = [...(event.clipboardData?.files || [])].find((f) => f.type.startsWith("image/"));
    if (file) { event.preventDefault(); take(file); }
  };
  document.addEventListener("paste", pasted);
  return () => document.removeEventListener("paste", pasted);

  async function take(file) {
    if (!file) return;
    note.hidden = true;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, LONG_SIDE_PX / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const base64 = canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
      setTriggerValue("taken", { base64, n: Date.now() });
    } catch {
      note.textContent = `${file.name || "This"} is no picture that this browser can read. Try a JPEG or PNG.`;
      note.hidden = false;
    }
    input.value = "";
  }
}
