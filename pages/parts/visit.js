// Goes to another page of the app as a link does: one step of the browser's history, no new session.
// Stands before the code of each component; see component.py.
function visit(href, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"]({}, "", href);
  dispatchEvent(new PopStateEvent("popstate", { state: {} })); // Streamlit follows the address
}

function linkTo(a, href) {
  a.href = href;
  a.onclick = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    visit(href);
  };
}
