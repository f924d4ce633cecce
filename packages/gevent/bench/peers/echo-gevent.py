# An echo server on gevent's StreamServer. Run: python3 echo-gevent.py PORT
import sys

from gevent.server import StreamServer


def echo(sock, _):
    try:
        while data := sock.recv(1 << 16):
            sock.sendall(data)
    except OSError:
        pass  # the peer has reset it


StreamServer(("127.0.0.1", int(sys.argv[1])), echo, backlog=1000).serve_forever()
