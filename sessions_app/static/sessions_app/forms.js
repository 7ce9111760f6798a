// Shows only what belongs to the choices that were made; without it, what does not belong is ignored.
// Takes files that are dropped, and lets go of those that the server keeps.
"use strict";

const form = document.querySelector("main form.start");

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
  for (const button of form.querySelectorAll(".asked button[type=submit]")) {
    button.disabled = !allowed;
  }
}

// A file that cannot be taken is not sent at all: the server would end the connection half way.
function tooLarge(input) {
  const large = [...input.files].some((file) => file.size > Number(form.dataset.most));
  input.closest(".drop").querySelector(".too-large").hidden = !large;
  if (large) {
    input.value = "";
  }
  return large;
}

form.addEventListener(
  "change",
  (event) => {
    if (event.target.type === "file" && tooLarge(event.target)) {
      event.stopImmediatePropagation();
      return;
    }
    show();
  },
  true,
);

for (const area of form.querySelectorAll(".drop")) {
  const input = area.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => {
      event.preventDefault();
      area.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    area.addEventListener(name, () => area.classList.remove("over"));
  }
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length > 0) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

// What the server keeps is not sent again with each change.
document.body.addEventListener("htmx:after:swap", () => {
  for (const input of form.querySelectorAll("input[type=file]")) {
    if (form.querySelector(`[name=${input.name}_kept]`)) {
      input.value = "";
    }
  }
});
const notSent = document.getElementById("not-sent");
document.body.addEventListener("htmx:error", () => (notSent.hidden = false));
document.body.addEventListener("htmx:before:response", () => (notSent.hidden = true));

form.addEventListener("submit", () => {
  // What was pressed is sent with the form, so that it is not disabled before.
  setTimeout(() => allow(false));
});
// A browser that comes back to the page restores the choices after it was loaded.
window.addEventListener("pageshow", () => {
  allow(true);
  show();
});
show();
