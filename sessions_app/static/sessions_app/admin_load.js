// Shows how far the load of a table is, until it has ended.
"use strict";

const PAUSE_MS = 1000;

async function look() {
  const shown = document.getElementById("load");
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("load");
      if (now && now.innerHTML !== shown.innerHTML) shown.replaceWith(now);
      if (now && !("underway" in now.dataset)) return location.reload();
    }
  } catch {
    // The server may be away for a moment.
  }
  setTimeout(look, PAUSE_MS);
}

setTimeout(look, PAUSE_MS);
