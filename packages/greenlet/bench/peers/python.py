# CPython's greenlet: CASE [N].
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[4] / "scripts/bench"))
from peer import count, equal, needs, report_nanoseconds

needs("greenlet")
import greenlet

main = greenlet.getcurrent()
turns = 0


def take_turns(following):
    global turns
    while True:
        turns += 1
        following.switch()


def waits_first():
    following = main.switch()  # started one in another, they would be one recursion
    main.switch()
    take_turns(following)


def switch(others):
    ring = [greenlet.greenlet(waits_first) for _ in range(others)]
    for one in ring:
        one.switch()
    for one, following in zip(ring, [*ring[1:], main]):
        one.switch(following)
    first = ring[0]

    def work(switches):
        global turns
        turns = 0
        rounds = -(-switches // (others + 1))
        for _ in range(rounds):
            first.switch()
        equal(turns, rounds * others, "turns")
        return rounds * (others + 1)

    report_nanoseconds(1_000_000, work)


def deep(depth, work):
    return work() if depth == 0 else deep(depth - 1, work)


def switch_deep():
    other = greenlet.greenlet(lambda: deep(100, lambda: take_turns(main)))

    def work(switches):
        global turns
        turns = 0

        def rounds():
            for _ in range(switches // 2):
                other.switch()

        deep(100, rounds)
        equal(turns, switches // 2, "turns")
        return turns * 2

    report_nanoseconds(1_000_000, work)


def create():
    def work(many):
        total = 0
        for i in range(many):
            total += greenlet.greenlet(lambda value: value).switch(i)
        equal(total, many * (many - 1) // 2, "sum of the results")
        return many

    report_nanoseconds(200_000, work)


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def parked(full):
    n = count(full)

    def park(many):
        made = []
        for _ in range(many):
            one = greenlet.greenlet(lambda: main.switch())
            one.switch()
            made.append(one)
        return made

    for one in park(max(1, n // 100)):
        one.switch()
    before = resident()
    made = park(n)
    print((resident() - before) / n)
    for one in made:
        one.switch()


cases = {"switch": switch, "switch-deep": switch_deep, "create": create, "parked": parked}
cases[sys.argv[1]](*map(int, sys.argv[2:]))
