import multiprocessing as mp
import os
import time

n = max(2, round(200_000 * float(os.environ.get("BENCH_SCALE", "1"))))


def count_up(value, start):
    start.wait()
    for _ in range(n):
        with value.get_lock():
            value.value += 1


if __name__ == "__main__":
    mp.set_start_method("fork")
    value, start = mp.Value("i", 0), mp.Barrier(2)
    partner = mp.Process(target=count_up, args=(value, start))
    partner.start()
    began = time.perf_counter()
    count_up(value, start)
    partner.join()
    assert value.value == 2 * n
    print(2 * n / (time.perf_counter() - began))
