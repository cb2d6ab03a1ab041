/**
 * Files on disk for request bodies that are taken in before an origin is asked, as nginx's `client_body_temp_path`. On workerd a disk
 * service is bound as `WEIR_SPOOL` (`cli/workerd/launch.ts`): a file appears when its PUT is over, and is read on after it was deleted. At the
 * edge there is none. All files together are bounded, and when there is no more room the client that has the most gives way
 * (`core/buffering/buffer-space.ts`).
 */
import type { BufferSpace, SpacePart } from "../../../core/buffering/buffer-space.ts";

/** What the spool needs of a disk service. */
interface Disk {
  fetch(
    url: string,
    init?: { readonly method: string; readonly body?: ReadableStream<Uint8Array> },
  ): Promise<Response>;
}

/** Where the isolate's files are. */
export class BodySpool {
  readonly #space: BufferSpace;
  /** Isolates share the folder. */
  #prefix: string | undefined;
  #files = 0;

  constructor(space: BufferSpace) {
    this.#space = space;
  }

  /**
   * Begins a file for a body of this client's; `undefined`: there is no room.
   * @param giveWay as of `BufferSpace.open`.
   */
  create(disk: Disk, client: string, giveWay: () => void): SpoolFile | undefined {
    const part = this.#space.open(client, 1, Date.now(), giveWay);
    if (part === undefined) return undefined;
    // A Worker has no randomness before its first request.
    this.#prefix ??= crypto.randomUUID();
    return new SpoolFile(disk, `http://spool/${this.#prefix}-${this.#files++}`, this.#space, part);
  }
}

/** One body: written once, then read as often as it is sent. */
export class SpoolFile {
  readonly #disk: Disk;
  readonly #url: string;
  readonly #space: BufferSpace;
  readonly #part: SpacePart;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #written: Promise<Response>;
  #bytes = 0;

  constructor(disk: Disk, url: string, space: BufferSpace, part: SpacePart) {
    const { readable, writable } = new IdentityTransformStream();
    this.#disk = disk;
    this.#url = url;
    this.#space = space;
    this.#part = part;
    this.#writer = writable.getWriter();
    this.#written = disk.fetch(url, { method: "PUT", body: readable });
    // A disk that fails takes no more.
    const over = (): void => void this.#writer.abort().catch(() => undefined);
    this.#written.then(over, over);
  }

  /** How much has been written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a piece. Resolves to `false` if there was no room for it: it was written all the same, and is to be the last. @throws if the disk fails. */
  async write(piece: Uint8Array): Promise<boolean> {
    const isRoom = this.#space.grow(this.#part, piece.byteLength, Date.now());
    await this.#writer.write(piece);
    this.#bytes += piece.byteLength;
    return isRoom;
  }

  /** It is whole. @throws if the disk fails. */
  async close(): Promise<void> {
    await this.#writer.close();
    const { ok, status } = await this.#written;
    if (!ok) throw new Error(`the disk answered ${status}`);
    this.#space.settle(this.#part);
  }

  /** What is in it, from the beginning, while it is there. */
  open(): ReadableStream<Uint8Array> {
    const through = new FixedLengthStream(this.#bytes);
    const read = async (): Promise<void> => {
      const { body } = await this.#disk.fetch(this.#url);
      await body?.pipeTo(through.writable);
    };
    read().catch((error: unknown) => void through.writable.abort(error).catch(() => undefined));
    return through.readable;
  }

  /** It is not read from the beginning any more. Never rejects. */
  async remove(): Promise<void> {
    this.#space.giveBack(this.#part);
    this.#writer.abort().catch(() => undefined);
    try {
      await this.#written;
      await this.#disk.fetch(this.#url, { method: "DELETE" });
    } catch {
      // It was never there.
    }
  }
}
