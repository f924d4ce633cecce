# An echo server with eventlet's serve. Run: python3 echo-eventlet.py PORT
import sys

import eventlet


def echo(sock, _):
    try:
        while data := sock.recv(1 << 16):
            sock.sendall(data)
    except OSError:
        pass  # the peer has reset it


eventlet.serve(eventlet.listen(("127.0.0.1", int(sys.argv[1])), backlog=1000), echo)
