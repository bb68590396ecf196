import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { annotationsOf, planOf } from "../../../../src/image/layers/annotations.ts";
import { choosePlan, weeklyBytes } from "../../../../src/image/layers/keep-plan.ts";
import { type LayerPlan, type Weight, planLayers } from "../../../../src/image/layers/plan.ts";
import { digestOf } from "../../../../src/base/digest.ts";

const mb = 1 << 20;

/** So many small packages with rates and sizes that differ, and some large ones. */
function weights(small: number, large = 5): Weight[] {
  return [
    ...Array.from({ length: small }, (_, at) => ({
      name: `small${at}`,
      sizeBytes: ((at * 37) % 900) * 1024,
    })),
    ...Array.from({ length: large }, (_, at) => ({ name: `large${at}`, sizeBytes: (at + 2) * mb })),
    { name: "system:dpkg", sizeBytes: 300_000 },
    { name: "system:rest", sizeBytes: 100_000 },
    { name: "system:initramfs", sizeBytes: 38 * mb },
  ];
}

function rates(weights: readonly Weight[]): Map<string, number> {
  return new Map(
    weights.map(({ name }, at) => [name, name.startsWith("system:") ? 1 : ((at * 7) % 30) / 365]),
  );
}

function layerOf(plan: LayerPlan, component: string): string | undefined {
  return plan.layers.find(({ components }) => components.includes(component))?.name;
}

describe("a fresh plan", () => {
  const all = weights(150);
  const plan = planLayers(all, rates(all), 96);

  test("has every component once, within the budget less one for packages to come", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({ name: fc.string({ minLength: 1 }), sizeBytes: fc.nat({ max: 200 * mb }) }),
          {
            selector: ({ name }) => name,
            maxLength: 200,
          },
        ),
        fc.integer({ min: 8, max: 120 }),
        (components, budget) => {
          const { layers } = planLayers(components, rates(components), budget);

          expect(layers.flatMap(({ components: members }) => members).toSorted()).toEqual(
            components.map(({ name }) => name).toSorted(),
          );
          expect(layers.length).toBeLessThan(budget);
          expect(new Set(layers.map(({ name }) => name)).size).toBe(layers.length);
        },
      ),
    );
  });

  test("is the same whatever the order of components", () => {
    expect(planLayers(all.toReversed(), rates(all), 96)).toEqual(plan);
  });

  test("gives large components layers of their own, and initramfs too", () => {
    expect(layerOf(plan, "large3")).toBe("source:large3");
    expect(plan.layers.find(({ name }) => name === "source:large3")?.components).toEqual(["large3"]);
    expect(plan.layers.find(({ name }) => name === "system:initramfs")?.components).toEqual([
      "system:initramfs",
    ]);
  });

  test("puts what changes with everything into the last layer", () => {
    expect(plan.layers.at(-1)).toEqual({ name: "last", components: ["system:dpkg", "system:rest"] });
  });

  test("has no layer of small components that is much larger than the others", () => {
    const sizes = new Map(all.map(({ name, sizeBytes }) => [name, sizeBytes]));
    const shelves = plan.layers.filter(({ name }) => /^(?:calm|steady|busy):/.test(name));
    const bytes = shelves.map(({ components }) =>
      components.reduce((sum, each) => sum + (sizes.get(each) ?? 0), 0),
    );

    expect(shelves.length).toBeGreaterThan(60);
    expect(Math.max(...bytes)).toBeLessThan(1.5 * mb);
  });

  test("moves few others when a package is added", () => {
    const more = [...all, { name: "added", sizeBytes: 700_000 }];
    const after = planLayers(more, new Map([...rates(all), ["added", 5 / 365]]), 96);
    const moved = all.filter(({ name }) => layerOf(plan, name) !== layerOf(after, name));

    expect(moved.length).toBeLessThan(15);
  });

  test("enlarges its layers when components are many", () => {
    const many = weights(3000, 300);

    expect(planLayers(many, rates(many), 64).layers.length).toBeLessThan(64);
  });
});

describe("the plan of the image before", () => {
  const before = weights(150);
  const previous = planLayers(before, rates(before), 96);
  const choice = { budget: 96, previous, repack: "when-it-pays" } as const;

  test("is kept to the letter for the same components", () => {
    expect(choosePlan(before, rates(before), choice)).toEqual({
      plan: previous,
      origin: "kept",
      reason: null,
    });
  });

  test("keeps its layers when packages change in size, go and come", () => {
    const after = [
      ...before
        .filter(({ name }) => name !== "small7")
        .map((each) => ({ ...each, sizeBytes: each.sizeBytes + 9999 })),
      { name: "new-small", sizeBytes: 20_000 },
      { name: "new-large", sizeBytes: 4 * mb },
    ];
    const { plan, origin } = choosePlan(after, rates(after), choice);

    expect(origin).toBe("kept");
    for (const { name } of before.filter((each) => each.name !== "small7")) {
      expect(layerOf(plan, name)).toBe(layerOf(previous, name));
    }
    expect(layerOf(plan, "small7")).toBeUndefined();
    expect(layerOf(plan, "new-small")).toBe("new");
    expect(layerOf(plan, "new-large")).toBe("source:new-large");
  });

  test("takes large newcomers in together when there is no room for more layers", () => {
    const after = [
      ...before,
      ...Array.from({ length: 3 }, (_, at) => ({ name: `big${at}`, sizeBytes: 2 * mb })),
    ];
    const tight = { ...choice, budget: previous.layers.length + 1 };
    const { plan } = choosePlan(after, new Map(rates(before)), tight);

    expect(plan.layers.length).toBeLessThanOrEqual(tight.budget);
    expect(layerOf(plan, "big0")).toBe("new");
  });

  test("is given up when it has more layers than are allowed, and on request", () => {
    expect(choosePlan(before, rates(before), { ...choice, budget: 40 })).toMatchObject({
      origin: "repacked",
      reason: expect.stringContaining("40 are allowed"),
    });
    expect(choosePlan(before, rates(before), { ...choice, repack: "always" })).toMatchObject({
      origin: "repacked",
    });
  });

  test("is given up when hosts would fetch a quarter more each week by it", () => {
    const all = before.map(({ name }) => name).toSorted();
    const bad: LayerPlan = {
      layers: [{ name: "calm:0", components: all.filter((name) => !name.startsWith("system:")) }],
    };
    const chosen = choosePlan(before, rates(before), { ...choice, previous: bad });

    expect(chosen).toMatchObject({
      origin: "repacked",
      reason: expect.stringMatching(/\d+ % more each week/),
    });
  });
});

test("a week's expected bytes are those of layers by the chance that anything in them changes", () => {
  const plan = {
    layers: [
      { name: "a", components: ["x", "y"] },
      { name: "b", components: ["z"] },
    ],
  };
  const components = [
    { name: "x", sizeBytes: 1000 },
    { name: "y", sizeBytes: 500 },
    { name: "z", sizeBytes: 7000 },
  ];

  const bytes = weeklyBytes(
    plan,
    components,
    new Map([
      ["x", 0.1],
      ["y", 0],
      ["z", 0],
    ]),
  );

  expect(bytes).toBeCloseTo(1500 * (1 - Math.exp(-0.7)), 6);
});

describe("annotations", () => {
  const descriptor = { mediaType: "application/x", digest: digestOf(""), size: 0 };

  test("of layers give their plan back", () => {
    const name = fc.string({
      unit: fc.constantFrom("a", "+", ",", "%", "é", " ", "/", ":", "\udcff", "2"),
      minLength: 1,
    });
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, (names) => {
        const layers = names.map((each) => ({ name: `file:/${each}`, components: [`file:/${each}`] }));
        const read = planOf({
          layers: layers.map((each) => ({ ...descriptor, annotations: annotationsOf(each) })),
        });

        expect(read?.layers.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
          layers.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        );
      }),
    );
    expect(annotationsOf({ name: "calm:1", components: ["gcc-14", "libstdc++", "system:rest"] })).toEqual({
      "debkiln.layer": "calm:1",
      "debkiln.components": "gcc-14,libstdc++,system:rest",
    });
  });

  test.each([
    ["without any", [{}]],
    ["on some layers only", [{ "debkiln.layer": "a", "debkiln.components": "x" }, {}]],
    ["with a component twice", [{ "debkiln.layer": "a", "debkiln.components": "x,x" }]],
    ["with a layer twice", [1, 2].map((at) => ({ "debkiln.layer": "a", "debkiln.components": `x${at}` }))],
    ["with an empty component", [{ "debkiln.layer": "a", "debkiln.components": "x,,y" }]],
    ["with what steers terminals", [{ "debkiln.layer": "a\u001b[2J", "debkiln.components": "x" }]],
    ["of an image without layers", []],
  ])("%s are no plan", (_, annotations) => {
    expect(
      planOf({ layers: annotations.map((each) => ({ ...descriptor, annotations: { ...each } })) }),
    ).toBeNull();
  });
});
