import { describe, expect, test } from "vitest";
import { type Event, Task } from "../../../src/base/event.ts";
import { Failure } from "../../../src/base/failure.ts";
import { inPhases } from "../../../src/environment/bootstrap-phases.ts";

/** What mmdebstrap 1.3 says without a terminal. */
const words = `I: automatically chosen mode: root
I: using /tmp/mmdebstrap.ItHrIOBROR as tempdir
I: running apt-get update...
I: downloading packages with apt...
I: extracting archives...
I: installing essential packages...
I: installing remaining packages inside the chroot...
I: cleaning package lists and apt cache...
I: creating tarball...
I: done
I: success in 61.5615 seconds
`;

function told(events: readonly Event[]): string[] {
  return events.flatMap((event) => {
    const name = event.path.join("/");
    if (event.type === "started") return [`${name} began: ${event.title}`];
    return event.type === "finished" ? [`${name} ${event.outcome}`] : [];
  });
}

describe("what mmdebstrap says", () => {
  test("becomes a step for each of its phases, one after another", async () => {
    const events: Event[] = [];
    const task = new Task((event) => events.push(event), ["base"]);

    const text = await inPhases(task, async (said) => {
      for (const piece of words.match(/[^]{1,7}/g) ?? []) said.write(piece);
      return await Promise.resolve(said);
    });

    expect(text.text).toBe(words);
    expect(told(events)).toEqual([
      "base/indices began: Read the archive's indices",
      "base/indices done",
      "base/download began: Download packages",
      "base/download done",
      "base/unpack began: Unpack the essential packages",
      "base/unpack done",
      "base/essential began: Install the essential packages",
      "base/essential done",
      "base/rest began: Install the other packages",
      "base/rest done",
      "base/write began: Write the root filesystem",
      "base/write done",
    ]);
    const logged = events.flatMap((event) => (event.type === "log" ? [event] : []));
    expect(logged.map(({ text }) => text).join("")).toBe(words);
    expect(logged.at(-1)?.path).toEqual(["base", "write"]);
  });

  test("says which phase failed, and with what", async () => {
    const events: Event[] = [];
    const task = new Task((event) => events.push(event), []);
    const failure = new Failure("infrastructure", "bootstrap-failed", "no space");

    const running = inPhases(task, async (said) => {
      said.write("I: running apt-get update...\nI: downloading packages with apt...\nE: no space");
      await Promise.reject(failure);
    });

    await expect(running).rejects.toBe(failure);
    expect(told(events).at(-1)).toBe("download failed");
    expect(events.findLast((event) => event.type === "log")).toMatchObject({
      path: ["download"],
      text: "E: no space\n",
    });
  });
});
