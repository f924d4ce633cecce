# What the Python programs of several benches share.
import importlib
import os
import sys
import time

DEBIAN = "/usr/bin/python3"
scale = float(os.environ.get("BENCH_SCALE", "1"))


# Debian packages its modules for its own Python, whichever is the first on the PATH: without the module this program begins anew in that one.
def needs(module):
    try:
        importlib.import_module(module)
    except ImportError:
        if sys.executable == DEBIAN:
            raise
        os.execv(DEBIAN, [DEBIAN, *sys.argv])


def count(full):
    return max(2, round(full * scale))


def equal(value, expected, what):
    if value != expected:
        raise AssertionError(f"{what}: {value} instead of {expected}")


# work(n) returns how many it has done; a fifth of them comes first, untimed.
def seconds_for_each(full, work):
    n = count(full)
    work(max(2, n // 5))
    began = time.perf_counter()
    done = work(n)
    return (time.perf_counter() - began) / done


def report_microseconds(full, work):
    print(seconds_for_each(full, work) * 1e6)


def report_nanoseconds(full, work):
    print(seconds_for_each(full, work) * 1e9)
