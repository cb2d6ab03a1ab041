/**
 * The curves as SVG: the 99th percentile over the load, a line for each policy, and the range over the seeds behind
 * it. Scales and ticks are d3's; the rest is a page of markup, for which no library that draws without a browser is
 * small enough.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import type { Summary } from "./summary.ts";

const width = 860;
const height = 480;
const margin = { top: 44, right: 190, bottom: 48, left: 64 };
const right = width - margin.right;
const bottom = height - margin.bottom;

/** Told apart by the colour-blind as well: the palette of Okabe and Ito, then the same with dashes. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666"];

/** A picture of all summaries, standing alone: an SVG document. */
export function drawChart(title: string, summaries: readonly Summary[]): string {
  const loads = summaries.map(({ load }) => load);
  const tops = summaries.map(({ mostP99Ms }) => mostP99Ms);
  const floors = summaries.map(({ floorP99Ms }) => floorP99Ms);
  const x = scaleLinear([Math.min(...loads), Math.max(...loads)], [margin.left, right]);
  const y = scaleLog([Math.min(...floors, ...tops) * 0.9, Math.max(...tops) * 1.1], [bottom, margin.top]);
  const byPolicy = [...Map.groupBy(summaries, ({ policy }) => policy)];
  const place = (load: number, ms: number): string => `${x(load).toFixed(1)},${y(ms).toFixed(1)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${margin.left}" y="24" font-size="15">${escape(title)}: 99th percentile (ms) over load</text>`,
    ...rules(
      y.ticks(8),
      (ms) => y(ms),
      x.ticks(8),
      (load) => x(load),
    ),
    ...byPolicy.flatMap(([policy, points], index) => curve(policy, points, index, place)),
    "</svg>",
    "",
  ].join("\n");
}

function rules(
  times: readonly number[],
  y: (ms: number) => number,
  loads: readonly number[],
  x: (load: number) => number,
): string[] {
  return [
    ...times.map((ms) => {
      const at = y(ms).toFixed(1);
      return `<path d="M${margin.left} ${at}H${right}" stroke="#ddd"/><text x="${margin.left - 8}" y="${at}" dy="4" text-anchor="end">${ms}</text>`;
    }),
    ...loads.map((load) => {
      const at = x(load).toFixed(1);
      return `<path d="M${at} ${bottom}v5" stroke="#333"/><text x="${at}" y="${bottom + 20}" text-anchor="middle">${load}</text>`;
    }),
    `<path d="M${margin.left} ${bottom}H${right}" stroke="#333"/>`,
    `<text x="${(margin.left + right) / 2}" y="${height - 10}" text-anchor="middle">load</text>`,
  ];
}

function curve(
  policy: string,
  points: readonly Summary[],
  index: number,
  place: (load: number, ms: number) => string,
): string[] {
  const colour = colours[index % colours.length] ?? "black";
  const dashes = index < colours.length ? "" : ' stroke-dasharray="5 3"';
  const line = points.map(({ load, p99Ms }) => place(load, p99Ms));
  const band = [
    ...points.map(({ load, leastP99Ms }) => place(load, leastP99Ms)),
    ...points.toReversed().map(({ load, mostP99Ms }) => place(load, mostP99Ms)),
  ];
  const legendY = margin.top + 8 + 18 * index;
  return [
    `<path d="M${band.join("L")}Z" fill="${colour}" opacity="0.15"/>`,
    `<path d="M${line.join("L")}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    ...line.map((point) => {
      const [cx, cy] = point.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    }),
    `<path d="M${right + 16} ${legendY}h22" stroke="${colour}" stroke-width="2"${dashes}/>`,
    `<text x="${right + 44}" y="${legendY}" dy="4">${escape(policy)}</text>`,
  ];
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
