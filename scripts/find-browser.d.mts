// Types of find-browser.mjs, for the tests.
export type BrowserName = "chromium" | "firefox" | "webkit";
export function findBrowser(name: BrowserName): string | undefined;
export function requireBrowser(name: BrowserName): string;
export function installBrowsers(...names: BrowserName[]): void;
export const CHROMIUM_ARGUMENTS: string[];
