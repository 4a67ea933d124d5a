/** Whether enough of a test's runs passed. */

/** Rates are written with few digits: 2 of 3 runs are no less than 0.667 would have it. */
const ROUNDING = 1e-3;

/** `passRate` is the part of the runs that must pass, 0 to 1. */
export function keepsPassRate(passed: number, runs: number, passRate: number): boolean {
  return passRate <= passed / Math.max(1, runs) + ROUNDING;
}
