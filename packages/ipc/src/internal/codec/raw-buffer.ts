/** A Buffer with the methods that toString and write call once they have looked at their arguments. */
export interface RawBuffer extends Buffer {
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number): number;
  latin1Write(text: string, at: number): number;
}
