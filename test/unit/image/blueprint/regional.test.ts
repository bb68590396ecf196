import { describe, expect, test } from "vitest";
import { pathsOf, planned, textOf } from "./planned.ts";

describe("the time zone", () => {
  test("is a link, and brings the zones", async () => {
    const plan = await planned(["[customizations.timezone]", 'timezone = "Europe/Berlin"']);

    expect(plan.entries).toContainEqual(
      expect.objectContaining({
        path: "/etc/localtime",
        type: "symlink",
        target: "../usr/share/zoneinfo/Europe/Berlin",
      }),
    );
    expect(plan.packages.reasons["tzdata"]).toEqual(["customizations.timezone"]);
  });

  test.each([
    ["Europe/Berln", "Did you mean Europe/Berlin?"],
    ["Middle-Earth/Gondor", "Write it as Area/City, such as Europe/Berlin."],
  ])("%s is refused", async (zone, hint) => {
    await expect(planned(["[customizations.timezone]", `timezone = "${zone}"`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringMatching(/image\.toml:3: there is no time zone/),
      hint,
    });
  });

  test("cannot lead elsewhere", async () => {
    await expect(
      planned(["[customizations.timezone]", 'timezone = "../../../etc/shadow"']),
    ).rejects.toMatchObject({ code: "definition-invalid-value" });
  });
});

describe("time servers", () => {
  const servers = ["[customizations.timezone]", 'ntpservers = ["ntp.example", "192.0.2.1"]'];

  test("are systemd-timesyncd's, which comes with them", async () => {
    const plan = await planned(servers);

    expect(textOf(plan, "/usr/lib/systemd/timesyncd.conf.d/50-image.conf")).toBe(
      "[Time]\nNTP=ntp.example 192.0.2.1\n",
    );
    expect(plan.packages.depends).toContain("systemd-timesyncd");
    expect(plan.services.enabled).toEqual(["systemd-timesyncd.service"]);
  });

  test("are chrony's when it is among the packages", async () => {
    const plan = await planned([...servers, "[[packages]]", 'name = "chrony"']);

    expect(textOf(plan, "/etc/chrony/sources.d/50-image.sources")).toBe(
      "server ntp.example iburst\nserver 192.0.2.1 iburst\n",
    );
    expect(plan.packages.depends).not.toContain("systemd-timesyncd");
  });
});

describe("languages", () => {
  test("are made, and the first is the system's", async () => {
    const plan = await planned([
      "[customizations.locale]",
      'languages = ["de_DE.UTF-8", "C.UTF-8", "ca_ES.UTF-8@valencia"]',
    ]);

    expect(textOf(plan, "/etc/locale.conf")).toBe("LANG=de_DE.UTF-8\n");
    expect(textOf(plan, "/etc/locale.gen")).toBe("de_DE.UTF-8 UTF-8\nca_ES.UTF-8@valencia UTF-8\n");
    expect(plan.entries).toContainEqual(
      expect.objectContaining({ path: "/etc/default/locale", type: "symlink", target: "../locale.conf" }),
    );
    expect(plan.packages.reasons["locales"]).toEqual(["customizations.locale.languages"]);
    expect(plan.commands.map(({ argv }) => argv)).toEqual([["locale-gen"]]);
  });

  test("that libc has need neither package nor command", async () => {
    const plan = await planned(["[customizations.locale]", 'languages = ["C.UTF-8"]']);

    expect(plan.packages.reasons["locales"]).toBeUndefined();
    expect(plan.commands).toEqual([]);
    expect(pathsOf(plan)).not.toContain("/etc/locale.gen");
  });

  test.each([
    ["de_DE", "Write de_DE.UTF-8."],
    ["de_DE@euro", "Write de_DE.UTF-8@euro."],
    ["de_DE.ISO-8859-15", "Write de_DE.UTF-8."],
  ])("%s is refused, since it is not in UTF-8", async (locale, hint) => {
    await expect(planned(["[customizations.locale]", `languages = ["${locale}"]`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      hint,
    });
  });
});

describe("the keyboard", () => {
  test.each([
    ["de", "", "de"],
    ["de(nodeadkeys)", "nodeadkeys", "de"],
  ])("%s is layout and variant", async (keyboard, variant, layout) => {
    const plan = await planned(["[customizations.locale]", `keyboard = "${keyboard}"`]);

    expect(textOf(plan, "/etc/default/keyboard")).toBe(
      `XKBMODEL="pc105"\nXKBLAYOUT="${layout}"\nXKBVARIANT="${variant}"\nXKBOPTIONS=""\nBACKSPACE="guess"\n`,
    );
    expect(plan.packages.depends).toContain("console-setup");
  });

  test("is refused in the console's words", async () => {
    await expect(planned(["[customizations.locale]", 'keyboard = "de-latin1"'])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("expected an XKB layout"),
    });
  });
});

describe("the host name", () => {
  test("is left to hosts unless it is given", async () => {
    expect((await planned([])).hostname).toBeNull();
    expect((await planned(["[customizations]", 'hostname = "web-1.example"'])).hostname).toBe(
      "web-1.example",
    );
  });

  test.each(["-web", "web_1", "a..b", "x".repeat(65)])("is not %s", async (name) => {
    await expect(planned(["[customizations]", `hostname = "${name}"`])).rejects.toMatchObject({
      code: "definition-invalid-value",
    });
  });
});
