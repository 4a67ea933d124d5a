/**
 * A line plot as SVG: several series over one x-axis, with a second y-axis where two things of different units are shown.
 * Text and axes have the color of the page's text (in a file of its own: of the reader's light or dark scheme); series have
 * the colors of VS Code's charts where there are any, and differ by marks and dashes too.
 */

export interface LinePlot {
  /** Read aloud and shown above the plot. */
  readonly title: string;
  readonly xLabel: string;
  readonly leftLabel: string;
  /** The label of the second axis; needed when a series is on it. */
  readonly rightLabel?: string;
  readonly series: readonly PlotSeries[];
  /** Pixels, default 640 by 360. */
  readonly width?: number;
  readonly height?: number;
}

export interface PlotSeries {
  readonly label: string;
  /** [x, y] in the order of the line. A point that is not finite, or beyond 1e100, leaves a gap. */
  readonly points: readonly (readonly [number, number])[];
  /** Default left. Series on the right are dashed. */
  readonly axis?: "left" | "right";
}

const colors = [
  ["blue", "#2a6fdb"],
  ["red", "#c4432f"],
  ["green", "#2e8540"],
  ["purple", "#8246af"],
  ["orange", "#b35c00"],
  ["yellow", "#7a6a00"],
] as const;

const margin = { top: 34, bottom: 72, side: 62 } as const;
const WANTED_TICKS = 5;
/** Sums and differences of values stay numbers. */
const LARGEST = 1e100;

export function linePlot(plot: LinePlot): string {
  const { title, xLabel, leftLabel, rightLabel, series, width = 640, height = 360 } = plot;
  const left = margin.side;
  const right = width - margin.side;
  const top = margin.top;
  const bottom = height - margin.bottom;
  const on = (axis: "left" | "right") => series.filter((it) => (it.axis ?? "left") === axis);
  const x = scaleOf(valuesOf(series, 0), { from: left, to: right }, { isTight: true });
  const y = {
    left: scaleOf(valuesOf(on("left"), 1), { from: bottom, to: top }),
    right: scaleOf(valuesOf(on("right"), 1), { from: bottom, to: top }),
  };
  const hasRight = 0 < on("right").length;
  const parts = [
    text("title", width / 2, 18, title),
    ...x.ticks.map((it) => line("tick", x.at(it), bottom, x.at(it), bottom + 5)),
    ...x.ticks.map((it) => text("x", x.at(it), bottom + 18, numberText(it))),
    ...y.left.ticks.map((it) => line("grid", left, y.left.at(it), right, y.left.at(it))),
    ...y.left.ticks.map((it) => text("left", left - 8, y.left.at(it) + 4, numberText(it))),
    ...(hasRight ? y.right.ticks.map((it) => text("right", right + 8, y.right.at(it) + 4, numberText(it))) : []),
    `<path class="axis" d="M${left} ${top}V${bottom}H${right}${hasRight ? `V${top}` : ""}"/>`,
    text("x", (left + right) / 2, bottom + 36, xLabel),
    sideways(16, (top + bottom) / 2, leftLabel),
    ...(hasRight ? [sideways(width - 8, (top + bottom) / 2, rightLabel ?? "")] : []),
    ...series.map((it, i) => drawn(it, i, x, y[it.axis ?? "left"])),
    ...legend(series, { left, right, y: height - 14 }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escaped(title)}">\n<style>${style()}</style>\n${parts.join("\n")}\n</svg>\n`
  );
}

function style(): string {
  const own = colors.map(([name, color], i) => `.s${i}{color:var(--vscode-charts-${name},${color})}`).join("");
  return (
    // A file of its own has no page whose color it could take.
    "@media (prefers-color-scheme:dark){svg:root{color:#ddd}}" +
    "text{fill:currentColor;font:12px system-ui,sans-serif;text-anchor:middle}" +
    ".title{font-weight:600}.left{text-anchor:end}.right,.legend{text-anchor:start}" +
    ".axis,.tick{stroke:currentColor;fill:none}.grid{stroke:currentColor;opacity:.15}" +
    ".line{stroke:currentColor;stroke-width:2;fill:none;stroke-linejoin:round}.dashed{stroke-dasharray:6 4}" +
    `.mark{fill:currentColor}${own}`
  );
}

interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** `isTight`: the axis ends where the values do, and not at the next round number. */
function scaleOf(values: readonly number[], { from, to }: Span, { isTight = false } = {}): Scale {
  const [least, most] = extentOf(values);
  const step = roundStep((most - least) / WANTED_TICKS);
  const first = isTight ? least : Math.floor(least / step) * step;
  const last = isTight ? most : Math.ceil(most / step) * step;
  const ticks: number[] = [];
  // Counted in steps, because sums of fractions drift.
  for (let i = Math.ceil(first / step - 1e-9); i * step <= last + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return { ticks, at: (value) => from + ((value - first) / (last - first)) * (to - from) };
}

/** Never empty: what has no extent gets one. */
function extentOf(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  // Steps that are lost in rounding would be no steps.
  if (1e-9 * Math.max(Math.abs(least), Math.abs(most), 1e-100) < most - least) return [least, most];
  const half = Math.max(Math.abs(least) / 2, 0.5);
  return [least - half, most + half];
}

/** The next of 1, 2, 5, 10, 20, ... */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => least <= it * (1 + 1e-9)) ?? 10 * power;
}

function valuesOf(series: readonly PlotSeries[], idx: 0 | 1): number[] {
  return series.flatMap((it) => it.points.filter(isFinitePoint).map((point) => point[idx]));
}

function isFinitePoint([x, y]: readonly [number, number]): boolean {
  return Math.abs(x) < LARGEST && Math.abs(y) < LARGEST;
}

function drawn({ points, axis, label }: PlotSeries, i: number, x: Scale, y: Scale): string {
  let path = "";
  let isOpen = false;
  for (const point of points) {
    const isFinite = isFinitePoint(point);
    if (isFinite) path += `${isOpen ? "L" : "M"}${pixel(x.at(point[0]))} ${pixel(y.at(point[1]))}`;
    isOpen = isFinite;
  }
  const marks = points.filter(isFinitePoint).map(([px, py]) => {
    const value = `<title>${escaped(`${label}: ${numberText(py)} at ${numberText(px)}`)}</title>`;
    return `<path class="mark" d="${mark(i, x.at(px), y.at(py))}">${value}</path>`;
  });
  const dashed = axis === "right" ? " dashed" : "";
  return `<g class="s${i % colors.length}"><path class="line${dashed}" d="${path}"/>${marks.join("")}</g>`;
}

/** A shape of its own for each of four series. */
function mark(i: number, x: number, y: number): string {
  const [px, py] = [pixel(x), pixel(y)];
  switch (i % 4) {
    case 0:
      return `M${pixel(x - 4)} ${py}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`;
    case 1:
      return `M${pixel(x - 4)} ${pixel(y - 4)}h8v8h-8z`;
    case 2:
      return `M${px} ${pixel(y - 5)}l5 9h-10z`;
    default:
      return `M${px} ${pixel(y - 5)}l5 5l-5 5l-5 -5z`;
  }
}

function legend(
  series: readonly PlotSeries[],
  { left, right, y }: { readonly left: number; readonly right: number; readonly y: number },
): string[] {
  const width = (right - left) / Math.max(1, series.length);
  return series.map(({ label, axis }, i) => {
    const x = left + i * width;
    const dashed = axis === "right" ? " dashed" : "";
    return (
      `<g class="s${i % colors.length}"><path class="line${dashed}" d="M${pixel(x)} ${y - 4}h24"/>` +
      `<path class="mark" d="${mark(i, x + 12, y - 4)}"/></g>${text("legend", x + 30, y, label)}`
    );
  });
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<path class="${name}" d="M${pixel(x1)} ${pixel(y1)}L${pixel(x2)} ${pixel(y2)}"/>`;
}

function text(name: string, x: number, y: number, content: string): string {
  return `<text class="${name}" x="${pixel(x)}" y="${pixel(y)}">${escaped(content)}</text>`;
}

function sideways(x: number, y: number, content: string): string {
  return `<text class="side" transform="translate(${pixel(x)} ${pixel(y)}) rotate(-90)">${escaped(content)}</text>`;
}

function pixel(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** Short enough for an axis. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || 1e6 <= size)) return value.toExponential(1).replace(".0e", "e");
  return String(Number(value.toPrecision(4)));
}

function escaped(value: string): string {
  return value.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
}
