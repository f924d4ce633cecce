"""Two hosts on one machine: network namespaces whose only way to each other is this process. It carries their packets,
and loses, delays, reorders or swallows them as its stdin says. Arguments: a seed for what is left to chance.

A host is a namespace with a TUN device: what its kernel sends is read here, and what is written here its kernel receives.
A namespace has no name: it goes with the last process in it, this one or a test's, whatever ends them.

Each line of stdin is a command, [name, ...arguments], and is answered by a line: the namespaces, to be entered by
setns(2), and how many packets went which way. The first line says so without a command. Ends when stdin does.

Source: https://docs.kernel.org/networking/tuntap.html, netdevice(7), network_namespaces(7).
"""
import ctypes
import fcntl
import heapq
import itertools
import json
import os
import random
import selectors
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, IFF_UP = 0x8913, 0x8914, 0x8916, 0x891C, 0x1
TCP, SYN, ACK = 6, 0x02, 0x10
LONGEST = 65535

# Of TEST-NET-1 (RFC 5737): they are nobody's, and no packet for them leaves the namespaces.
ADDRESSES = {"server": "192.0.2.1", "client": "192.0.2.2"}
libc = ctypes.CDLL(None, use_errno=True)


def enter_new_namespace():
    if libc.unshare(CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "unshare")


class Host:
    def __init__(self, address):
        enter_new_namespace()
        self.namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # it stays in this namespace
        self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", b"link", IFF_TUN | IFF_NO_PI))
        self.configure(SIOCSIFADDR, address)
        self.configure(SIOCSIFNETMASK, "255.255.255.0")
        self.plug("lo")
        self.plug()

    def configure(self, what, address):
        value = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(self.control, what, struct.pack("16s16s8x", b"link", value))

    def plug(self, device="link", up=IFF_UP):
        request = struct.pack("16s24x", device.encode())
        (flags,) = struct.unpack_from("H", fcntl.ioctl(self.control, SIOCGIFFLAGS, request), 16)
        request = struct.pack("16sH22x", device.encode(), flags & ~IFF_UP | up)
        fcntl.ioctl(self.control, SIOCSIFFLAGS, request)

    def unplug(self):
        self.plug(up=0)

    def close(self):
        os.close(self.tun)
        os.close(self.namespace)
        self.control.close()


def endpoints(packet):
    """Between which ends of TCP, and whether it begins a connection; nothing of a packet that is not TCP's over IPv4."""
    header = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != TCP or len(packet) < header + 20:
        return None, False
    source = packet[12:16] + packet[header : header + 2]
    target = packet[16:20] + packet[header + 2 : header + 4]
    return frozenset([source, target]), packet[header + 13] & (SYN | ACK) == SYN


class Connections:
    """Which packets of connections do not pass: that is decided when one begins, by the number of each packet, both ways."""

    def __init__(self):
        self.rules = itertools.repeat(lambda number: False)
        self.known = {}

    def swallow(self, packet):
        ends, begins = endpoints(packet)
        if begins and ends not in self.known:
            self.known[ends] = (next(self.rules), itertools.count())
        if ends not in self.known:
            return False
        rule, numbers = self.known[ends]
        return rule(next(numbers))


class Direction:
    """What goes one way."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.under_way = []
        self.read = self.newest = 0
        self.counts = {"passed": 0, "lost": 0, "reordered": 0, "swallowed": 0}

    def take(self, packet, faults):
        self.read += 1
        if faults.swallows(packet):
            self.counts["swallowed"] += 1
        elif self.chance.random() < faults.loss:
            self.counts["lost"] += 1
        else:
            due = time.monotonic() + self.chance.uniform(*faults.delay) / 1000
            heapq.heappush(self.under_way, (due, self.read, packet))

    def deliver(self, host):
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _, number, packet = heapq.heappop(self.under_way)
            try:
                os.write(host.tun, packet)
            except OSError:  # it is unplugged
                self.counts["swallowed"] += 1
                continue
            self.counts["passed"] += 1
            if number < self.newest:
                self.counts["reordered"] += 1
            self.newest = max(self.newest, number)


class Faults:
    """What befalls packets."""

    def __init__(self):
        self.loss, self.delay, self.is_cut = 0, (0, 0), False
        self.connections = Connections()

    def swallows(self, packet):
        return self.connections.swallow(packet) or self.is_cut

    def disturb(self, loss, shortest, longest):
        """From now on so many of 1 are lost, and the others take so many milliseconds: one may overtake another."""
        self.loss, self.delay = loss, (shortest, longest)

    def cut(self):
        """Nothing passes until it is mended, and nobody is told."""
        self.is_cut = True

    def mend(self):
        self.is_cut = False

    def lose_one_each(self):
        """The nth connection that is begun from now on loses its nth packet, once."""
        self.connections.rules = (lambda number, n=n: number == n for n in itertools.count())

    def stall_after(self, count):
        """Connections that are begun from now on get no further than so many packets."""
        self.connections.rules = itertools.repeat(lambda number: number >= count)


class Link:
    def __init__(self, seed):
        self.faults = Faults()
        self.selector = selectors.DefaultSelector()
        self.stdin = sys.stdin.buffer.raw  # unbuffered: the selector must know of every line
        self.selector.register(self.stdin, selectors.EVENT_READ)
        self.hosts, self.ways = {}, {name: Direction(f"{seed} to {name}") for name in ADDRESSES}
        for name in ADDRESSES:
            self.add(name)

    def add(self, name):
        self.hosts[name] = Host(ADDRESSES[name])
        self.selector.register(self.hosts[name].tun, selectors.EVENT_READ, name)

    def replace(self, name):
        """Another host at the address; the old one, if there are processes on it, is cut off for good."""
        self.selector.unregister(self.hosts[name].tun)
        self.hosts[name].close()
        self.add(name)

    def report(self):
        places = {name: f"/proc/{os.getpid()}/fd/{host.namespace}" for name, host in self.hosts.items()}
        counts = {name: way.counts for name, way in self.ways.items()}
        begun = len(self.faults.connections.known)
        print(json.dumps({"namespaces": places, "to": counts, "begun": begun}), flush=True)

    def obey(self, name, *arguments):
        if name in ("plug", "unplug"):
            getattr(self.hosts[arguments[0]], name)()
        elif name == "replace":
            self.replace(*arguments)
        elif name != "report":
            getattr(self.faults, name)(*arguments)
        self.report()

    def carry(self, name):
        try:
            packet = os.read(self.hosts[name].tun, LONGEST)
        except OSError:  # it was unplugged meanwhile
            return
        self.ways["client" if name == "server" else "server"].take(packet, self.faults)

    def patience(self):
        first = min((way.under_way[0][0] for way in self.ways.values() if way.under_way), default=None)
        return None if first is None else max(first - time.monotonic(), 0)

    def run(self):
        self.report()
        while True:
            for key, _ in self.selector.select(self.patience()):
                if key.data:
                    self.carry(key.data)
                    continue
                line = self.stdin.readline()
                if not line:
                    return
                self.obey(*json.loads(line))
            for name, way in self.ways.items():
                way.deliver(self.hosts[name])


try:
    link = Link(*sys.argv[1:])
except OSError as error:
    sys.exit(f"no network namespaces with a TUN device: {error.strerror}")
link.run()
