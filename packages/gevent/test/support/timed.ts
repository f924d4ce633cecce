/** Every call that takes a time and a signal. */
import { event, Greenlet, joinAll, killAll, lock, pool, queue, sleep, spawn, wait } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";

/** Things with methods that take a time; whether they would wait must not matter. */
export interface Timed {
  name: string;
  call(options: any): unknown;
  state(): unknown;
}

export function timed(): Timed[] {
  const [set, unset] = [new event.Event(), new event.Event()];
  set.set();
  const [result, later] = [new event.AsyncResult(), new event.AsyncResult()];
  result.set(1);
  const [free, taken] = [new lock.Semaphore(1), new lock.Semaphore(0)];
  const own = new lock.RLock();
  const [some, none, full] = [new queue.Queue(0, [1]), new queue.Queue(), new queue.Queue(1, [1])];
  const channel = new queue.Channel();
  const [alive, dead] = [spawn(() => sleep(10_000)), spawn(() => 1)];
  const group = new pool.Group(alive);
  const small = new pool.Pool(1);
  dead.join();
  const g = () => [alive.dead, alive.linkCount];
  const sizes = () => [some.qsize(), none.qsize(), full.qsize(), none.waitingGetters, full.waitingPutters];
  return [
    ["Event.wait", (o: any) => unset.wait(o), () => unset.linkCount],
    ["Event.wait, set", (o: any) => set.wait(o), () => set.linkCount],
    ["AsyncResult.get", (o: any) => later.get(o), () => 0],
    ["AsyncResult.get, set", (o: any) => result.get(o), () => 0],
    ["AsyncResult.wait, set", (o: any) => result.wait(o), () => 0],
    ["Semaphore.acquire", (o: any) => taken.acquire(o), () => taken.counter],
    ["Semaphore.acquire, free", (o: any) => free.acquire(o), () => free.counter],
    ["RLock.acquire", (o: any) => own.acquire(o), () => own.locked()],
    ["Queue.get", (o: any) => none.get(o), sizes],
    ["Queue.get, not empty", (o: any) => some.get(o), sizes],
    ["Queue.peek, not empty", (o: any) => some.peek(o), sizes],
    ["Queue.put", (o: any) => none.put(2, o), sizes],
    ["Queue.put, full", (o: any) => full.put(2, o), sizes],
    ["Queue.join", (o: any) => none.join(o), sizes],
    ["Channel.get", (o: any) => channel.get(o), () => thrownBy(() => channel.putNoWait(1)).code],
    ["Channel.put", (o: any) => channel.put(1, o), () => thrownBy(() => channel.getNoWait()).code],
    ["Greenlet.join", (o: any) => alive.join(o), g],
    ["Greenlet.join, dead", (o: any) => dead.join(o), g],
    ["Greenlet.get", (o: any) => alive.get(o), g],
    ["Greenlet.get, dead", (o: any) => dead.get(o), g],
    ["Greenlet.kill", (o: any) => alive.kill(undefined, o), g],
    ["killAll", (o: any) => killAll([alive], undefined, o), g],
    ["joinAll", (o: any) => joinAll([alive], o), g],
    ["wait", (o: any) => wait([alive], o), g],
    ["wait for a promise", (o: any) => wait(Promise.resolve(1), o), () => 0],
    ["wait for the end", (o: any) => wait(null, o), () => 0],
    ["Group.kill", (o: any) => group.kill(undefined, o), () => [g(), group.length]],
    ["Group.killOne", (o: any) => group.killOne(alive, undefined, o), () => [g(), group.length]],
    ["Group.join", (o: any) => group.join(o), () => [g(), group.length]],
    ["Pool.add", (o: any) => small.add(alive, o), () => [small.length, small.freeCount()]],
    ["Pool.start", (o: any) => small.start(new Greenlet(() => undefined), o), () => [small.length, small.freeCount()]],
    ["Pool.waitAvailable", (o: any) => small.waitAvailable(o), () => small.freeCount()],
  ].map(([name, call, state]) => ({ name, call, state }) as Timed);
}
