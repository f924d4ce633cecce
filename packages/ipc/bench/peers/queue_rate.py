import multiprocessing as mp
import os
import sys
import time

producers, size = int(sys.argv[1]), int(sys.argv[2])
n = max(2, round((50_000 if size > 1000 else 100_000) * float(os.environ.get("BENCH_SCALE", "1"))))


def produce(queue):
    item = "x" * size
    for i in range(n):
        queue.put((i, item))


if __name__ == "__main__":
    mp.set_start_method("fork")
    queue = mp.Queue(1000)
    partners = [mp.Process(target=produce, args=(queue,)) for _ in range(producers)]
    for partner in partners:
        partner.start()
    queue.get()
    began = time.perf_counter()
    for _ in range(producers * n - 1):
        queue.get()
    print((producers * n - 1) / (time.perf_counter() - began))
    for partner in partners:
        partner.join()
