// Stores the bytes of layers and configs: in memory, or in files if a folder is given (then a 300
// MB layer is never in memory as a whole).

import { createHash, type Hash, randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "./manifest.ts";

export interface Blob {
  readonly digest: string;
  readonly size: number;
  /** The bytes themselves, or the path of the file with them. */
  readonly content: Uint8Array | string;
}

/** An upload in progress: hashed while it arrives. */
export interface Upload {
  readonly id: string;
  readonly hash: Hash;
  readonly chunks: Uint8Array[];
  readonly file?: string;
  size: number;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export class BlobStore {
  readonly #folder: string | undefined;
  readonly #blobs = new Map<string, Blob>();

  constructor(folder?: string) {
    this.#folder = folder;
    if (folder !== undefined)
      for (const room of ["uploads", "sha256"]) mkdirSync(join(folder, room), { recursive: true });
  }

  get(digest: string): Blob | undefined {
    return this.#blobs.get(digest);
  }

  /** For preparing tests; the registry streams instead. */
  put(bytes: Uint8Array): Blob {
    const digest = sha256(bytes);
    const file = this.#path(digest);
    if (file !== undefined) writeFileSync(file, bytes);
    return this.#keep({ digest, size: bytes.byteLength, content: file ?? bytes });
  }

  begin(): Upload {
    const id = randomUUID();
    const file = this.#folder === undefined ? {} : { file: join(this.#folder, "uploads", id) };
    return { id, hash: createHash("sha256"), chunks: [], size: 0, ...file };
  }

  /**
   * What arrived before the connection broke is kept, so that the upload can continue from there.
   * `received` is called for each chunk.
   */
  async append(
    upload: Upload,
    body: AsyncIterable<Uint8Array>,
    received: (bytes: number) => void,
  ): Promise<void> {
    const handle = upload.file === undefined ? undefined : await open(upload.file, "a");
    try {
      for await (const chunk of body) {
        if (handle) await handle.appendFile(chunk);
        else upload.chunks.push(chunk);
        upload.hash.update(chunk);
        upload.size += chunk.byteLength;
        received(chunk.byteLength);
      }
    } finally {
      await handle?.close();
    }
  }

  /** Undefined when the bytes do not have this digest; the upload is removed in both cases. */
  async complete(upload: Upload, digest: string): Promise<Blob | undefined> {
    if (`sha256:${upload.hash.digest("hex")}` !== digest) {
      this.cancel(upload);
      return undefined;
    }
    const file = this.#path(digest);
    if (file === undefined || upload.file === undefined) {
      return this.#keep({ digest, size: upload.size, content: Buffer.concat(upload.chunks) });
    }
    await rename(upload.file, file);
    return this.#keep({ digest, size: upload.size, content: file });
  }

  cancel(upload: Upload): void {
    if (upload.file !== undefined) rmSync(upload.file, { force: true });
  }

  read(blob: Blob, range?: ByteRange): Uint8Array | AsyncIterable<Uint8Array> {
    const { content } = blob;
    if (typeof content !== "string")
      return range ? content.subarray(range.first, range.last + 1) : content;
    return createReadStream(content, range ? { start: range.first, end: range.last } : {});
  }

  /** For small ones: configs. */
  text({ content }: Blob): string {
    return (typeof content === "string" ? readFileSync(content) : Buffer.from(content)).toString(
      "utf8",
    );
  }

  #keep(blob: Blob): Blob {
    this.#blobs.set(blob.digest, blob);
    return blob;
  }

  #path(digest: string): string | undefined {
    return this.#folder === undefined ? undefined : join(this.#folder, ...digest.split(":"));
  }
}
