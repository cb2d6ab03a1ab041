/**
 * Curves as SVG: a line for each series, and the range over the seeds behind it. Scales and ticks are d3's; the rest is
 * a page of markup, for which no library that draws without a browser is small enough.
 */
import { scaleLinear, scaleLog } from "d3-scale";

const width = 860;
const height = 480;
const margin = { top: 44, right: 190, bottom: 48, left: 64 };
const right = width - margin.right;
const bottom = height - margin.bottom;

/** Told apart by the colour-blind as well: the palette of Okabe and Ito, then the same with dashes. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666"];

const mostDots = 40;

export interface Point {
  readonly x: number;
  /** The mean, and the range over the seeds. */
  readonly y: number;
  readonly least: number;
  readonly most: number;
}

export interface Chart {
  readonly title: string;
  /** What is to the right. */
  readonly across: string;
  /** Logarithmic for what differs by factors, with the least that it has to show. */
  readonly up: { readonly scale: "log"; readonly least: number } | { readonly scale: "linear" };
  readonly series: ReadonlyMap<string, readonly Point[]>;
}

/** The picture, standing alone: an SVG document. */
export function drawChart({ title, across, up, series }: Chart): string {
  const points = [...series.values()].flat();
  const xs = points.map(({ x }) => x);
  const tops = points.map(({ most }) => most);
  const x = scaleLinear([Math.min(...xs), Math.max(...xs)], [margin.left, right]);
  const y =
    up.scale === "log"
      ? scaleLog([Math.min(up.least, ...tops) * 0.9, Math.max(...tops) * 1.1], [bottom, margin.top])
      : scaleLinear([0, Math.max(...tops) * 1.1], [bottom, margin.top]);
  const place = (atX: number, atY: number): string => `${x(atX).toFixed(1)},${y(atY).toFixed(1)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${margin.left}" y="24" font-size="15">${escape(title)}</text>`,
    ...rules(
      across,
      y.ticks(8),
      (at) => y(at),
      x.ticks(8),
      (at) => x(at),
    ),
    ...[...series].flatMap(([name, line], index) => curve(name, line, index, place)),
    "</svg>",
    "",
  ].join("\n");
}

function rules(
  across: string,
  ups: readonly number[],
  y: (at: number) => number,
  acrosses: readonly number[],
  x: (at: number) => number,
): string[] {
  return [
    ...ups.map((tick) => {
      const at = y(tick).toFixed(1);
      return `<path d="M${margin.left} ${at}H${right}" stroke="#ddd"/><text x="${margin.left - 8}" y="${at}" dy="4" text-anchor="end">${tick}</text>`;
    }),
    ...acrosses.map((tick) => {
      const at = x(tick).toFixed(1);
      return `<path d="M${at} ${bottom}v5" stroke="#333"/><text x="${at}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`;
    }),
    `<path d="M${margin.left} ${bottom}H${right}" stroke="#333"/>`,
    `<text x="${(margin.left + right) / 2}" y="${height - 10}" text-anchor="middle">${escape(across)}</text>`,
  ];
}

function curve(
  name: string,
  points: readonly Point[],
  index: number,
  place: (x: number, y: number) => string,
): string[] {
  const colour = colours[index % colours.length] ?? "black";
  const dashes = index < colours.length ? "" : ' stroke-dasharray="5 3"';
  const line = points.map(({ x, y }) => place(x, y));
  const band = [
    ...points.map(({ x, least }) => place(x, least)),
    ...points.toReversed().map(({ x, most }) => place(x, most)),
  ];
  const legendY = margin.top + 8 + 18 * index;
  return [
    `<path d="M${band.join("L")}Z" fill="${colour}" opacity="0.15"/>`,
    `<path d="M${line.join("L")}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    // More of them would be a thick line.
    ...(line.length > mostDots ? [] : line).map((point) => {
      const [cx, cy] = point.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    }),
    `<path d="M${right + 16} ${legendY}h22" stroke="${colour}" stroke-width="2"${dashes}/>`,
    `<text x="${right + 44}" y="${legendY}" dy="4">${escape(name)}</text>`,
  ];
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
