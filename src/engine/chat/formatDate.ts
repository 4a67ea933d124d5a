/** Dates as Python's strftime writes them in the C locale: chat templates put the date into system messages. */

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Codes that are not known stay as they are. */
export function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const codes: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    B: () => months[date.getMonth()]!,
    b: () => months[date.getMonth()]!.slice(0, 3),
    A: () => days[date.getDay()]!,
    a: () => days[date.getDay()]!.slice(0, 3),
    H: () => two(date.getHours()),
    I: () => two(date.getHours() % 12 || 12),
    p: () => (date.getHours() < 12 ? "AM" : "PM"),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    "%": () => "%",
  };
  return format.replace(/%([YymdBbAaHIpMS%])/g, (_, code: string) => codes[code]!());
}
