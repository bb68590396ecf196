import { describe, expect, test } from "vitest";
import { withoutSecrets } from "../../../src/base/without-secrets.ts";
import { checkReference, gitAddressOf } from "../../../src/build/source/git-address.ts";
import { upstreamTags } from "../../../src/build/source/upstream-tags.ts";

const refused = expect.objectContaining({ fault: "usage", code: "git-address-refused" });

describe("gitAddressOf", () => {
  test.each([
    ["https://mirror.example/sl.git", "https://mirror.example/sl.git", null],
    ["https://mirror.example/sl.git#debian/latest", "https://mirror.example/sl.git", "debian/latest"],
    ["git+https://mirror.example/sl#v1", "https://mirror.example/sl", "v1"],
    ["ssh://git@mirror.example/sl", "ssh://git@mirror.example/sl", null],
    ["git@mirror.example:team/sl.git", "git@mirror.example:team/sl.git", null],
    ["file:///srv/sl", "file:///srv/sl", null],
  ])("knows %s", (word, url, reference) => {
    expect(gitAddressOf(word)).toEqual({ url, reference });
  });

  test.each(["sl", "./sl", "sl=5.02-1", "sl_5.02-1", ".", "https://mirror.example/sl_1.dsc", "../sl_1.dsc"])(
    "leaves %s to others",
    (word) => {
      expect(gitAddressOf(word)).toBeNull();
    },
  );

  test.each([
    "https://me:s3cret@mirror.example/sl.git#v1",
    "git+https://:s3cret@mirror.example/sl",
    "ssh://me:s3cret@mirror.example/sl",
    "git+http://s3cret@mirror.example/sl",
  ])("refuses %s, and does not repeat the secret", (word) => {
    expect(() => gitAddressOf(word)).toThrow(refused);
    expect(() => gitAddressOf(word)).toThrow(/^(?!.*s3cret)/s);
  });

  test.each([
    "ext::sh -c id",
    "EXT::sh",
    "fd::17",
    "ext://sh",
    "git://mirror.example/sl.git",
    "http://mirror.example/sl.git",
    "git+http://mirror.example/sl",
    "file://mirror.example/srv/sl",
    "ssh://-oProxyCommand=id/sl",
    "ssh://%2DoProxyCommand=id/sl",
    "ssh://-x@mirror.example/sl",
    "ssh://mirror.example/-x",
    "git@-oProxyCommand=id:sl",
    "git@mirror.example:-x",
    "https://mirror.example/sl.git#--upload-pack=id",
    "https://mirror.example/sl.git#",
  ])("refuses %s", (word) => {
    expect(() => gitAddressOf(word)).toThrow(refused);
  });
});

test.each([
  ["https://s3cret@mirror.example/sl.git", "https://mirror.example/sl.git"],
  ["fatal: for 'HTTPS://me:s3@cret@mirror.example/a@b'", "fatal: for 'HTTPS://mirror.example/a@b'"],
  ["ssh://git:s3cret@mirror.example/sl", "ssh://git@mirror.example/sl"],
  ["ssh://git@mirror.example:22/sl", "ssh://git@mirror.example:22/sl"],
  ["git@mirror.example:sl.git", "git@mirror.example:sl.git"],
  ["file:///srv/a:b@c", "file:///srv/a:b@c"],
])("%s is shown as %s", (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});

test.each(["", "-x", "a b", "a..b", "HEAD~1", "@{u}", "a:b", "a\nb"])("%j is no reference", (text) => {
  expect(() => checkReference(text)).toThrow(refused);
});

describe("upstreamTags", () => {
  test("is what gbp.conf says, then what others do", () => {
    expect(upstreamTags("1.2~rc1", "rel-%(version%~%.)s")).toEqual([
      "rel-1.2.rc1",
      "upstream/1.2_rc1",
      "v1.2_rc1",
      "1.2_rc1",
    ]);
  });
});
