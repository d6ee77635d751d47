// The Race room: each engine in turn runs the same training in a worker; shows the rows per second of each.
import type { App, Room } from "../app/room.js";
import { button, card, playButton, select } from "../ui/controls.js";
import { fill, h, setText } from "../ui/dom.js";
import { integer, loss as formatLoss, plural } from "../ui/format.js";
import { onFrame } from "../ui/frames.js";
import { loadRows } from "./data.js";
import { LANES, type LaneId } from "./protocol.js";
import { Race, median, type LaneState } from "./race.js";
import { WORKLOADS, WORKLOAD_IDS, type WorkloadId } from "./workloads.js";

const NAMES: Record<LaneId, [name: string, about: string]> = {
  js: ["Plain JavaScript", "the library’s own second engine: loops over typed arrays"],
  simd: ["WebAssembly SIMD", "four numbers at a time; the same bits on every machine"],
  relaxed: ["WebAssembly relaxed SIMD", "the default: multiply and add in one instruction"],
  threads: ["WebAssembly threads", "relaxed SIMD on several cores, by fitAsync"],
};
/** The size of MNIST's training set, for comparison. */
const MNIST = 60_000;

export function create(app: App): Room {
  let workload: WorkloadId = "digits";
  let race: Race | undefined;
  let finished: Race | undefined;
  let restFrames: (() => void) | undefined;

  const play = playButton(() => (race ? stop() : void start()), ["Start the race", "Stop"]);
  const choose = select({
    label: "They train",
    choices: WORKLOAD_IDS.map((id) => [id, WORKLOADS[id].title]),
    value: workload,
    onChange(id) {
      stop();
      workload = id;
      clear();
      app.remember(new URLSearchParams(id === "digits" ? {} : { train: id }));
    },
  });
  const headline = h("p", { class: "headline" });
  const rounds = h("p", { class: "hint", role: "status" });
  const notice = h("p", { class: "notice", role: "alert" });
  const lanes = new Map(LANES.map((id) => [id, createLane(id)]));
  const element = h(
    "div",
    { class: "room race" },
    h(
      "div",
      { class: "intro" },
      h("h1", {}, "The race of the engines"),
      h(
        "p",
        {},
        "The same network, the same rows, the same seed: each engine trains in turn for a quarter of a second, in a worker, " +
          "so that the page keeps still and none disturbs another.",
      ),
    ),
    h(
      "div",
      { class: "run", role: "group", "aria-label": "Race" },
      play.element,
      choose.element,
      button(
        "Reset",
        () => {
          stop();
          clear();
        },
        { icon: "reset" },
      ),
    ),
    notice,
    card(
      "Rows a second",
      { class: "lanes-card" },
      headline,
      h("ol", { class: "lanes" }, ...LANES.map((id) => lanes.get(id)!.element)),
      rounds,
    ),
    card(
      "How it is measured",
      {},
      h(
        "ul",
        { class: "method" },
        h(
          "li",
          {},
          "Turns alternate, so whatever else slows this machine slows every lane. " +
            "Figures are medians of up to 15 turns; the ticks under a bar are the turns.",
        ),
        h(
          "li",
          {},
          "The ratio is the median of each round’s ratio to plain JavaScript. " +
            "The losses agree where the engines do the same work: the lanes that are faster have trained further.",
        ),
        h("li", {}, "Nothing is precomputed: press start and your own machine makes the figures."),
      ),
    ),
  );

  async function start(): Promise<void> {
    clear();
    play.set(true);
    restFrames = onFrame(() => {});
    const mine =
      (race =
      finished =
        new Race({
          changed() {
            if (finished === mine) show(mine);
          },
          running(id) {
            if (finished !== mine) return;
            for (const [each, lane] of lanes) lane.element.classList.toggle("is-running", each === id);
            const state = mine.lanes.find((each) => each.id === id);
            if (!state?.engine) return;
            const { engine, threads, rates } = state;
            app.report({ engine, threads, rowsPerSecond: rates.length ? median(rates) : undefined });
          },
        }));
    try {
      setText(rounds, "Warming up …");
      const rows = await loadRows(workload);
      if (race === mine) await mine.run(workload, rows);
    } catch (error) {
      console.error(error);
      notice.textContent = `The race stopped: ${error instanceof Error ? error.message : String(error)}.`;
    } finally {
      if (race === mine) stop();
    }
  }

  function stop(): void {
    race?.stop();
    race = undefined;
    restFrames?.();
    restFrames = undefined;
    play.set(false);
    if (rounds.textContent?.startsWith("Warming")) setText(rounds, "");
  }

  function clear(): void {
    finished = undefined;
    notice.textContent = "";
    setText(rounds, "");
    fill(headline, "Press start: how much faster is WebAssembly on this machine?");
    for (const lane of lanes.values()) lane.clear();
  }

  function show({ lanes: states, rounds: done }: Race): void {
    const most = Math.max(...states.flatMap(({ rates }) => rates), 1);
    for (const state of states) lanes.get(state.id)!.show(state, most, workload);
    const best = states
      .filter(({ id, ratios }) => id !== "js" && ratios.length > 0)
      .sort((a, b) => median(b.ratios) - median(a.ratios))[0];
    if (best) fill(headline, h("b", {}, `${times(median(best.ratios))}`), ` as fast as plain JavaScript: ${NAMES[best.id][0]}`);
    setText(rounds, done ? `${plural(done, "round")}.` : "Warming up …");
  }

  clear();
  return {
    element,
    enter(query) {
      const wanted = WORKLOAD_IDS.find((id) => id === query.get("train"));
      if (wanted && wanted !== workload) {
        stop();
        workload = wanted;
        choose.set(wanted);
        clear();
      }
      app.remember(new URLSearchParams(workload === "digits" ? {} : { train: workload }));
    },
    leave: stop,
    model: () => finished?.model,
    refuses: () => "the race makes its own networks",
    load: () => {},
  };
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 9.95 ? 1 : 0)}×`;

interface Lane {
  readonly element: HTMLElement;
  show(state: LaneState, most: number, workload: WorkloadId): void;
  clear(): void;
}

function createLane(id: LaneId): Lane {
  const rate = h("b", { class: "rate" }, "–");
  const ratio = h("span", { class: "ratio" }, "");
  const bar = h("div", { class: "bar" });
  const ticks = h("div", { class: "ticks" });
  const detail = h("p", { class: "hint" }, NAMES[id][1]);
  const element = h(
    "li",
    { class: `lane ${id}` },
    h("div", { class: "lane-head" }, h("h3", {}, NAMES[id][0]), rate, ratio),
    h("div", { class: "track", "aria-hidden": "true" }, bar, ticks),
    detail,
  );
  return {
    element,
    show({ absent, rates, ratios, loss, engine, threads }, most, workload) {
      element.classList.toggle("is-absent", absent !== undefined);
      if (absent !== undefined) {
        setText(rate, "not here");
        setText(detail, absent);
        return;
      }
      if (rates.length === 0) return;
      const middle = median(rates);
      setText(rate, `${integer(middle)} rows/s`);
      setText(ratio, id === "js" ? "1×" : times(median(ratios)));
      bar.style.setProperty("--part", String(middle / most));
      fill(ticks, ...rates.map((each) => h("i", { style: `left:${(100 * each) / most}%` })));
      const parts = [engine, threads && plural(threads, "thread"), `loss ${formatLoss(loss)}`];
      if (WORKLOADS[workload].data === "digits") parts.push(`MNIST’s ${integer(MNIST)} images once: ${seconds(MNIST / middle)}`);
      setText(detail, parts.filter(Boolean).join(" · "));
    },
    clear() {
      element.classList.remove("is-absent", "is-running");
      setText(rate, "–");
      setText(ratio, "");
      bar.style.setProperty("--part", "0");
      fill(ticks);
      setText(detail, NAMES[id][1]);
    },
  };
}

const seconds = (value: number): string =>
  value < 1 ? `${Math.round(1000 * value)} ms` : `${value.toFixed(value < 9.95 ? 1 : 0)} s`;
