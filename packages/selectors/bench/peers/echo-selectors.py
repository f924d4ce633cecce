"""The document's echo server on Python's selectors. Run: python3 echo-selectors.py PORT"""
import selectors
import socket
import sys

selector = selectors.DefaultSelector()


def accept(listener, events):
    connection, _ = listener.accept()
    connection.setblocking(False)
    selector.register(connection, selectors.EVENT_READ, read)


def read(connection, events):
    data = received(connection)
    if data:
        connection.send(data)
    else:
        selector.unregister(connection)
        connection.close()


def received(connection):
    try:
        return connection.recv(1 << 16)
    except ConnectionError:
        return b""


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1000)
listener.setblocking(False)
selector.register(listener, selectors.EVENT_READ, accept)
while True:
    for key, events in selector.select():
        key.data(key.fileobj, events)
