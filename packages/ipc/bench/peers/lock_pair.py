import multiprocessing as mp
import os
import time

n = max(2, round(1_000_000 * float(os.environ.get("BENCH_SCALE", "1"))))
lock = mp.Lock()
began = time.perf_counter()
for _ in range(n):
    lock.acquire()
    lock.release()
print((time.perf_counter() - began) / n * 1e9)
