# CPython's gevent: CASE.
import os
import sys
import time

DEBIAN = "/usr/bin/python3"  # Debian's python3-gevent is for Debian's Python, whichever is the first on the PATH

try:
    import gevent
    import gevent.queue
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


def spawn_join():
    def work(n):
        greenlets = gevent.joinall([gevent.spawn(lambda value: value, i) for i in range(n)])
        equal(sum(one.value for one in greenlets), n * (n - 1) // 2, "sum of the results")
        return n

    report(100_000, work)


def sleep_0():
    def loop(times):
        for _ in range(times):
            gevent.sleep(0)

    def work(n):
        gevent.joinall([gevent.spawn(loop, n // 10) for _ in range(10)])
        return n // 10 * 10

    report(200_000, work)


def queue():
    def work(n):
        items = gevent.queue.Queue(100)

        def put():
            for i in range(n):
                items.put(i)

        gevent.spawn(put)
        equal(sum(items.get() for _ in range(n)), n * (n - 1) // 2, "sum of the items")
        return n

    report(200_000, work)


globals()[sys.argv[1]]()
