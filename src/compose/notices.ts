/** The ways to reach a person, loaded when something is to be told. */
import type { NoticeAccess } from "../app/deps.ts";
import type { SendRequest } from "../base/send-request.ts";
import { systemTimers } from "../base/timers.ts";
import type { Store } from "../store/database.ts";
import type { SecretsInput } from "./secrets.ts";

type NoticeInput = SecretsInput & { readonly store: Store };

export function noticeAccess({ store, ...given }: NoticeInput): NoticeAccess {
  const load = async () => {
    const [access, { runProgram }, { readSecretFile }, { createNoticeStore }] = await Promise.all([
      import("../notify/notice-access.ts"),
      import("../platform/run-program.ts"),
      import("../platform/secret-file.ts"),
      import("../store/sqlite-notice-store.ts"),
    ]);
    const readSecret = (path: string, what: string): string => readSecretFile(path, what, given);
    const parts = {
      ...given,
      timers: systemTimers,
      runProgram,
      readSecret,
      store: createNoticeStore(store),
      send: onTheWayOfRemotes(given),
    };
    return { access, parts };
  };
  return {
    async ways(settings) {
      const { access, parts } = await load();
      return access.openWays(settings, parts);
    },
    async openNotifier(settings, sendMail) {
      const { access, parts } = await load();
      return access.openNotifier(settings, { ...parts, sendMail });
    },
  };
}

/** Who reaches remotes through a proxy only reaches a webhook through it as well. */
function onTheWayOfRemotes(input: SecretsInput): SendRequest {
  let routed: SendRequest | undefined;
  return async (url, init) => {
    if (routed === undefined) {
      const { composeSecrets } = await import("./secrets.ts");
      const { routedRequests } = await import("./routed-requests.ts");
      routed = routedRequests({ ...input, secrets: composeSecrets(input).secrets });
    }
    return routed(url, init);
  };
}
