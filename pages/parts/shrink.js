// Takes a file for a picture to search by, made small here, so that little is sent; `note` says why it is none.
// Stands before the code of the components that take pictures; see component.py.
const LONG_SIDE_PX = 640;

async function takePicture(file, note, setTriggerValue) {
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
}
