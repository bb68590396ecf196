import { describe, expect, test } from "vitest";
import { planned, textOf } from "./planned.ts";

const path = "/etc/ssh/sshd_config.d/40-image.conf";
const server = ["[[packages]]", 'name = "openssh-server"'];

describe("sshd", () => {
  test("gets what is said, in its own words", async () => {
    const plan = await planned([
      ...server,
      "[customizations.sshd]",
      "password_authentication = false",
      "kbd_interactive_authentication = true",
      'permit_root_login = "prohibit-password"',
      "client_alive_interval = 60",
    ]);

    expect(textOf(plan, path)).toBe(
      "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nPermitRootLogin prohibit-password\nClientAliveInterval 60\n",
    );
    expect(plan.notices.map(({ name }) => name)).not.toContain("sshd-without-server");
  });

  test("has no file when nothing is said", async () => {
    expect(textOf(await planned([...server, "[customizations.sshd]"]), path)).toBeNull();
  });

  test("that is not there is told", async () => {
    const plan = await planned(["[customizations.sshd]", "permit_root_login = false"]);

    expect(textOf(plan, path)).toBe("PermitRootLogin no\n");
    expect(plan.notices.map(({ name }) => name)).toContain("sshd-without-server");
  });

  test.each([
    ["permit_root_login", '"perhaps"'],
    ["client_alive_interval", "-1"],
    ["password_authentication", '"no"'],
  ])("takes no other value of %s", async (key, value) => {
    await expect(planned(["[customizations.sshd]", `${key} = ${value}`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringMatching(/image\.toml:3: customizations\.sshd\./),
    });
  });
});
