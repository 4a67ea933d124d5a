/** How often completions were shown, accepted and kept. Numbers only, on this machine only. */

export interface GhostCounts {
  readonly shown: number;
  readonly accepted: number;
  /** Still there after 30 seconds, and after 5 minutes. */
  readonly keptShort: number;
  readonly keptLong: number;
}

export const noCounts: GhostCounts = { shown: 0, accepted: 0, keptShort: 0, keptLong: 0 };

export function countsText({ shown, accepted, keptShort, keptLong }: GhostCounts): string {
  if (shown === 0) return "No completion has been shown yet.";
  const of = (part: number, whole: number) => (whole === 0 ? "" : ` (${Math.round((part * 100) / whole)} %)`);
  return (
    `${shown} completions shown, ${accepted} accepted${of(accepted, shown)}; of those, ${keptShort}${of(keptShort, accepted)} were still ` +
    `there after 30 seconds and ${keptLong}${of(keptLong, accepted)} after 5 minutes. These numbers stay on this machine.`
  );
}
