// Tells when what deepens a first answer is there; whoever reads meanwhile is not disturbed.
"use strict";

const evidence = document.getElementById("evidence");
const told = evidence.querySelector("[role=status]");

async function lookForEvidence() {
  try {
    const answer = await fetch(evidence.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).status !== "running") {
      told.textContent = "everything is there.";
      evidence.querySelector("a").hidden = false;
      return;
    }
  } catch {
    // The server or the network is away for a moment.
  }
  window.setTimeout(lookForEvidence, 2000);
}

window.setTimeout(lookForEvidence, 2000);
