// Takes files and folders, sends two at a time to our own route, and shows how far each has come.
// The queue belongs to the browser's tab, not to the page: going elsewhere in the app stops nothing.
const queue = (globalThis.reelseekUploads ??= { items: [], active: 0, draw: null, done: null });
queue.changed ??= new Set(); // items whose rows say what is no longer so
const VIDEO = /\.(3g2|3gp|asf|avi|divx|dv|f4v|flv|gif|m2ts|m2v|m4v|mkv|mov|mp4|mpeg|mpg|mts|mxf|ogm|ogv|qt|ts|vob|webm|wmv|y4m)$/i;
const AT_ONCE = 2;
const UNREADABLE = "Your browser may not read this. Check that you may open it, then drop it by itself.";

export default function ({ parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(name);
  const zone = find(".zone"), list = find("ul"), sum = find(".sum");
  let depth = 0; // dragging over a child leaves the zone and enters it again
  const light = (change) => { depth = Math.max(0, depth + change); zone.classList.toggle("over", depth > 0); };
  zone.ondragenter = (e) => { e.preventDefault(); light(1); };
  zone.ondragover = (e) => e.preventDefault();
  zone.ondragleave = () => light(-1);
  zone.ondrop = async (e) => {
    e.preventDefault();
    light(-depth);
    const files = [...e.dataTransfer.files]; // both lists are empty after the first await
    const entries = [...e.dataTransfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean);
    add(entries.some((x) => x.isDirectory) ? (await Promise.all(entries.map((x) => walk(x, 0)))).flat() : files);
  };
  for (const input of parentElement.querySelectorAll("input")) {
    input.onchange = () => {
      const files = [...input.files];
      add(input.webkitdirectory ? files.filter((f) => VIDEO.test(f.name) && !/(^|\/)\./.test(f.webkitRelativePath)) : files);
      input.value = "";
    };
  }
  find(".sum button").onclick = () => { queue.items = queue.items.filter(isRunning); soon(); };
  queue.done = (item) => list.isConnected && setTriggerValue("added", { n: Date.now(), id: item.id });
  queue.draw = () => draw(list, sum);
  queue.draw();
}

async function walk(entry, depth) {
  if (entry.isFile && depth && !VIDEO.test(entry.name)) return []; // of a folder only what looks like a video
  const found = [];
  try {
    if (entry.isFile) return [await new Promise((ok, no) => entry.file(ok, no))];
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (!part.length) break;
      for (const child of part) if (!child.name.startsWith(".")) found.push(...(await walk(child, depth + 1)));
    }
  } catch { // not allowed, or gone meanwhile: the rest of the folder is taken all the same
    queue.items.push({ file: null, name: entry.name, size: 0, state: "failed", sent: 0, why: UNREADABLE });
  }
  return found;
}

const isRunning = (item) => item.state === "sending" || item.state === "waiting";

function add(files) {
  if (!queue.items.some(isRunning)) queue.items = queue.items.filter((i) => i.state === "failed");
  for (const file of files) queue.items.push({ file, name: file.name, size: file.size, state: "waiting", sent: 0 });
  next();
}

function next() {
  while (queue.active < AT_ONCE) {
    const item = queue.items.find((i) => i.state === "waiting");
    if (!item) break;
    send(item);
  }
  globalThis.onbeforeunload = queue.active ? (e) => { e.preventDefault(); return ""; } : null;
  soon();
}

// Events come faster than pictures on the screen, and a folder may hold thousands of files.
function soon(...changed) {
  for (const item of changed) queue.changed.add(item);
  queue.frame ??= requestAnimationFrame(() => { queue.frame = null; queue.draw?.(); });
}

function send(item) {
  const request = (item.request = new XMLHttpRequest());
  soon(item);
  Object.assign(item, { state: "sending", sent: 0, why: "", marks: [[performance.now(), 0]] });
  queue.active += 1;
  request.upload.onprogress = (e) => {
    item.sent = e.loaded;
    item.marks = [...item.marks, [performance.now(), e.loaded]].slice(-40);
    soon(item);
  };
  request.onloadend = () => {
    queue.active -= 1;
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* no answer: the sentence below */ }
    if (request.status === 200) {
      Object.assign(item, { state: "done", already: answer.already, id: answer.video_id, file: null });
      queue.done?.(item);
    } else if (item.state !== "stopped") {
      item.state = "failed";
      item.why = answer.error || "The upload broke off. Check that Reelseek still runs, then try again.";
      if (request.status === 422) item.file = null; // the file itself is at fault: no use in sending it again
    }
    item.request = null;
    soon(item);
    next();
  };
  request.open("PUT", "/api/upload?name=" + encodeURIComponent(item.name));
  request.setRequestHeader("X-Reelseek", "upload");
  request.send(item.file);
}

function stop(item) {
  const request = item.request;
  Object.assign(item, { state: "stopped", file: null });
  queue.items = queue.items.filter((i) => i !== item);
  request?.abort();
  next();
}

// Rows change in place, for a button that is replaced under the mouse is never clicked.
function draw(list, sum) {
  for (const item of queue.items) if (!item.row || queue.changed.has(item)) fill((item.row ??= make(item)), item);
  queue.changed.clear();
  const rows = queue.items.map((i) => i.row);
  if (rows.length !== list.children.length || rows.some((r, i) => list.children[i] !== r)) list.replaceChildren(...rows);
  const n = (state) => queue.items.filter((i) => i.state === state).length;
  sum.hidden = queue.items.length < 2;
  sum.firstElementChild.textContent = [[n("waiting") + n("sending"), "to go"], [n("done"), "sent"], [n("failed"), "not added"]]
    .filter(([count]) => count).map(([count, what]) => count + " " + what).join(" · ");
}

function make(item) {
  const li = document.createElement("li");
  li.setAttribute("data-testid", "upload");
  li.innerHTML = '<span class="name"></span><a class="what"></a><button type="button"></button>' +
    '<span class="line" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></span><span class="why"></span>';
  li.querySelector(".name").textContent = item.name;
  li.querySelector(".line").setAttribute("aria-label", "Uploading " + item.name);
  return li;
}

function fill(li, item) {
  const find = (name) => li.querySelector(name);
  const put = (e, text) => { if (e.textContent !== text) e.textContent = text; };
  li.dataset.state = item.state;
  const what = find(".what"), button = find("button"), line = find(".line"), why = find(".why");
  put(what, words(item));
  if (item.id) linkTo(what, "/video?id=" + encodeURIComponent(item.id));
  const label = isRunning(item) ? "Stop" : item.state === "failed" && item.file ? "Try again" : "Clear";
  put(button, label);
  button.setAttribute("aria-label", label + " " + item.name);
  button.onclick = () => {
    if (label === "Try again") { item.state = "waiting"; soon(item); next(); } else stop(item);
  };
  const part = item.sent / Math.max(1, item.size);
  line.hidden = item.state !== "sending";
  line.setAttribute("aria-valuenow", Math.round(100 * part));
  line.firstElementChild.style.width = 100 * part + "%";
  why.hidden = !item.why || item.state !== "failed";
  put(why, item.why || "");
}

function words(item) {
  if (item.state === "waiting") return "Waiting";
  if (item.state === "done") return item.already ? "Already in your library" : "Sent";
  if (item.state === "failed") return "Not added";
  if (item.sent >= item.size) return "Checking…";
  const [since, before] = item.marks[0];
  const speed = (item.sent - before) / Math.max(0.2, (performance.now() - since) / 1000);
  const percent = Math.floor(100 * item.sent / Math.max(1, item.size)) + " %";
  if (!speed) return percent;
  return percent + " · " + (speed < 1e6 ? Math.round(speed / 1e3) + " kB/s" : (speed / 1e6).toFixed(speed < 1e7 ? 1 : 0) + " MB/s");
}
