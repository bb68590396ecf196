import type { Event } from "../../../src/base/event.ts";
import type { Renderer, Sink } from "../../../src/cli/render/renderer.ts";

/** A sink that keeps what is written. */
export class Written implements Sink {
  text = "";
  columns = 80;
  rows = 24;

  write(text: string): void {
    this.text += text;
  }
}

type Told = Event extends infer E ? (E extends Event ? Omit<E, "path" | "time"> : never) : never;

/** Sends events whose path is written as "a/b" and whose time is in seconds after the epoch. */
export function tell(renderer: Pick<Renderer, "report">, path: string, seconds: number, told: Told): void {
  renderer.report({ ...told, path: path.split("/"), time: seconds * 1000 });
}

/** A build that installs and then fails to compile, as a stream of events. */
export function tellFailingBuild(renderer: Pick<Renderer, "report">): void {
  const failed = { type: "finished", outcome: "failed", summary: "make failed" } as const;
  tell(renderer, "sl", 0, { type: "started", title: "Building sl" });
  tell(renderer, "sl/install", 0.5, { type: "started", title: "Install packages" });
  tell(renderer, "sl/install", 0.6, { type: "log", text: "Setting up libc6\n" });
  tell(renderer, "sl/install", 1, { type: "warning", message: "vfs is slow", hint: "Use overlay" });
  tell(renderer, "sl/install", 2, {
    type: "finished",
    outcome: "done",
    duration: 1500,
    summary: "3 packages",
  });
  tell(renderer, "sl", 2, { type: "note", message: "28 of 31 were there" });
  tell(renderer, "sl/build", 2, { type: "started", title: "Build" });
  tell(renderer, "sl/build", 3, { type: "log", text: "gcc \u001b[31msl.c\u001b[0m\r\n::set-out" });
  tell(renderer, "sl/build", 4, { type: "log", text: "put name=a::b\nmake: *** Error 1" });
  tell(renderer, "sl/build", 5, { ...failed, duration: 3000 });
  tell(renderer, "sl", 5, { ...failed, duration: 5000 });
}
