// Asks once a second where a session stands, and shows its result when it has ended.
"use strict";

const shown = document.getElementById("progress");
const bar = shown.querySelector("progress");
const percent = shown.querySelector(".percent");
const step = shown.querySelector(".step");
const state = document.querySelector("header .status");

async function look() {
  try {
    const answer = await fetch(shown.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const standing = await answer.json();
      if (!["queued", "running"].includes(standing.status)) {
        window.location.reload();
        return;
      }
      state.textContent = standing.status;
      bar.value = standing.percent;
      percent.textContent = `${Math.round(standing.percent)} %`;
      // Screen readers read each change: what follows the step's name changes all the time.
      const name = standing.step.split(":")[0];
      if (step.textContent !== name) {
        step.textContent = name;
      }
    }
  } catch {
    // The server or the network is away for a moment.
  }
  window.setTimeout(look, 1000);
}

window.setTimeout(look, 1000);
