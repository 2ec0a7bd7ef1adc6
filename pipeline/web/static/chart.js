// Draws the comparison. Expressions are interpreted, never compiled: the page allows no eval.
"use strict";

async function draw(place) {
  const answer = await fetch(place.dataset.spec);
  if (!answer.ok) return;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = getComputedStyle(document.body).color;
  const spec = await answer.json();
  spec.width = Math.max(place.clientWidth - 28, 240);
  spec.config = {
    ...spec.config,
    axis: { ...spec.config.axis, labelColor: ink, titleColor: ink, gridColor: dark ? "#35403b" : "#e3e5df", gridOpacity: 1 },
    legend: { ...spec.config.legend, labelColor: ink },
  };
  if (spec.width < 480) spec.encoding.y.axis.labelLimit = 110;
  if (dark) spec.encoding.color.scale.range = ["#62c7ad", "#e0ae52"];
  const indonesian = document.documentElement.lang === "id";
  const locale = vega.locale(indonesian ? { decimal: ",", thousands: ".", grouping: [3], currency: ["Rp", ""] } : {});
  const runtime = vega.parse(vegaLite.compile(spec, { logger: vega.logger(vega.Error) }).spec, {}, { ast: true });
  const view = new vega.View(runtime, {
    expr: vegaInterpreter.expressionInterpreter,
    renderer: "svg",
    hover: false,
    locale,
    logLevel: vega.Error,
  });
  place.replaceChildren();
  await view.initialize(place).runAsync();
  place.dataset.drawn = "true";
}

const place = document.getElementById("chart");
if (place) draw(place);
