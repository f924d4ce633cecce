# What CPython's generators and asyncio do of each bench: CASE [ARGUMENT].
import asyncio
import gc
import os
import pathlib
import sys
import time
import tracemalloc

sys.path.append(str(pathlib.Path(__file__).parents[4] / "scripts/bench"))
from peer import count, equal


def sum_below(n):
    return n * (n - 1) // 2


def nanoseconds(full, work):
    n = count(full)
    work(max(2, n // 5))
    began = time.perf_counter()
    work(n)
    return (time.perf_counter() - began) / n * 1e9


def summer():
    total = 0
    while True:
        total += yield total


def send():
    def work(n):
        sums = summer()
        next(sums)
        send = sums.send
        for i in range(n):
            total = send(i)
        equal(total, sum_below(n), "sum")

    return nanoseconds(5_000_000, work)


async def take_turns(number, turns, order=None):
    for _ in range(turns):
        if order is not None:
            order.append(number)
        await asyncio.sleep(0)


def switch(tasks):
    tasks = int(tasks)

    async def run(turns, order=None):
        await asyncio.gather(*(take_turns(number, turns, order) for number in range(tasks)))

    order = []
    asyncio.run(run(10, order))
    equal(order, list(range(tasks)) * 10, "order of the turns")
    return nanoseconds(500_000, lambda n: asyncio.run(run(-(-n // tasks))))


async def child(i):
    return i


def spawn_join():
    async def parent(n):
        total = 0
        for i in range(n):
            task = asyncio.create_task(child(i))
            total += await task
        equal(total, sum_below(n), "sum")

    return nanoseconds(100_000, lambda n: asyncio.run(parent(n)))


def channel(room):
    async def put_all(queue, n):
        for i in range(n):
            await queue.put(i)

    async def take_all(queue, n):
        for i in range(n):
            if await queue.get() != i:
                raise AssertionError("values out of order")

    async def both(n):
        queue = asyncio.Queue(int(room))
        await asyncio.gather(put_all(queue, n), take_all(queue, n))

    return nanoseconds(200_000, lambda n: asyncio.run(both(n)))


def parked(what):
    started = 0

    async def sleep(_):
        nonlocal started
        started += 1
        await asyncio.sleep(1e3)

    async def take(queue):
        nonlocal started
        started += 1
        await queue.get()

    wait = {"sleep": sleep, "take": take}[what]

    async def park(n):
        queue = asyncio.Queue()
        warm = [asyncio.create_task(wait(queue)) for _ in range(10)]
        await asyncio.sleep(0)
        gc.collect()
        tracemalloc.start()
        tasks = [asyncio.create_task(wait(queue)) for _ in range(n)]
        await asyncio.sleep(0)
        equal(started, n + len(warm), "tasks that have started")
        gc.collect()
        print(tracemalloc.get_traced_memory()[0] / n, flush=True)
        equal(sum(task.done() for task in tasks), 0, "tasks that have ended")
        os._exit(0)

    asyncio.run(park(count(100_000)))


def group_failure():
    others = count(1000) - 1
    began = 0.0

    async def wait(ended):
        try:
            await asyncio.sleep(1e3)
        finally:
            ended.append(1)

    async def fail_soon():
        nonlocal began
        await asyncio.sleep(0)
        began = time.perf_counter()
        raise ValueError("as intended")

    async def failure():
        ended = []
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(others):
                    group.create_task(wait(ended))
                group.create_task(fail_soon())
        except* ValueError:
            took = time.perf_counter() - began
        equal(len(ended), others, "tasks that have ended with the group")
        return took

    async def failures():
        for _ in range(3):
            await failure()
        return sum([await failure() for _ in range(20)]) / 20 * 1e6

    return asyncio.run(failures())


case, *arguments = sys.argv[1:]
cases = {
    "send": send,
    "switch": switch,
    "spawn-join": spawn_join,
    "channel": channel,
    "parked": parked,
    "group-failure": group_failure,
}
print(cases[case](*arguments))
