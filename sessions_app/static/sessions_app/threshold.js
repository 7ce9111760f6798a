// Moves a threshold: the line in the plot, the counts and the shares together.
"use strict";

(() => {
  const counts = JSON.parse(document.getElementById("counts").textContent);
  const panel = document.getElementById("threshold");
  const slider = panel.querySelector("input");
  const figure = panel.closest("section").querySelector("figure.plot");
  let view = null;

  function show() {
    const at = Number(slider.value);
    const here = counts[Math.round(at * (counts.length - 1))];
    panel.querySelector("output").textContent = at.toFixed(2);
    for (const cell of panel.querySelectorAll("[data-count]")) {
      cell.textContent = here[cell.dataset.count];
    }
    for (const share of panel.querySelectorAll("[data-share]")) {
      const value = here[share.dataset.share];
      share.textContent = value === null ? "not defined" : value.toFixed(3);
    }
    view?.signal("threshold", at).runAsync();
  }

  figure.addEventListener("plot-drawn", (event) => {
    view = event.detail;
    show();
  });
  slider.addEventListener("input", show);
  window.addEventListener("pageshow", show);
  show();
})();
