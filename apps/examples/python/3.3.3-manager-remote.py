from multiprocessing import AuthenticationError, Pipe, Process
from multiprocessing.managers import BaseManager
import queue


class QueueManager(BaseManager):
    pass


def serve(conn):
    q = queue.Queue()
    QueueManager.register("get_queue", callable=lambda: q)
    manager = QueueManager(address=("127.0.0.1", 0), authkey=b"abracadabra")
    server = manager.get_server()
    conn.send(server.address)
    server.serve_forever()


def connect(address, authkey):
    QueueManager.register("get_queue")
    manager = QueueManager(address=address, authkey=authkey)
    manager.connect()
    return manager.get_queue()


def put(address):
    q = connect(address, b"abracadabra")
    for n in range(3):
        q.put(n)


def get(address):
    q = connect(address, b"abracadabra")
    for n in range(3):
        print("got", q.get())


def intrude(address):
    try:
        connect(address, b"open sesame")
    except AuthenticationError:
        print("refused")


if __name__ == '__main__':
    parent_conn, child_conn = Pipe()
    server = Process(target=serve, args=(child_conn,))
    server.start()
    address = parent_conn.recv()
    clients = [Process(target=target, args=(address,)) for target in (get, put)]
    for p in clients:
        p.start()
    for p in clients:
        p.join()
    p = Process(target=intrude, args=(address,))
    p.start()
    p.join()
    server.terminate()
    server.join()
