import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/base/failure.ts";
import { parseEndpoint } from "../../../src/engine/endpoint.ts";
import { noneAt, reasonOf } from "../../../src/engine/no-engine.ts";

const tcp = { origin: "the given engine", place: parseEndpoint("tcp://builder.example:2375") };
const ssh = { origin: "the given engine", place: parseEndpoint("ssh://ann@builder.example") };

describe("noneAt", () => {
  test("names the place, the reason and how to see for oneself", () => {
    const failure = noneAt(tcp, Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));

    expect(failure).toMatchObject({ fault: "infrastructure", code: "no-engine" });
    expect(failure.message).toBe(
      "No container engine answers at tcp://builder.example:2375: nothing listens there",
    );
    expect(failure.hint).toContain("`curl http://builder.example:2375/_ping`");
  });

  test("keeps the hint of who knows better", () => {
    const known = new Failure("infrastructure", "ssh-failed", "Permission denied (publickey).", {
      hint: "See that `ssh ann@builder.example true` works.",
    });

    const failure = noneAt(ssh, known);

    expect(failure).toMatchObject({ code: "no-engine", hint: known.hint });
    expect(failure.message).toBe(
      "No container engine answers at ssh://ann@builder.example: Permission denied (publickey).",
    );
  });

  test("leaves what the user wrote wrong as it is", () => {
    const wrong = new Failure("usage", "bad-endpoint", "/certs/ca.pem cannot be read: ENOENT");

    expect(noneAt(tcp, wrong)).toBe(wrong);
  });
});

test.for([
  ["HPE_INVALID_CONSTANT", "speaks no HTTP"],
  ["EPROTO", "does not speak TLS"],
  ["ENOTFOUND", "no such host"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "no authority that is trusted"],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "refuses what it was shown"],
  ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", "cannot be used"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "other names"],
  ["PLAIN_TO_TLS", "wants TLS"],
] as const)("reasonOf puts %s in words", ([code, words]) => {
  expect(reasonOf(Object.assign(new Error("raw"), { code }))).toContain(words);
});
