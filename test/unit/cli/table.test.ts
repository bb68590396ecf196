import { expect, test } from "vitest";
import { table } from "../../../src/cli/render/table.ts";

test("a table's cells steer no terminal and stay on their line", () => {
  const text = table(["NAME", "SIZE"], [["a\u001b[31mb\nc", "1"]]);

  expect(text).toBe("NAME  SIZE\nab c  1\n");
});
