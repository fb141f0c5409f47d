// The list of what is on its way. A poll changes rows in place: no button vanishes under a finger.
export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  list.setAttribute("aria-label", data.label);
  const old = new Map([...list.children].map((li) => [li.dataset.id, li]));
  const rows = data.rows.map((row) => fill(old.get(row.id) || make(), row));
  if (rows.length !== list.children.length || rows.some((li, i) => list.children[i] !== li)) {
    list.replaceChildren(...rows);
  }

  function make() {
    const li = document.createElement("li");
    li.innerHTML = '<span class="picture"><img loading="lazy" alt=""></span><a class="name"></a>' +
      '<span class="about"></span><span class="words"></span><span class="pace"></span><span class="buttons"></span>' +
      '<span class="line" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></span>' +
      '<span class="error"></span>';
    const image = li.querySelector("img");
    image.onload = () => {
      frameWhole(image, image.parentElement);
      image.style.opacity = 1;
    };
    image.onerror = () => {
      image.parentElement.classList.remove("tall");
      image.style.opacity = 0;
    };
    return li;
  }
  function fill(li, row) {
    const put = (name, text) => {
      const e = li.querySelector(name);
      if (e.textContent !== text) e.textContent = text;
      e.hidden = !text;
    };
    li.dataset.id = row.id;
    li.dataset.state = row.state;
    li.dataset.kind = row.kind;
    li.setAttribute("data-testid", "job");
    li.className = "st-key-job-" + row.id;
    for (const name of ["name", "about", "words", "pace", "error"]) put("." + name, row[name]);
    const image = li.querySelector("img");
    image.hidden = !row.image;
    if (row.image && image.getAttribute("src") !== row.image) image.src = row.image;
    const line = li.querySelector(".line");
    line.hidden = row.fraction == null;
    line.setAttribute("aria-label", row.words + " " + row.name);
    line.setAttribute("aria-valuenow", Math.round(100 * (row.fraction || 0)));
    line.firstElementChild.style.width = 100 * (row.fraction || 0) + "%";
    press(li.querySelector(".buttons"), row);
    const name = li.querySelector(".name");
    if (row.href) linkTo(name, row.href);
    else name.removeAttribute("href");
    return li;
  }
  function press(box, row) {
    while (box.children.length > row.buttons.length) box.lastElementChild.remove();
    row.buttons.forEach((one, i) => {
      const button = box.children[i] || box.appendChild(document.createElement("button"));
      button.type = "button";
      if (button.textContent !== one.label) button.textContent = one.label;
      button.className = one.act + (one.quiet ? " quiet" : "");
      button.setAttribute("aria-label", one.label + " " + row.name);
      button.onclick = () => {
        if (one.act === "open") visit(row.href);
        else setTriggerValue("clicked", { act: one.act, id: row.id, n: Date.now() });
      };
    });
  }
}
