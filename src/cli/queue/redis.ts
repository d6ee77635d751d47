// BullMQ and its client of Redis: optional packages, which only the commands over a queue load.
import type * as Bullmq from "bullmq";
import type { Redis } from "ioredis";
import { codeOf, DataError } from "../errors.js";
import { note } from "../terminal.js";

type Bull = typeof Bullmq;

export interface Connection {
  readonly bull: Bull;
  readonly redis: Redis;
  /** For BullMQ, which opens connections of its own. */
  readonly options: { readonly url: string; readonly maxRetriesPerRequest: null };
  end(): void;
}

/** The queue's name in Redis, where all keys begin with `bull:wasmlp:` or `wasmlp:`. */
export const QUEUE = "wasmlp";

const PACKAGES = "npm install bullmq ioredis, or npx -p wasmlp -p bullmq -p ioredis wasmlp …";

/**
 * @param url `redis://host:6379`, `rediss://` for TLS
 * @throws DataError when the packages are missing or nothing answers
 */
export async function connect(url: string, quiet: boolean): Promise<Connection> {
  let bull: Bull, Client: typeof Redis;
  try {
    [bull, { Redis: Client }] = await Promise.all([import("bullmq"), import("ioredis")]);
  } catch (error) {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new DataError(`a queue needs the packages bullmq and ioredis, which wasmlp does not bring: ${PACKAGES}`, {
      cause: error,
    });
  }
  const shown = url.replace(/\/\/[^@/]*@/, "//…@");
  const redis = new Client(url, { lazyConnect: true, maxRetriesPerRequest: null });
  let lost = false;
  let reason = "";
  redis.on("error", (error: Error) => {
    reason = error.message || codeOf(error) || "no answer";
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new DataError(`nothing can be reached at ${shown} (${reason || (error as Error).message}); is Redis running there?`, {
      cause: error,
    });
  }
  redis.on("close", () => {
    if (!lost && !quiet) note(`the connection to ${shown} is lost; trying again`);
    lost = true;
  });
  redis.on("ready", () => {
    if (lost && !quiet) note(`connected to ${shown} again`);
    lost = false;
  });
  return {
    bull,
    redis,
    options: { url, maxRetriesPerRequest: null },
    end() {
      lost = true;
      redis.disconnect();
    },
  };
}
