// Takes files and folders, sends two at a time to our own route, and shows how far each has come.
// The queue belongs to the browser's tab, not to the page: going elsewhere in the app stops nothing.
const queue = (globalThis.reelseekUploads ??= { items: [], active: 0, draw: null, done: null });
const VIDEO = /\.(3g2|3gp|asf|avi|divx|dv|flv|gif|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|mxf|ogm|ogv|ts|vob|webm|wmv|y4m)$/i;

export default function ({ parentElement, setTriggerValue }) {
  const zone = parentElement.querySelector(".zone"), input = parentElement.querySelector("input");
  const list = parentElement.querySelector("ul");
  queue.done = (item) => setTriggerValue("added", { n: Date.now(), id: item.id });
  queue.draw = () => list.replaceChildren(...queue.items.map(row));
  zone.ondragover = (e) => { e.preventDefault(); zone.classList.add("over"); };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = async (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    const entries = [...e.dataTransfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean);
    add(entries.some((x) => x.isDirectory) ? (await Promise.all(entries.map((x) => walk(x, 0)))).flat() : [...e.dataTransfer.files]);
  };
  input.onchange = () => { add([...input.files]); input.value = ""; };
  queue.draw();
}

async function walk(entry, depth) {
  if (entry.isFile) {
    const file = await new Promise((ok, no) => entry.file(ok, no));
    return depth && !VIDEO.test(file.name) ? [] : [file]; // of a folder only what looks like a video
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const part = await new Promise((ok, no) => reader.readEntries(ok, no));
    if (!part.length) break;
    for (const child of part) if (!child.name.startsWith(".")) found.push(...(await walk(child, depth + 1)));
  }
  return found;
}

function add(files) {
  for (const file of files) queue.items.push({ file, name: file.name, size: file.size, state: "waiting", sent: 0 });
  next();
}

function next() {
  while (queue.active < 2) {
    const item = queue.items.find((i) => i.state === "waiting");
    if (!item) break;
    send(item);
  }
  globalThis.onbeforeunload = queue.active ? (e) => { e.preventDefault(); return ""; } : null;
  queue.draw?.();
}

function send(item) {
  const request = (item.request = new XMLHttpRequest());
  item.state = "sending";
  item.since = performance.now();
  queue.active += 1;
  request.upload.onprogress = (e) => { item.sent = e.loaded; queue.draw?.(); };
  request.onloadend = () => {
    queue.active -= 1;
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* no answer: the sentence below */ }
    if (request.status === 200) {
      item.state = "done";
      item.already = answer.already;
      item.id = answer.video_id;
      queue.done?.(item);
    } else if (item.state !== "stopped") {
      item.state = "failed";
      item.why = answer.error || "The upload broke off. Check that Reelseek still runs, then drop the file again.";
    }
    item.file = item.request = null;
    next();
  };
  request.open("PUT", "/api/upload?name=" + encodeURIComponent(item.name));
  request.setRequestHeader("X-Reelseek", "upload");
  request.send(item.file);
}

function row(item) {
  const li = document.createElement("li");
  li.setAttribute("data-testid", "upload");
  li.dataset.state = item.state;
  const part = (name, text) => { const e = document.createElement("span"); e.className = name; e.textContent = text; li.append(e); return e; };
  part("name", item.name);
  part("what", words(item));
  const button = document.createElement("button");
  button.type = "button";
  const running = item.state === "sending" || item.state === "waiting";
  button.textContent = running ? "Stop" : "Clear";
  button.setAttribute("aria-label", button.textContent + " " + item.name);
  button.onclick = () => {
    if (running) { item.state = "stopped"; item.request?.abort(); }
    queue.items = queue.items.filter((i) => i !== item);
    next();
  };
  li.append(button);
  if (item.state === "sending") {
    const line = part("line", ""), fill = document.createElement("i");
    fill.style.width = 100 * item.sent / Math.max(1, item.size) + "%";
    line.append(fill);
  }
  if (item.why) part("why", item.why);
  return li;
}

function words(item) {
  if (item.state === "waiting") return "Waiting";
  if (item.state === "done") return item.already ? "Already in your library" : "Sent";
  if (item.state === "failed") return "Not added";
  if (item.sent >= item.size) return "Checking…";
  const speed = item.sent / Math.max(0.2, (performance.now() - item.since) / 1000);
  return Math.floor(100 * item.sent / Math.max(1, item.size)) + " % · " + (speed / 1e6).toFixed(speed < 1e7 ? 1 : 0) + " MB/s";
}
