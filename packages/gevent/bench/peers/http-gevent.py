# Run: python3 http-gevent.py PORT
import sys
from socket import IPPROTO_TCP, TCP_NODELAY

from gevent.pywsgi import WSGIServer


def hello(_, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world\n"]


class Server(WSGIServer):
    """It sends head and body apart: with Nagle's algorithm each response would wait for wrk's delayed acknowledgement (1,139/s)."""

    def handle(self, sock, address):
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        super().handle(sock, address)


Server(("127.0.0.1", int(sys.argv[1])), hello, log=None).serve_forever()
