// SIGINT and SIGTERM while a network is training: training ends at once, at its last complete epoch. A second signal ends the process.
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The received signal; undefined before one. */
  readonly received: NodeJS.Signals | undefined;
  /** Gives the signals back their usual effect. */
  end(): void;
}

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const interrupt = (name: NodeJS.Signals): void => {
    received = name;
    end();
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const end = (): void => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    signal: controller.signal,
    end,
    get received() {
      return received;
    },
  };
}
