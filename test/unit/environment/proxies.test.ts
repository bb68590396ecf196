import { describe, expect, test } from "vitest";
import { proxiesOf } from "../../../src/environment/proxies.ts";

const proxy = "http://proxy.example:3128";

describe("proxies", () => {
  test("are the setting's for both schemes, with the environment's exceptions", async () => {
    const found = await proxiesOf({
      proxy,
      environment: { http_proxy: "http://other.example", NO_PROXY: "localhost" },
    })();

    expect(found).toEqual({ http_proxy: proxy, https_proxy: proxy, no_proxy: "localhost" });
  });

  test("are else the environment's, in either case of letters", async () => {
    const found = await proxiesOf({ environment: { HTTPS_PROXY: proxy, http_proxy: "" } })();

    expect(found).toEqual({ https_proxy: proxy });
  });

  test("are else those of the host's apt, which is asked once", async () => {
    let asked = 0;
    const find = proxiesOf({ environment: {} }, () => {
      asked++;
      return Promise.resolve(`Acquire "";\nAcquire::http "";\nAcquire::http::Proxy "${proxy}";\n`);
    });

    const found = [await find(), await find()];

    expect(found).toEqual([
      { http_proxy: proxy, https_proxy: proxy },
      { http_proxy: proxy, https_proxy: proxy },
    ]);
    expect(asked).toBe(1);
  });
});

test.each([
  ['Acquire::http::Proxy "DIRECT";', undefined, undefined],
  [`Acquire::http::Proxy "${proxy}";\nAcquire::https::Proxy "DIRECT";`, proxy, undefined],
  [`acquire::https::proxy "${proxy}";`, undefined, proxy],
  [`Acquire::http::Proxy::mirror.example "${proxy}";`, undefined, undefined],
  ['Acquire::http::Proxy "socks5h://proxy.example:9050";', undefined, undefined],
])("apt's %j means http through %s and https through %s", async (dump, http, https) => {
  const found = await proxiesOf({ environment: {} }, () => Promise.resolve(dump))();

  expect(found).toEqual({ http_proxy: http, https_proxy: https });
});
