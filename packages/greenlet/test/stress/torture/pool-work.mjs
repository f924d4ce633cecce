// What libuv's threads do meanwhile, and the same in calls that block.
import assert from "node:assert/strict";
import { createHmac, pbkdf2, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, brotliDecompressSync, deflate, inflateSync } from "node:zlib";
import { block } from "./hub.mjs";

export const files = {
  atATime: 2,
  begin: () => ({ folder: mkdtempSync(path.join(tmpdir(), "cordage-torture-")) }),
  round(random, { folder }) {
    const file = path.join(folder, String(random(1e9)));
    const content = randomBytes(random(50_000));
    block(writeFile(file, content));
    assert(block(readFile(file)).equals(content));
    assert(readFileSync(file).equals(content));
    block(unlink(file));
    assert.throws(() => block(readFile(file)), { code: "ENOENT" });
  },
  end: ({ folder }) => rmSync(folder, { recursive: true }),
};

export const hashes = {
  round(random) {
    const salt = randomBytes(16);
    const made = block(promisify(pbkdf2)("secret", salt, 1 + random(500), 32, "sha256"));
    assert.equal(made.length, 32);
    assert(
      pbkdf2Sync("secret", salt, 10, 32, "sha256").equals(block(promisify(pbkdf2)("secret", salt, 10, 32, "sha256"))),
    );
    assert.equal(createHmac("sha256", salt).update(made).digest().length, 32);
  },
};

export const compression = {
  round(random) {
    const content = Buffer.from(`${random(1e9)} `.repeat(random(5000)));
    assert(inflateSync(block(promisify(deflate)(content))).equals(content));
    assert(
      brotliDecompressSync(block(promisify(brotliCompress)(content.subarray(0, 5000)))).equals(
        content.subarray(0, 5000),
      ),
    );
  },
};
