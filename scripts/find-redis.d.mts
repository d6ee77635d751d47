// Types of find-redis.mjs, for the tests.
export function findRedis(): string | undefined;
export function requireRedis(): string;
export function installRedis(): void;
