import { formatSize } from "../../../base/size.ts";
import type { Plugin, ReportedBuild } from "../plugin.ts";

/** On what machine the container ran, which need not be this one: Mock's hw_info. */
export const hwInfo: Plugin = {
  apiVersion: 1,
  name: "hw-info",
  probes: [
    { name: "kernel", when: "before", argv: ["uname", "-srvm"] },
    { name: "processors", when: "before", argv: ["lscpu"] },
    { name: "memory", when: "before", argv: ["cat", "/proc/meminfo"] },
    { name: "disk", when: "before", argv: ["df", "-P", "/build", "/tmp", "/"] },
  ],
  report: ({ answers, result: { engine } }) => {
    const read = (name: string) => (answers[name]?.exitCode === 0 ? answers[name].output : "");
    const [, model = "a processor of unknown model"] = /^Model name: +(.+)$/m.exec(read("processors")) ?? [];
    const [, count = "?"] = /^CPU\(s\): +(\d+)$/m.exec(read("processors")) ?? [];
    const [, kib] = /^MemTotal: +(\d+) kB$/m.exec(read("memory")) ?? [];
    const memory = kib === undefined ? "memory not known" : `${formatSize(Number(kib) * 1024)} of memory`;
    if (Object.keys(answers).length === 0)
      return { lines: ["not known: there was no container to look into"] };
    const parts = Object.entries(answers).map(([name, { output }]) => `${name}:\n${output}`);
    return {
      lines: [`${count} of ${model}, ${memory}, ${read("kernel").split(" ").slice(0, 2).join(" ")}`],
      files: [{ ending: "log", text: [...parts, `engine:\n${engineText(engine)}\n`].join("\n") }],
    };
  },
};

function engineText(engine: ReportedBuild["result"]["engine"]): string {
  if (engine === null) return "not known";
  const { kind, version, rootless, storageDriver } = engine;
  return `${kind} ${version}, ${rootless ? "without root" : "with root"}, storage driver ${storageDriver}`;
}
