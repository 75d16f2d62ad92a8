// Which service events tell of trouble, PURE.

import type { Diagnosis } from "../run/diagnosis.ts";
import type { Evidence } from "./evidence.ts";
import { withoutVariableParts } from "./failures.ts";
import { plainText } from "./symptom.ts";

/** Every deployment has these events; they do not indicate a problem. */
export const routineEvent =
  /has started \d+ tasks|has stopped \d+ running tasks|registered \d+ targets|begun draining|reached a steady state|deployment completed|rolling back to deployment|is (?:not )?AZ balanced|stopped AZ Rebalancing/i;

const maxEvents = 10;

export function countEvents({ events }: Evidence): Diagnosis["events"] {
  const counted = new Map<string, { message: string; count: number }>();
  for (const { message } of events) {
    if (routineEvent.test(message)) continue;
    const key = withoutVariableParts(message);
    const known = counted.get(key);
    counted.set(key, {
      message: known?.message ?? plainText(message),
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...counted.values()].slice(0, maxEvents);
}
