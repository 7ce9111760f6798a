"use strict";
// What Swagger UI leaves out: the dark as the system has it, names of choices, ways for the keyboard.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const name = (field) => {
  const row = field.closest("tr");
  const alone = field.matches("select") ? "Media type" : "Request body";
  const said = row?.querySelector(".parameter__name")?.firstChild?.textContent ?? alone;
  field.setAttribute("aria-label", said);
};
new MutationObserver(() => {
  document.querySelectorAll("#swagger-ui :is(select, textarea):not([aria-label], [id])").forEach(name);
  document.querySelectorAll("#swagger-ui pre:not([tabindex])").forEach((code) => { code.tabIndex = 0; });
}).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
