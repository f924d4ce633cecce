/** A key and a certificate for localhost, and for tests only. */
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

export const certificate = () => ({ key: read("key.pem"), cert: read("cert.pem") });
