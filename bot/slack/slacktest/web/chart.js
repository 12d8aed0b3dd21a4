// data_visualization blocks as inline SVG, coloured by the style sheet.

import { h } from "./text.js";

const WIDTH = 560;
const HEIGHT = 200;
const LEFT = 46;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 24;

export function chart(block) {
  const drawing = block.chart.type === "pie" ? pie(block.chart) : plot(block.chart);
  const names = block.chart.type === "pie" ? block.chart.segments.map((s) => `${s.label} ${s.value}`) : block.chart.series.map((s) => s.name);
  const axis = block.chart.axis_config ?? {};
  const titles = [axis.y_label, axis.x_label].filter(Boolean).join(" · ");
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, block.title, titles && h("span", { class: "axes" }, titles)),
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": summary(block) }, drawing),
    h("ul", { class: "legend" }, names.map((name, i) => h("li", { class: `series-${i}` }, name))),
  );
}

function summary(block) {
  const series = block.chart.segments
    ? block.chart.segments.map((s) => `${s.label} ${s.value}`)
    : block.chart.series.map((s) => `${s.name}: ${s.data.map((p) => `${p.label} ${p.value}`).join(", ")}`);
  return `${block.title}. ${series.join(". ")}`;
}

// scale answers round numbers that enclose the values.
function scale(values, fromZero) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (fromZero || low > 0 && low < high / 2) low = Math.min(0, low);
  if (high === low) high = low + 1;
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const ticks = [];
  for (let at = Math.floor(low / step) * step; at < high + step * 0.999; at += step) ticks.push(Number(at.toPrecision(12)));
  return ticks;
}

const label = (value) => new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 }).format(value);

function plot({ type, series, axis_config: axis }) {
  const values = series.flatMap((s) => s.data.map((p) => p.value));
  const ticks = scale(values, type !== "line");
  const [low, high] = [ticks[0], ticks.at(-1)];
  const count = axis.categories.length;
  const band = (WIDTH - LEFT - RIGHT) / count;
  const x = (i) => LEFT + band * (i + 0.5);
  const y = (value) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const every = Math.ceil(count / 8);
  const grid = ticks.map((tick) => [
    h("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
    h("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, label(tick)),
  ]);
  const categories = axis.categories.map((name, i) =>
    i % every ? null : h("text", { class: "tick", x: x(i), y: HEIGHT - 6, "text-anchor": "middle" }, name),
  );
  const marks = series.map((s, n) => {
    const points = s.data.map((p) => [x(axis.categories.indexOf(p.label)), y(p.value), p]);
    if (type === "bar") return bars(points, n, series.length, band, y(Math.max(0, low)));
    const path = points.map(([px, py], i) => `${i ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const floor = y(Math.max(0, low)).toFixed(1);
    return h(
      "g",
      { class: `series-${n}` },
      type === "area" ? h("path", { class: "fill", d: `${path}L${points.at(-1)[0].toFixed(1)} ${floor}L${points[0][0].toFixed(1)} ${floor}Z` }) : null,
      h("path", { class: "stroke", d: path }),
      points.map(([px, py]) => h("circle", { cx: px, cy: py, r: 2.2 })),
    );
  });
  return [...grid.flat(), ...categories, ...marks];
}

function bars(points, n, of, band, zero) {
  const width = Math.max(1, (band * 0.7) / of);
  return h(
    "g",
    { class: `series-${n}` },
    points.map(([px, py]) =>
      h("rect", {
        class: "bar-mark", x: px - (width * of) / 2 + width * n, width: width - 1, rx: 1.5,
        y: Math.min(py, zero), height: Math.max(1, Math.abs(zero - py)),
      }),
    ),
  );
}

function pie({ segments }) {
  const total = segments.reduce((sum, s) => sum + s.value, 0);
  const [cx, cy, r] = [WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 8];
  let angle = -Math.PI / 2;
  return segments.map((s, n) => {
    const to = angle + (s.value / total) * 2 * Math.PI;
    const point = (a) => `${(cx + r * Math.cos(a)).toFixed(2)} ${(cy + r * Math.sin(a)).toFixed(2)}`;
    const half = (angle + to) / 2;
    // Two arcs, so that a single segment of 100 % is drawn too.
    const arc = (a, wide) => `A${r} ${r} 0 ${wide} 1 ${point(a)}`;
    const d = `M${cx} ${cy}L${point(angle)}${arc(half, 0)}${arc(to, 0)}Z`;
    angle = to;
    return h("g", { class: `series-${n}` }, h("path", { class: "slice", d }));
  });
}
