// Shows only what belongs to the choices that were made; without it, what does not belong is ignored.
"use strict";

const form = document.querySelector("main form[method=post]");

function show() {
  const chosen = new FormData(form);
  const own = chosen.get("data_source") === "user";
  for (const group of form.querySelectorAll("[data-model]")) {
    group.hidden = group.dataset.model !== chosen.get("model_type");
  }
  for (const group of form.querySelectorAll(".own-files")) {
    group.hidden = !own;
  }
  for (const box of form.querySelectorAll("[name=label_derived_columns]")) {
    const belongs = box.value.startsWith(`${chosen.get("mission")}.`);
    // With the mission's name, which stands above its columns.
    box.closest("div").parentElement.hidden = !belongs;
  }
}

// A second click while files are on their way would start a second session.
function allow(allowed) {
  form.querySelector("button[type=submit]").disabled = !allowed;
}

form.addEventListener("change", show);
form.addEventListener("submit", () => allow(false));
// A browser that comes back to the page restores the choices after it was loaded.
window.addEventListener("pageshow", () => {
  allow(true);
  show();
});
show();
