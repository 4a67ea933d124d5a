// An independent fit of Davidson's model: from single votes (no counts), with the likelihood written as products of powers,
// by accelerated gradient ascent with a fixed step. Nothing is shared with the product, which uses Newton's method on counts.

export interface PlainVote {
  readonly left: number;
  readonly right: number;
  /** 0 left, 1 right, 2 neither. */
  readonly outcome: 0 | 1 | 2;
}

export interface ReferenceFit {
  readonly strengths: number[];
  readonly tie: number;
}

/** `ridge`: precision of the normal prior of every parameter. */
export function referenceFit(votes: readonly PlainVote[], count: number, ridge: number): ReferenceFit {
  // No vote's second derivative in any direction is above 1, so this step never overshoots; the prior makes it converge.
  const votesOf = Array.from({ length: count }, (_, i) => votes.filter((it) => it.left === i || it.right === i).length);
  const steepest = ridge + Math.max(votes.length, 2 * Math.max(...votesOf));
  const step = 1 / steepest;
  const root = Math.sqrt(step * ridge);
  const momentum = (1 - root) / (1 + root);
  let now = Array<number>(count + 1).fill(0);
  let ahead = now.slice();
  for (let round = 0; round < 2_000_000; round++) {
    const slope = slopeAt(votes, ahead, count, ridge);
    const next = ahead.map((it, i) => it + step * slope[i]!);
    ahead = next.map((it, i) => it + momentum * (it - now[i]!));
    now = next;
    if (Math.max(...slope.map(Math.abs)) < 1e-9 * ridge) break;
  }
  return { strengths: now.slice(0, count), tie: now[count]! };
}

function slopeAt(votes: readonly PlainVote[], at: readonly number[], count: number, ridge: number): number[] {
  const slope = at.map((it) => -ridge * it);
  const worth = at.map((it) => Math.exp(it));
  for (const { left, right, outcome } of votes) {
    // Davidson's own form: p_i, p_j and nu * sqrt(p_i p_j), over their sum.
    const both = worth[count]! * Math.sqrt(worth[left]! * worth[right]!);
    const sum = worth[left]! + worth[right]! + both;
    const [pLeft, pRight, pTie] = [worth[left]! / sum, worth[right]! / sum, both / sum];
    slope[left]! += (outcome === 0 ? 1 : outcome === 2 ? 0.5 : 0) - pLeft - pTie / 2;
    slope[right]! += (outcome === 1 ? 1 : outcome === 2 ? 0.5 : 0) - pRight - pTie / 2;
    slope[count]! += (outcome === 2 ? 1 : 0) - pTie;
  }
  return slope;
}
