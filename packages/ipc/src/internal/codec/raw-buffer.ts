/** A Buffer with the methods that toString and write call once they have looked at their arguments. */
export interface RawBuffer extends Buffer {
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number): number;
  latin1Write(text: string, at: number): number;
}

/** What Node documents, for a version that has those methods no more. */
function documented(bytes: Buffer): Pick<RawBuffer, "utf8Slice" | "utf8Write" | "latin1Write"> {
  return {
    utf8Slice: (start, end) => bytes.toString("utf8", start, end),
    utf8Write: (text, at) => bytes.write(text, at, "utf8"),
    latin1Write: (text, at) => bytes.write(text, at, "latin1"),
  };
}

export function raw(bytes: Buffer): RawBuffer {
  const instead = Object.entries(documented(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
  for (const [name, value] of instead)
    if (typeof bytes[name as keyof Buffer] !== "function") Object.defineProperty(bytes, name, { value });
  return bytes as RawBuffer;
}
