"use strict";
const specs = JSON.parse(document.getElementById("specs").textContent);

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
      columns: Math.max(1, Math.floor(width / 165)) },
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
  const box = chart.closest("figure").querySelector(".switch input");
  const spec = scaled(specs[chart.dataset.plot], box ? box.checked : null);
  spec.height = chart.clientWidth < 480 ? 210 : 260;
  try {
    await vegaEmbed(chart, spec, { renderer: "svg", actions: false,
      config: config(chart.clientWidth) });
  } catch (error) {
    chart.textContent = "This chart could not be drawn: " + error;
    chart.classList.add("failed");
  }
}

for (const chart of document.querySelectorAll(".chart")) draw(chart);
for (const box of document.querySelectorAll(".switch input")) {
  box.addEventListener("change", () => draw(box.closest("figure").querySelector(".chart")));
}
