import multiprocessing as mp
import os
import sys
import time


def nothing():
    pass


def start_and_join():
    child = mp.Process(target=nothing)
    child.start()
    child.join()


if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    n = max(2, round(30 * float(os.environ.get("BENCH_SCALE", "1"))))
    start_and_join()
    began = time.perf_counter()
    for _ in range(n):
        start_and_join()
    print((time.perf_counter() - began) / n * 1e3)
