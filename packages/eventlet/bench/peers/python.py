# CPython's eventlet: CASE [ARGUMENT].
import os
import sys
import time

DEBIAN = "/usr/bin/python3"  # Debian's python3-eventlet is for Debian's Python, whichever is the first on the PATH

try:
    import eventlet
except ImportError:
    if sys.executable == DEBIAN:
        raise
    os.execv(DEBIAN, [DEBIAN, *sys.argv])

scale = float(os.environ.get("BENCH_SCALE", "1"))


def equal(value, expected, what):
    if value != expected:
        raise AssertionError(f"{what}: {value} instead of {expected}")


def report(full, work):
    n = max(2, round(full * scale))
    work(max(2, n // 5))
    began = time.perf_counter()
    done = work(n)
    print((time.perf_counter() - began) / done * 1e6)


def pool(method):
    def work(n):
        total = [0]

        def add(i):
            total[0] += i

        pool = eventlet.GreenPool(100)
        spawn = getattr(pool, method)
        for i in range(n):
            spawn(add, i)
        pool.waitall()
        equal(total[0], n * (n - 1) // 2, "sum of the arguments")
        return n

    report(50_000, work)


def pool_spawn():
    pool("spawn")


def pool_spawn_n():
    pool("spawn_n")


def queue(maxsize):
    def work(n):
        items = eventlet.Queue(int(maxsize))

        def put():
            for i in range(n):
                items.put(i)

        eventlet.spawn_n(put)
        equal(sum(items.get() for _ in range(n)), n * (n - 1) // 2, "sum of the items")
        return n

    report(50_000, work)


globals()[sys.argv[1]](*sys.argv[2:])
