/** Options that are objects. */
import { invalidType } from "@cordage/ipc/sys";

/** Refuses what is none, null too: taken apart, a number would be options without any. */
export function checkOptions(options: unknown, doing: string): void {
  if (typeof options !== "object" || options === null) throw invalidType(doing, "options must be an object", options);
}
