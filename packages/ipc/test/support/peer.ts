/** Second parties that share ipc's objects, which travel to them as the codec's bytes. */
import { encode } from "@cordage/ipc/sys";
import { peersOf, type StartPeer } from "@cordage/test-support/laws";

export const startPeer: StartPeer = peersOf({
  program: new URL("../fixtures/peer.mjs", import.meta.url),
  pack: encode,
});
