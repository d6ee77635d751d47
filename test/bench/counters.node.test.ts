// Parsing the counters' output: perf's comma-separated line, callgrind's summary, and machines that count nothing.
import { describe, expect, it } from "vitest";
import { COUNTERS } from "../../bench/counters.mjs";

const [perf, valgrind] = COUNTERS;

describe("counters", () => {
  it("read what perf stat -x, writes", () => {
    const text = "# started on Sat Jan  3 12:00:00 2026\n\n4123456789,,instructions:u,812345678,100.00,,\n";
    expect(perf!.parse(text)).toBe(4_123_456_789);
    expect(perf!.parse("4123456789,,instructions,812345678,100.00,,\n")).toBe(4_123_456_789);
  });

  it("recognise that perf counted nothing", () => {
    expect(perf!.parse("# started on Sat Jan  3 12:00:00 2026\n\n<not supported>,,instructions:u,0,100.00,,\n")).toBeNaN();
    expect(perf!.parse("")).toBeNaN();
  });

  it("read callgrind's summary", () => {
    expect(valgrind!.parse("==1== Events    : Ir\n==1== Collected : 316396078\n==1==\n==1== I   refs:      316,396,078\n")).toBe(
      316_396_078,
    );
    expect(valgrind!.parse("==1== \n")).toBeNaN();
  });
});
