# CPython's eventlet: CASE [ARGUMENT].
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[4] / "scripts/bench"))
from peer import equal, needs, report_microseconds

needs("eventlet")
import eventlet


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

    report_microseconds(50_000, work)


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

    report_microseconds(50_000, work)


globals()[sys.argv[1]](*sys.argv[2:])
