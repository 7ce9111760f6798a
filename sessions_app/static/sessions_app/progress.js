// Follows a session: asks where it stands and, whenever that has changed, for the page's own words.
"use strict";

(() => {
  const shown = document.getElementById("progress");
  const told = document.getElementById("told");
  const title = document.title;
  const LEAST_PAUSE = 1000;
  let last = "";

  async function look() {
    const begun = Date.now();
    try {
      const answer = await fetch(`${shown.dataset.address}?wait=20`, {
        headers: { Accept: "application/json" },
      });
      if (answer.ok) {
        const text = await answer.text();
        const standing = JSON.parse(text);
        if (!["queued", "running"].includes(standing.status)) {
          window.location.reload();
          return;
        }
        document.title = `${Math.round(standing.percent)} % · ${title}`;
        if (text !== last) {
          last = text;
          await htmx.ajax("GET", shown.dataset.words, { target: "#progress", swap: "innerHTML" });
        }
        // Screen readers read each change: what follows the step's name changes all the time.
        const name = standing.step.split(":")[0];
        if (told.textContent !== name) {
          told.textContent = name;
        }
      }
    } catch {
      // The server or the network is away for a moment.
    }
    window.setTimeout(look, Math.max(0, LEAST_PAUSE - (Date.now() - begun)));
  }

  look();
})();
