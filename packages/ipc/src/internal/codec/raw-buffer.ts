/** A Buffer with the methods that toString and write call once they have looked at their arguments. */
export interface RawBuffer extends Buffer {
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number): number;
  latin1Write(text: string, at: number): number;
}

/** What Node documents, for a version that has those methods no more. */
const documented = {
  utf8Slice(this: Buffer, start: number, end: number) {
    return this.toString("utf8", start, end);
  },
  utf8Write(this: Buffer, text: string, at: number) {
    return this.write(text, at, "utf8");
  },
  latin1Write(this: Buffer, text: string, at: number) {
    return this.write(text, at, "latin1");
  },
};

export function raw(bytes: Buffer): RawBuffer {
  for (const [name, value] of Object.entries(documented))
    if (typeof bytes[name as keyof Buffer] !== "function") Object.defineProperty(bytes, name, { value });
  return bytes as RawBuffer;
}
