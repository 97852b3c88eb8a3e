"use strict";
const specs = JSON.parse(document.getElementById("specs").textContent);
const pages = [...document.querySelectorAll("main#everything > article")];

// Colors are CSS variables: the browser resolves them in the SVG, also when it prints.
function config(width) {
  const text = { labelColor: "var(--muted)", titleColor: "var(--muted)",
    labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
  return {
    font: "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif",
    background: "transparent",
    view: { stroke: null },
    axis: { ...text, gridColor: "var(--line)", domainColor: "var(--line)",
      tickColor: "var(--line)", tickCount: 5, titlePadding: 8 },
    legend: { ...text, labelColor: "var(--ink)", orient: "top", symbolSize: 110, columnPadding: 14, labelLimit: 180,
      columns: Math.max(1, Math.floor(width / 215)) },
  };
}

function scaled(spec, isLog) {
  if (isLog === null) return spec;
  const copy = structuredClone(spec);
  copy.encoding.y.scale = isLog ? { ...spec.encoding.y.scale } :
    { type: "linear", domain: [0, spec.encoding.y.scale.domain[1]], nice: true };
  // A logarithm has no place for zero: such days leave a gap.
  if (isLog) copy.transform = [{ calculate: "datum.value > 0 ? datum.value : null", as: "value" }];
  return copy;
}

async function draw(chart) {
  chart.dataset.drawn = "yes";
  const box = chart.closest("figure").querySelector(".switch input");
  const spec = scaled(specs[chart.dataset.plot], box ? box.checked : null);
  spec.height ??= chart.clientWidth < 480 ? 210 : 260;
  try {
    // With a tree of the expressions nothing is evaluated as code: the policy forbids it.
    await vegaEmbed(chart, spec, { renderer: "svg", actions: false, ast: true,
      config: config(chart.clientWidth) });
  } catch (error) {
    chart.textContent = "This chart could not be drawn: " + error;
    chart.classList.add("failed");
  }
}

// A chart is drawn when it comes near the window: a page of twenty opens as fast as one of two.
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting && !entry.target.dataset.drawn) draw(entry.target);
  }
}, { rootMargin: "600px" });

function drawAll() {
  for (const chart of document.querySelectorAll(".chart")) {
    if (!chart.dataset.drawn && chart.clientWidth) draw(chart);
  }
}

// The file holds all pages; one is shown at a time, and every one where nothing runs or one prints.
function show() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const everything = location.hash === "#everything";
  const open = everything ? null : target?.closest("article") ?? pages[0];
  for (const page of pages) page.hidden = open !== null && page !== open;
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = open === null ? link.hash === "#everything" : link.hash === "#" + open.id;
    if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  if (everything) drawAll();
  if (target === open) scrollTo(0, 0); else target?.scrollIntoView();
}

if (pages.length > 1) {
  addEventListener("hashchange", show);
  show();
}
for (const chart of document.querySelectorAll(".chart")) near.observe(chart);
for (const box of document.querySelectorAll(".switch input")) {
  box.addEventListener("change", () => draw(box.closest("figure").querySelector(".chart")));
}
addEventListener("beforeprint", () => {
  for (const page of pages) page.hidden = false;
  drawAll();
});
addEventListener("afterprint", () => { if (pages.length > 1) show(); });
