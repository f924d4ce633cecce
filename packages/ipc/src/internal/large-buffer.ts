/**
 * Memory for large messages, which the C library should keep rather than fetch from the kernel again and again.
 *
 * A fresh megabyte costs 256 page faults, more than reading it. After a collection glibc gives all of its heap's free
 * end back to the kernel if that is longer than a threshold, which is twice the size of the largest block of up to
 * 32 MiB that was ever freed (mallopt(3), M_MMAP_THRESHOLD, M_TRIM_THRESHOLD). Buffers that come and go by the
 * megabyte then fault for every page. So once a process is seen to receive such, one block of that size, which
 * nobody touches, comes and goes as well: from then on up to 64 MiB that are free stay at hand. Other C libraries
 * take no notice of it.
 */

/** From here on glibc would ask the kernel for each buffer by itself. */
const LARGE = 128 * 1024;
/** Fewer are no habit. */
const HABIT = 4;
/** Just below DEFAULT_MMAP_THRESHOLD_MAX, with what malloc adds. */
const LARGEST_OBSERVED = 32 * 1024 * 1024 - 64 * 1024;

let seen = 0;

/** Bytes that hold anything, for one message. */
export function bufferFor(length: number): Buffer {
  if (length >= LARGE && ++seen === HABIT) Buffer.allocUnsafeSlow(LARGEST_OBSERVED);
  return Buffer.allocUnsafe(length);
}
