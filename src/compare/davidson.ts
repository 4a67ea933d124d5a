/**
 * Strengths from comparisons in pairs with ties: Davidson's extension of the Bradley-Terry model (R. R. Davidson, "On
 * extending the Bradley-Terry model to accommodate ties in paired comparison experiments", JASA 65 (1970), 317), with the
 * effect of the order of Davidson and Beaver (Biometrics 33 (1977), 693).
 *
 * With strengths s, a tie parameter t and the advantage p of the first place, the three outcomes of showing i before j are
 * as likely as exp(d/2), exp(-d/2) and exp(t), where d = s_i - s_j + p. That is a multinomial logit with linear utilities,
 * so the logarithm of the likelihood is concave, and Newton's method finds its only maximum.
 *
 * All parameters have a normal prior around 0 (a ridge). It is weak, and is what keeps a strength finite where one side won
 * every vote, and gives variants that no vote links a common zero.
 */

/** Votes on one pair: `first` and `second` index into the strengths. Counts may be fractions. */
export interface PairCounts {
  readonly first: number;
  readonly second: number;
  /** Votes for the first, for the second, and for neither. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

export interface Fit {
  /** In nats: odds of e to 1 for each. In each group that votes link they have the mean 0. */
  readonly strengths: Float64Array;
  readonly tie: number;
  /** What being first is worth, in nats; 0 where it is not fitted. */
  readonly position: number;
}

export interface FitOptions {
  /** How many strengths there are. */
  readonly count: number;
  /** Whether the first place may have an advantage. */
  readonly position: "fitted" | "none";
  /** Where to begin; default all 0. */
  readonly start?: Fit;
}

/** Precision of the prior of every parameter: its deviation is 4.5 nats, some 780 points of a rating. */
export const RIDGE = 0.05;

const MOST_STEPS = 100;
/** A step that changes no parameter by more than this is the last. */
const CONVERGED = 1e-10;
/** The same for resamples: the error behind such a step is about its square. */
const CONVERGED_ROUGHLY = 1e-4;
/** A Newton step of this length may overshoot, and is watched. */
const LONG = 0.5;

export function fitDavidson(pairs: readonly PairCounts[], options: FitOptions): Fit {
  return createFitter(pairs, options).fit(weightsOf(pairs), CONVERGED);
}

/** Fits the same pairs again and again, with other counts each time. */
export interface Refitter {
  /** `weights` [pairs, 3] are wins, losses and ties of each pair. */
  refit(weights: Float64Array): Fit;
}

export function createRefitter(pairs: readonly PairCounts[], options: FitOptions): Refitter {
  const { fit } = createFitter(pairs, options);
  return { refit: (weights) => fit(weights, CONVERGED_ROUGHLY) };
}

/** [pairs, 3] */
export function weightsOf(pairs: readonly PairCounts[]): Float64Array {
  return Float64Array.from(pairs.flatMap(({ wins, losses, ties }) => [wins, losses, ties]));
}

function createFitter(pairs: readonly PairCounts[], { count, position, start }: FitOptions) {
  const size = count + (position === "fitted" ? 2 : 1);
  const begin = new Float64Array(size);
  if (start !== undefined) {
    begin.set(start.strengths);
    begin[count] = start.tie;
    if (position === "fitted") begin[count + 1] = start.position;
  }
  const firsts = Int32Array.from(pairs, (it) => it.first);
  const seconds = Int32Array.from(pairs, (it) => it.second);
  const problem: Problem = { size, count, firsts, seconds, weights: new Float64Array(0) };
  // Written anew in every step, and allocated once: a bootstrap takes thousands.
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const parameters = new Float64Array(size);
  const tried = new Float64Array(size);
  return {
    fit(weights: Float64Array, converged: number): Fit {
      const weighed = { ...problem, weights };
      parameters.set(begin);
      for (let round = 0; round < MOST_STEPS; round++) {
        differentiate(weighed, parameters, gradient, hessian);
        solve(hessian, gradient);
        let length = 1;
        let largest = 0;
        for (const it of gradient) largest = Math.max(largest, Math.abs(it));
        if (LONG < largest) length = helpfulLength(weighed, parameters, gradient, tried);
        for (let i = 0; i < size; i++) parameters[i]! += length * gradient[i]!;
        if (largest * length < converged) break;
      }
      return {
        strengths: parameters.slice(0, count),
        tie: parameters[count]!,
        position: position === "fitted" ? parameters[count + 1]! : 0,
      };
    },
  };
}

interface Problem {
  /** Parameters: the strengths, the tie, and perhaps the position. */
  readonly size: number;
  /** Strengths. */
  readonly count: number;
  readonly firsts: Int32Array;
  readonly seconds: Int32Array;
  /** [pairs, 3] */
  readonly weights: Float64Array;
}

/** A full step may overshoot far from the maximum; along it the value rises, so some part of it helps. */
function helpfulLength(problem: Problem, parameters: Float64Array, step: Float64Array, tried: Float64Array): number {
  const value = objective(problem, parameters);
  for (let length = 1; ; length /= 2) {
    for (let i = 0; i < tried.length; i++) tried[i] = parameters[i]! + length * step[i]!;
    if (value <= objective(problem, tried) || length < CONVERGED) return length;
  }
}

/** Probabilities of the three outcomes where the strengths differ by `difference`. */
export function outcomeOdds(
  difference: number,
  tie: number,
): { readonly win: number; readonly loss: number; readonly tie: number } {
  const half = difference / 2;
  const most = Math.max(Math.abs(half), tie); // subtracted before exp, which would overflow otherwise
  const win = Math.exp(half - most);
  const loss = Math.exp(-half - most);
  const neither = Math.exp(tie - most);
  const sum = win + loss + neither;
  return { win: win / sum, loss: loss / sum, tie: neither / sum };
}

function objective({ size, count, firsts, seconds, weights }: Problem, parameters: Float64Array): number {
  const tie = parameters[count]!;
  const position = count + 1 < size ? parameters[count + 1]! : 0;
  let sum = 0;
  for (let pair = 0; pair < firsts.length; pair++) {
    const half = (parameters[firsts[pair]!]! - parameters[seconds[pair]!]! + position) / 2;
    const most = Math.max(Math.abs(half), tie);
    const total = most + Math.log(Math.exp(half - most) + Math.exp(-half - most) + Math.exp(tie - most));
    const [wins, losses, ties] = [weights[3 * pair]!, weights[3 * pair + 1]!, weights[3 * pair + 2]!];
    sum += (wins - losses) * half + ties * tie - (wins + losses + ties) * total;
  }
  for (const it of parameters) sum -= (RIDGE / 2) * it * it;
  return sum;
}

/** Writes the gradient [size], and of the negative second derivatives [size, size] the lower half. */
function differentiate(
  { size, count, firsts, seconds, weights }: Problem,
  parameters: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const hasPosition = count + 1 < size;
  const place = count + 1;
  hessian.fill(0);
  for (let i = 0; i < size; i++) {
    gradient[i] = -RIDGE * parameters[i]!;
    hessian[i * size + i] = RIDGE;
  }
  const tie = parameters[count]!;
  const position = hasPosition ? parameters[place]! : 0;
  for (let pair = 0; pair < firsts.length; pair++) {
    const first = firsts[pair]!;
    const second = seconds[pair]!;
    const wins = weights[3 * pair]!;
    const losses = weights[3 * pair + 1]!;
    const ties = weights[3 * pair + 2]!;
    const votes = wins + losses + ties;
    const half = (parameters[first]! - parameters[second]! + position) / 2;
    const most = Math.max(Math.abs(half), tie);
    const [win, loss, neither] = [Math.exp(half - most), Math.exp(-half - most), Math.exp(tie - most)];
    const sum = win + loss + neither;
    const lean = (win - loss) / (2 * sum);
    const slope = (wins - losses) / 2 - votes * lean;
    gradient[first]! += slope;
    gradient[second]! -= slope;
    gradient[count]! += ties - (votes * neither) / sum;
    // Covariances of what the difference and the tie parameter are multiplied with.
    const ofDifference = votes * ((win + loss) / (4 * sum) - lean * lean);
    const ofBoth = (-votes * lean * neither) / sum;
    hessian[first * size + first]! += ofDifference;
    hessian[second * size + second]! += ofDifference;
    hessian[Math.max(first, second) * size + Math.min(first, second)]! -= ofDifference;
    hessian[count * size + first]! += ofBoth;
    hessian[count * size + second]! -= ofBoth;
    hessian[count * size + count]! += (votes * neither * (sum - neither)) / (sum * sum);
    if (!hasPosition) continue;
    gradient[place]! += slope;
    hessian[place * size + place]! += ofDifference;
    hessian[place * size + first]! += ofDifference;
    hessian[place * size + second]! -= ofDifference;
    hessian[place * size + count]! += ofBoth;
  }
}

/** Solves the positive definite system in place, by Cholesky's factors; reads the lower half of `matrix` [size, size]. */
function solve(matrix: Float64Array, right: Float64Array): void {
  const size = right.length;
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) right[i]! -= matrix[i * size + k]! * right[k]!;
    right[i]! /= matrix[i * size + i]!;
  }
  for (let i = size - 1; 0 <= i; i--) {
    for (let k = i + 1; k < size; k++) right[i]! -= matrix[k * size + i]! * right[k]!;
    right[i]! /= matrix[i * size + i]!;
  }
}
