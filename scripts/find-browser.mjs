// Finds Chromium, Firefox and WebKit on this machine, and says what to do where one is missing. A browser is never skipped.
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installDebian } from "./install.mjs";

const { PROGRAMFILES = "C:\\Program Files", LOCALAPPDATA = "" } = process.env;
const PROGRAMFILES32 = process.env["PROGRAMFILES(X86)"] ?? "C:\\Program Files (x86)";

/** For each browser: variables that name it, commands that start it, and its paths on systems where it is not on the PATH. */
const BROWSERS = {
  chromium: {
    variables: ["CHROME_PATH", "CHROMIUM"],
    commands: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"],
    places: {
      darwin: [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
      ],
      win32: [
        join(PROGRAMFILES, "Google\\Chrome\\Application\\chrome.exe"),
        join(PROGRAMFILES32, "Google\\Chrome\\Application\\chrome.exe"),
        join(LOCALAPPDATA, "Google\\Chrome\\Application\\chrome.exe"),
        join(PROGRAMFILES32, "Microsoft\\Edge\\Application\\msedge.exe"),
      ],
    },
    debian: ["chromium"],
    advice: "install Chromium, Chrome or Edge (Debian: apt-get install chromium)",
  },
  firefox: {
    variables: ["FIREFOX_PATH", "FIREFOX"],
    commands: ["firefox-esr", "firefox"],
    places: {
      darwin: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
      win32: [join(PROGRAMFILES, "Mozilla Firefox\\firefox.exe"), join(PROGRAMFILES32, "Mozilla Firefox\\firefox.exe")],
    },
    debian: ["firefox-esr"],
    advice: "install Firefox (Debian: apt-get install firefox-esr)",
  },
  // The driver, which starts WebKitGTK's MiniBrowser on a virtual screen.
  webkit: {
    variables: ["WEBKIT_DRIVER_PATH"],
    commands: ["WebKitWebDriver"],
    places: {},
    debian: ["webkit2gtk-driver", "xvfb", "xauth"],
    advice: "install WebKitGTK's driver on Linux (Debian: apt-get install webkit2gtk-driver xvfb xauth)",
  },
};

/** Arguments for a Chromium under test: root may not use its sandbox, and the rest disables the GPU and background network requests. */
export const CHROMIUM_ARGUMENTS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The path of a browser's executable, or undefined where there is none.
 * @param {"chromium" | "firefox" | "webkit"} name
 * @throws Error when a variable names a file that is not there
 */
export function findBrowser(name) {
  const { variables, commands, places } = BROWSERS[name];
  const variable = variables.find((each) => process.env[each]);
  if (variable) {
    const path = process.env[variable];
    if (!existsSync(path))
      throw new Error(`${variable} is ${path}, and no such file exists; name ${name}'s executable or unset it`);
    return path;
  }
  // Debian's folder first, because a PATH may lack it.
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...(process.platform === "win32" ? [] : onPath), ...(places[process.platform] ?? [])].find(isExecutable);
}

/**
 * As `findBrowser`, but throws where there is none.
 * @param {"chromium" | "firefox" | "webkit"} name
 * @throws Error that says what to do
 */
export function requireBrowser(name) {
  const path = findBrowser(name);
  if (path) return path;
  const { advice, variables } = BROWSERS[name];
  throw new Error(
    `The tests run in a real ${name}, and none was found. Either ${advice}, or set ${variables[0]} to its executable.`,
  );
}

/** Installs missing browsers where `installDebian` can. requireBrowser reports what is still missing. */
export function installBrowsers(...names) {
  installDebian(...names.filter((name) => !findBrowser(name)).flatMap((name) => BROWSERS[name].debian));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
