import type { Engine } from "../../../src/engine/engine.ts";
import { Background, type Kiln } from "../../../src/environment/kiln.ts";
import { downloader } from "../../../src/store/download.ts";
import { Store } from "../../../src/store/store.ts";

/** A kiln with a store and no engine: whoever asks for a container fails. */
export function offlineKiln(directory: string): Kiln {
  return {
    engine: new Proxy<Engine>(Object.create(null), {
      get: (_, name) => {
        throw new Error(`there is no engine here to ask for ${String(name)}`);
      },
    }),
    store: new Store(directory),
    download: downloader({ proxies }),
    network: { proxies },
    freshness: { maxAgeMs: 0, frozen: true },
    run: "test",
    signal: new AbortController().signal,
    background: new Background(),
  };
}

function proxies(): Promise<Readonly<Record<string, string>>> {
  return Promise.resolve({});
}
