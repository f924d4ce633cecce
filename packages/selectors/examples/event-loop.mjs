// An event loop in the manner of asyncio's: callbacks for what can be read and written.
import { DefaultSelector, EVENT_READ, EVENT_WRITE, socketpair } from "@cordage/selectors";

const events = { reader: EVENT_READ, writer: EVENT_WRITE };

export class EventLoop {
  selector = new DefaultSelector();
  ready = [];
  addReader = (file, callback) => this.#add(file, "reader", callback);
  addWriter = (file, callback) => this.#add(file, "writer", callback);
  removeReader = (file) => this.#remove(file, "reader");
  removeWriter = (file) => this.#remove(file, "writer");

  #add(file, role, callback) {
    const handle = { callback, cancelled: false, cancel: () => Object.assign(handle, { cancelled: true }) };
    const key = this.selector.getMap().get(file);
    key?.data[role]?.cancel();
    if (key) this.selector.modify(file, key.events | events[role], { ...key.data, [role]: handle });
    else this.selector.register(file, events[role], { [role]: handle });
    return handle;
  }

  #remove(file, role) {
    const key = this.selector.getMap().get(file);
    if (!key?.data[role]) return false;
    const { [role]: handle, ...others } = key.data;
    handle.cancel();
    if (key.events === events[role]) this.selector.unregister(file);
    else this.selector.modify(file, key.events & ~events[role], others);
    return true;
  }

  /** Queues the callbacks of what is ready; a cancelled one is taken out instead. */
  process(found) {
    for (const [{ fileobj, data }, mask] of found)
      for (const role of Object.keys(data).filter((role) => mask & events[role]))
        if (data[role].cancelled) this.#remove(fileobj, role);
        else this.ready.push(data[role]);
  }

  run() {
    while (this.selector.getMap().size > 0) {
      this.process(this.selector.select());
      for (const handle of this.ready.splice(0)) if (!handle.cancelled) handle.callback();
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const loop = new EventLoop();
  const [server, client] = socketpair();
  loop.addReader(server, () => server.send(`${server.recv(100)}, world`) && loop.removeReader(server));
  loop.addWriter(client, () => client.send("hello") && loop.removeWriter(client));
  loop.addReader(client, () => console.log(String(client.recv(100)), loop.removeReader(client)));
  loop.run();
}

// Prints:
// hello, world true
