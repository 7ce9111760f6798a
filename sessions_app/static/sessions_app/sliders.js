// Says beside each slider what it stands at, and sends the value that it stands for.
"use strict";

(() => {
  function valueAt(slider) {
    const { low, high, scale, steps } = slider.dataset;
    const share = Number(slider.value) / Number(steps);
    const [least, most] = [Number(low), Number(high)];
    return scale === "log" && least > 0
      ? least * (most / least) ** share
      : least + (most - least) * share;
  }

  function show(slider) {
    const { at, shown } = slider.dataset;
    const unit = shown.replace(/^[−\d.,]+/, "");
    // Where it was measured it says what was measured, to all its digits.
    const moved = slider.value !== at;
    const value = Number(valueAt(slider).toPrecision(4));
    const field = slider.closest(".field");
    field.querySelector("output").textContent = moved ? `${value}`.replace("-", "−") + unit : shown;
    const sent = field.querySelector("input[type=hidden]");
    sent.value = value;
    sent.disabled = !moved;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-at]")) {
      show(event.target);
    }
  });
  document.addEventListener("reset", (event) => {
    // The form is put back after this event.
    window.setTimeout(() => {
      event.target.querySelectorAll("[data-at]").forEach(show);
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
})();
