import multiprocessing as mp
import os
import sys
import time

kind = sys.argv[1]
n = max(2, round((300 if kind == "bytes" else 20_000) * float(os.environ.get("BENCH_SCALE", "1"))))


def echo(conn):
    try:
        while True:
            conn.send_bytes(conn.recv_bytes()) if kind == "bytes" else conn.send(conn.recv())
    except EOFError:
        pass


def round_trips(conn, times):
    message = b"x" * (1 << 20) if kind == "bytes" else [12, {"name": "yuan"}, "hello"]
    for _ in range(times):
        if kind == "bytes":
            conn.send_bytes(message)
            conn.recv_bytes()
        else:
            conn.send(message)
            conn.recv()


if __name__ == "__main__":
    mp.set_start_method("spawn")
    mine, its = mp.Pipe()
    partner = mp.Process(target=echo, args=(its,))
    partner.start()
    its.close()
    round_trips(mine, max(1, n // 10))
    began = time.perf_counter()
    round_trips(mine, n)
    took = time.perf_counter() - began
    print(2 * (1 << 20) * n / took / 1e6 if kind == "bytes" else took / n * 1e6)
    mine.close()
    partner.join()
