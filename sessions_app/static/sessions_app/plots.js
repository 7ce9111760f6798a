// Draws each figure's plot when it comes into sight, in the page's theme, and again when that changes.
"use strict";

(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const MOST_AS_SVG = 1500;
  const NARROW = 720;
  const PHONE = 420;
  // What stands beside a panel: its axis with numbers and title, and the plot's own padding.
  const BESIDE = 90;
  const views = new WeakMap();
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.addEventListener("DOMContentLoaded", () => document.body.append(tip));

  function written(value) {
    return typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value);
  }

  function point(_handler, event, _item, told) {
    tip.hidden = !told || typeof told !== "object";
    if (tip.hidden) {
      return;
    }
    const list = document.createElement("dl");
    for (const [name, value] of Object.entries(told)) {
      if (value !== null && value !== "") {
        list.append(
          Object.assign(document.createElement("dt"), { textContent: name }),
          Object.assign(document.createElement("dd"), { textContent: written(value) }),
        );
      }
    }
    tip.replaceChildren(list);
    const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 8) + window.scrollX}px`;
    tip.style.top = `${event.clientY + window.scrollY + 14}px`;
  }

  function rowsOf(part) {
    const own = part.data?.values?.length ?? 0;
    const below = [...(part.layer ?? []), ...(part.hconcat ?? []), ...(part.vconcat ?? [])];
    return below.reduce((sum, one) => sum + rowsOf(one), own);
  }

  // On a narrow page words are broken or cut before they push the plot out of it.
  function narrowed(spec, width) {
    if (width >= NARROW) {
      return spec;
    }
    const letters = Math.floor(width / 8.6);
    const lines = [""];
    for (const word of spec.title.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (longer.length > letters && lines.at(-1)) {
        lines.push(word);
      } else {
        lines[lines.length - 1] = longer;
      }
    }
    const { axis, legend, ...config } = spec.config;
    return {
      ...spec,
      title: lines,
      config: {
        ...config,
        axis: {
          ...axis,
          ...(width < PHONE && { labelFontSize: 11 }),
          labelLimit: width * 0.46,
          titleLimit: width * 0.85,
        },
        // A title in the middle of a short axis would be cut at the plot's edge.
        ...(width < PHONE && { axisX: { titleAnchor: "end" } }),
        legend: { ...legend, columns: width < PHONE ? 1 : 2 },
      },
    };
  }

  // Panels side by side share the width that there is, and stand below each other on a narrow page;
  // those that stand below each other anyway have all of it.
  function fitted(spec, width) {
    if (spec.vconcat) {
      const wide = Math.max(width - BESIDE, 180);
      return { ...spec, vconcat: spec.vconcat.map((panel) => ({ ...panel, width: wide })) };
    }
    if (!spec.hconcat) {
      return spec;
    }
    const { hconcat, ...rest } = spec;
    const narrow = width < NARROW;
    const each = narrow ? width - 110 : (width - 170) / hconcat.length;
    // What the panel to the left says for both, each says for itself when they stand apart.
    const apart = (panel) =>
      narrow ? JSON.parse(JSON.stringify(panel).replaceAll('"labels":false', '"labels":true')) : panel;
    const panels = hconcat.map((panel) => ({ ...apart(panel), width: Math.max(each, 180) }));
    return { ...rest, [narrow ? "vconcat" : "hconcat"]: panels };
  }

  async function draw(figure) {
    const drawing = figure.querySelector(".drawing");
    const address = new URL(figure.dataset.plot, window.location);
    address.searchParams.set("theme", dark.matches ? "dark" : "light");
    try {
      const answer = await fetch(address);
      if (!answer.ok) {
        const problem = await answer.json().catch(() => ({}));
        throw new Error(problem.detail ?? "");
      }
      const width = drawing.clientWidth;
      const spec = fitted(narrowed(await answer.json(), width), width);
      const compiled = vegaLite.compile(spec).spec;
      views.get(figure)?.finalize();
      const view = new vegaLite.View(vegaLite.parse(compiled, null, { ast: true }), {
        expr: vegaLite.expressionInterpreter,
        renderer: rowsOf(spec) > MOST_AS_SVG ? "canvas" : "svg",
        logLevel: vegaLite.Warn,
        container: drawing,
        hover: true,
      });
      view.tooltip(point);
      views.set(figure, view);
      await view.runAsync();
      // The figure says what it shows, and a table has its numbers: its thousand marks say nothing.
      drawing.querySelector("svg")?.setAttribute("aria-hidden", "true");
      figure.dataset.drawn = "yes";
      figure.dispatchEvent(new CustomEvent("plot-drawn", { detail: view }));
    } catch (error) {
      drawing.textContent = `This plot could not be drawn. ${error.message ?? ""}`;
    }
  }

  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) {
          sight.unobserve(target);
          draw(target);
        }
      }
    },
    { rootMargin: "300px" },
  );

  function watch(root) {
    for (const figure of root.querySelectorAll("figure.plot[data-plot]")) {
      sight.observe(figure);
    }
  }

  // What htmx brings later may hold figures too; what it takes away is no longer drawn.
  document.addEventListener("DOMContentLoaded", () => watch(document));
  document.addEventListener("htmx:after:swap", () => watch(document));
  dark.addEventListener("change", () => {
    for (const figure of document.querySelectorAll("figure.plot[data-drawn]")) {
      draw(figure);
    }
  });

  // A choice beside a figure, such as of a quantity, is a part of its plot's address.
  document.addEventListener("change", (event) => {
    const choice = event.target.closest("[data-plot-choice]");
    if (choice) {
      const figure = choice.closest("section").querySelector("figure.plot");
      const address = new URL(figure.dataset.plot, window.location);
      address.searchParams.set(choice.name, choice.value);
      figure.dataset.plot = address;
      draw(figure);
    }
  });
})();
