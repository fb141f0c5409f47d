// A picture dropped on the label, or chosen. What is pasted, or dropped elsewhere, is for pasting.js.
export default function ({ parentElement, setTriggerValue }) {
  const label = parentElement.querySelector("label"), input = parentElement.querySelector("input");
  const take = (file) => file && takePicture(file, parentElement.querySelector("p"), setTriggerValue);
  input.onchange = () => take(input.files[0])?.then(() => { input.value = ""; });
  label.ondragover = (event) => { event.preventDefault(); label.classList.add("over"); };
  label.ondragleave = () => label.classList.remove("over");
  label.ondrop = (event) => {
    event.preventDefault();
    label.classList.remove("over");
    take(event.dataTransfer.files[0]);
  };
}
