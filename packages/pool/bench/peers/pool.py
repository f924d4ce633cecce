# What multiprocessing.Pool does of each bench, named by the one argument. Times are of a pool that has done the work
# three times, except for "cpu" and "start".
import multiprocessing as mp
import os
import sys
import time

scale = float(os.environ.get("BENCH_SCALE", "1"))


def count(full):
    return max(2, round(full * scale))


def identity(value):
    return value


def count_primes(bounds):
    return sum(1 for n in range(*bounds) if is_prime(n))


def is_prime(n):
    if n % 2 == 0:
        return n == 2
    divisor = 3
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 2
    return n > 1


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def no_op(pool):
    n = count(20_000)

    def work():
        results = [pool.apply_async(identity, (i,)) for i in range(n)]
        for result in results:
            result.get()

    return n / seconds(work)


def latency(pool):
    n = count(5_000)

    def work():
        for i in range(n):
            pool.apply(identity, (i,))

    return seconds(work) / n * 1e6


def map_(pool):
    n = count(1_000_000)
    items = list(range(n))
    return n / seconds(lambda: pool.map(identity, items))


def imap(pool):
    n = count(20_000)

    def work():
        for _ in pool.imap_unordered(identity, range(n)):
            pass

    return n / seconds(work)


def buffers(pool):
    n, size = count(200), 1 << 20
    items = [b"x" * size] * n
    return 2 * size * n / seconds(lambda: pool.map(identity, items, chunksize=1)) / 1e6


def cpu(pool):
    # Smaller ranges than in JavaScript, for about the same time.
    size = count(3_000)
    ranges = [(2_000_000 + i * size, 2_000_000 + (i + 1) * size) for i in range(32)]
    turns = [
        (
            seconds(lambda: [count_primes(bounds) for bounds in ranges]),
            seconds(lambda: pool.map(count_primes, ranges, chunksize=1)),
        )
        for _ in range(3)
    ]
    return min(alone for alone, _ in turns) / min(pooled for _, pooled in turns)


def start():
    began = time.perf_counter()
    with mp.Pool(2) as pool:
        pool.apply(identity, (1,))
        return (time.perf_counter() - began) * 1e3


def warm(work):
    with mp.Pool(2) as pool:
        pool.map(identity, range(100))
        for _ in range(0 if work is cpu else 3):
            work(pool)
        return work(pool)


if __name__ == "__main__":
    mp.set_start_method("fork")
    case = sys.argv[1]
    works = {"no-op": no_op, "latency": latency, "map": map_, "imap": imap, "buffers": buffers, "cpu": cpu}
    print(start() if case == "start" else warm(works[case]))
