/** A plot as a plain SVG text that any browser or image viewer shows: points, joined or not, over two linear axes. Pure. */

export interface Series {
  readonly name: string;
  /** `line` joins the points in their order; `points` shows each as a dot. Default: `line`. */
  readonly kind?: "line" | "points";
  /** Points with a coordinate that is no finite number are left out. */
  readonly points: readonly PlotPoint[];
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** Written beside the point. */
  readonly label?: string;
}

export interface Plot {
  readonly title: string;
  /** What the horizontal axis says, with its unit. */
  readonly x: string;
  readonly y: string;
  /** The first eight have colors of their own. */
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 440;
const frame = { left: 80, right: 24, top: 48, bottom: 60 } as const;
/** Told apart also by those who see few colors (Okabe and Ito's palette). */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c564b", "#555555"];

export function lineOrScatterSvg({ title, x, y, series }: Plot): string {
  const shown = series.map((it) => ({ ...it, points: it.points.filter(isFinitePoint) }));
  const all = shown.flatMap((it) => it.points);
  const across = axisOf(all.map((it) => it.x));
  const upward = axisOf(all.map((it) => it.y));
  const right = WIDTH - frame.right;
  const bottom = HEIGHT - frame.bottom;
  const atX = (value: number) => place(value, across, frame.left, right);
  const atY = (value: number) => place(value, upward, bottom, frame.top);
  const middle = (frame.left + right) / 2;
  const half = (frame.top + bottom) / 2;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(middle, 26, title, `text-anchor="middle" font-size="16"`),
    ...across.ticks.map((it) => tick(atX(it), frame.top, atX(it), bottom)),
    ...upward.ticks.map((it) => tick(frame.left, atY(it), right, atY(it))),
    ...across.ticks.map((it) => text(atX(it), bottom + 18, across.write(it), `text-anchor="middle"`)),
    ...upward.ticks.map((it) => text(frame.left - 8, atY(it) + 4, upward.write(it), `text-anchor="end"`)),
    text(middle, HEIGHT - 16, x, `text-anchor="middle"`),
    text(20, half, y, `text-anchor="middle" transform="rotate(-90 20 ${number(half)})"`),
    ...shown.flatMap((it, i) => seriesParts(it, colors[i % colors.length]!, atX, atY)),
    ...(1 < shown.length ? legend(shown.map((it) => it.name)) : []),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function isFinitePoint({ x, y }: PlotPoint): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function seriesParts(
  { kind = "line", points }: Series,
  color: string,
  atX: (value: number) => number,
  atY: (value: number) => number,
): string[] {
  const places = points.map(({ x, y, label }) => ({ x: number(atX(x)), y: number(atY(y)), label }));
  const path = places.map((it) => `${it.x},${it.y}`).join(" ");
  const line = `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`;
  const dots = places.map((it) => `<circle cx="${it.x}" cy="${it.y}" r="4" fill="${color}"/>`);
  const labels = places.flatMap(({ x, y, label }) => {
    if (label === undefined) return [];
    // A text that would leave the picture stands on the other side of its point.
    const isLate = 0.75 * WIDTH < Number(x);
    return [
      text(
        Number(x) + (isLate ? -8 : 8),
        Number(y) - 8,
        label,
        `fill="${color}" text-anchor="${isLate ? "end" : "start"}"`,
      ),
    ];
  });
  return [...(kind === "line" ? [line] : dots), ...labels];
}

function legend(names: readonly string[]): string[] {
  return names.flatMap((name, i) => {
    const y = frame.top + 16 + 18 * i;
    const color = colors[i % colors.length]!;
    const x = WIDTH - frame.right - 8;
    return [
      `<rect x="${x - 10}" y="${y - 9}" width="10" height="10" fill="${color}"/>`,
      text(x - 16, y, name, `text-anchor="end"`),
    ];
  });
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  write(value: number): string;
}

/** Round steps of 1, 2 or 5 times a power of ten, about six of them, that cover all values. */
function axisOf(values: readonly number[]): Axis {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [from, to] = values.length === 0 ? [0, 1] : least === most ? around(least) : [least, most];
  const rough = (to - from) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((it) => rough <= it * power) ?? 10);
  const first = Math.floor(from / step);
  const last = Math.ceil(to / step);
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
  return {
    low: first * step,
    high: last * step,
    ticks: Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step),
    write: (value) => (value + 0).toFixed(digits).replace(/^-(0(?:\.0*)?)$/, "$1"),
  };
}

/** A single value stands in the middle of its axis. */
function around(value: number): readonly [number, number] {
  const reach = value === 0 ? 1 : Math.abs(value) / 2;
  return [value - reach, value + reach];
}

function place(value: number, { low, high }: Axis, from: number, to: number): number {
  return from + ((value - low) / (high - low)) * (to - from);
}

function tick(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}" stroke="#ddd"/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${number(x)}" y="${number(y)}" ${attributes}>${escaped(content)}</text>`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
