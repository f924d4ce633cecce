# CPython's gevent: CASE.
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[4] / "scripts/bench"))
from peer import equal, needs, report_microseconds

needs("gevent")
import gevent
import gevent.queue


def spawn_join():
    def work(n):
        greenlets = gevent.joinall([gevent.spawn(lambda value: value, i) for i in range(n)])
        equal(sum(one.value for one in greenlets), n * (n - 1) // 2, "sum of the results")
        return n

    report_microseconds(100_000, work)


def sleep_0():
    def loop(times):
        for _ in range(times):
            gevent.sleep(0)

    def work(n):
        gevent.joinall([gevent.spawn(loop, n // 10) for _ in range(10)])
        return n // 10 * 10

    report_microseconds(200_000, work)


def queue():
    def work(n):
        items = gevent.queue.Queue(100)

        def put():
            for i in range(n):
                items.put(i)

        gevent.spawn(put)
        equal(sum(items.get() for _ in range(n)), n * (n - 1) // 2, "sum of the items")
        return n

    report_microseconds(200_000, work)


globals()[sys.argv[1]]()
