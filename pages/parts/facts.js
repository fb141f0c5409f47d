// A heading and a list of facts. Everything goes in as text.
export default function ({ parentElement, data }) {
  const put = (into, kind, text) => {
    const e = document.createElement(kind);
    e.textContent = text;
    into.append(e);
    return e;
  };
  const box = document.createDocumentFragment();
  if (data.title) put(box, "h" + data.level, data.title).title = data.title;
  if (data.below) put(box, "p", data.below);
  if (data.rows.length) {
    const list = put(box, "dl", "");
    list.className = data.stacked ? "stacked" : "";
    for (const [name, text] of data.rows) {
      const row = put(list, "div", "");
      put(row, "dt", name);
      put(row, "dd", text);
    }
  }
  parentElement.querySelector(".facts").replaceChildren(box);
}
