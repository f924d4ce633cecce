# What multiprocessing.Manager does of each bench, named by the one argument.
import multiprocessing as mp
import os
import sys
import time

scale = float(os.environ.get("BENCH_SCALE", "1"))
CLIENTS = 8
ITEMS = {i: i for i in range(1000)}
SIZE = 2**20


def count(full):
    return max(2, round(full * scale))


def repeat(work, times):
    """Makes so many calls; each gets its number."""
    for i in range(times):
        work(i)


def seconds_each(work, n):
    """Seconds of one call, once as many have been made."""
    repeat(work, n)
    began = time.perf_counter()
    repeat(work, n)
    return (time.perf_counter() - began) / n


def using(d, op):
    def set_item(i):
        d[i % 1000] = i

    return set_item if op == "set" else lambda i: d[i % 1000]


def dict_op(manager, op):
    return seconds_each(using(manager.dict(ITEMS), op), count(10_000)) * 1e6


def client(d, together, op, n):
    work = using(d, op)
    repeat(work, n)
    together.wait()
    repeat(work, n)
    together.wait()


def dict_clients(manager, op):
    n = count(5_000)
    together = mp.Barrier(CLIENTS + 1)
    args = (manager.dict(ITEMS), together, op, n)
    clients = [mp.Process(target=client, args=args) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    together.wait()
    began = time.perf_counter()
    together.wait()
    took = time.perf_counter() - began
    for one in clients:
        one.join()
    return CLIENTS * n / took


def dict_set_rate(manager):
    return 1e6 / dict_op(manager, "set")


def list_push(manager):
    return seconds_each(manager.list().append, count(10_000)) * 1e6


def lock_pair(manager):
    lock = manager.Lock()

    def pair(_):
        lock.acquire()
        lock.release()

    return seconds_each(pair, count(5_000)) * 1e6


def partner(mine, theirs, turns):
    for _ in range(turns):
        mine.acquire()
        theirs.release()


def lock_hand_over(manager):
    n = count(3_000)
    mine, theirs = manager.Lock(), manager.Lock()
    mine.acquire()
    theirs.acquire()
    other = mp.Process(target=partner, args=(theirs, mine, 2 * n))
    other.start()

    def turn(_):
        theirs.release()
        mine.acquire()

    took = seconds_each(turn, n) / 2
    other.join()
    return took * 1e6


def queue(manager):
    q = manager.Queue()

    def put_and_get(i):
        q.put(i)
        q.get()

    return seconds_each(put_and_get, count(5_000)) * 1e6


def large(manager, op):
    d = manager.dict()
    value = b"x" * SIZE
    d["large"] = value

    def set_large(_):
        d["large"] = value

    work = set_large if op == "set" else lambda _: d["large"]
    return SIZE / seconds_each(work, count(300)) / 1e6


def start():
    began = time.perf_counter()
    with mp.Manager() as manager:
        manager.dict()["first"] = 1
        return (time.perf_counter() - began) * 1e3


def with_manager(work):
    with mp.Manager() as manager:
        return work(manager)


if __name__ == "__main__":
    mp.set_start_method("fork")
    works = {
        "dict-set": lambda m: dict_op(m, "set"),
        "dict-get": lambda m: dict_op(m, "get"),
        "dict-set-clients": lambda m: dict_clients(m, "set"),
        "dict-get-clients": lambda m: dict_clients(m, "get"),
        "dict-set-rate": dict_set_rate,
        "list-push": list_push,
        "lock-pair": lock_pair,
        "lock-hand-over": lock_hand_over,
        "queue": queue,
        "large-set": lambda m: large(m, "set"),
        "large-get": lambda m: large(m, "get"),
    }
    case = sys.argv[1]
    print(start() if case == "start" else with_manager(works[case]))
