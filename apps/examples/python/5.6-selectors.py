# selectors模块
from multiprocessing import Pipe, Process
import selectors
import socket


def serve(ready):
    sel = selectors.DefaultSelector()

    def accept(sock, mask):
        conn, addr = sock.accept()  # Should be ready
        print('accepted', conn, 'from', addr)
        conn.setblocking(False)
        sel.register(conn, selectors.EVENT_READ, read)

    def read(conn, mask):
        data = conn.recv(1000)  # Should be ready
        if data:
            print('echoing', repr(data), 'to', conn)
            conn.send(data)  # Hope it won't block
        else:
            print('closing', conn)
            sel.unregister(conn)
            conn.close()

    sock = socket.socket()
    sock.bind(('localhost', 0))  # the document's port is 1234, which somebody may use
    sock.listen(100)
    sock.setblocking(False)
    sel.register(sock, selectors.EVENT_READ, accept)
    ready.send(sock.getsockname())

    while True:
        events = sel.select()
        for key, mask in events:
            callback = key.data
            callback(key.fileobj, mask)


if __name__ == '__main__':
    parent_conn, child_conn = Pipe()
    server = Process(target=serve, args=(child_conn,))
    server.start()
    client = socket.socket()
    client.connect(parent_conn.recv())
    for word in (b'hello', b'world'):
        client.sendall(word)
        print('got', repr(client.recv(1000)))
    client.shutdown(socket.SHUT_WR)
    client.recv(1000)  # the server has closed
    server.terminate()
    server.join()
