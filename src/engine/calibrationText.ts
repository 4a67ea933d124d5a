/** A short text of many kinds, to see how far a model's keys and values reach (ort/calibrate.ts). */

export const calibrationText = `The lighthouse keeper wrote down the weather every morning: wind from the south-west, 7 knots, rain before noon.
On the 14th of March 1987 he noted "a sail, far out, going north" and nothing else. Why? Nobody knows; his daughter, asked
later, laughed and said that he had never been able to tell a sail from a cloud.

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN; // of an empty list there is none
}

{"order": 20417, "items": [{"name": "bolt M8x40", "count": 250, "price": 0.12}], "paid": true, "note": null}

1. Wash the lentils. 2. Fry an onion in oil until it is brown. 3. Add 500 ml of water, salt, and a bay leaf; cook for 25 minutes.
- Was kostet das Zimmer? - 80 Euro, mit Frühstück. Elle habite à Lyon depuis dix ans. ¿Dónde está la biblioteca? 東京は晴れです。
E = mc^2, and for all x > 0 the derivative of ln(x) is 1/x. SELECT city, COUNT(*) FROM guests GROUP BY city HAVING COUNT(*) > 3;
`;
