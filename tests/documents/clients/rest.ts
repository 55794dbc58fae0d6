// Works a session through with the TypeScript client of rest.yaml, bundled: rest.js URL TOKEN ITEM.

import {
  Configuration,
  DownloadSessionApi,
  ErrorReply,
  UpdateSessionApi,
  UpdateSessionCreateInput,
  UpdateSessionModel,
} from "./client";
import { equal, refusal, said } from "./common";

async function main(basePath: string, apiKey: string, item: string): Promise<void> {
  const configuration = new Configuration({ basePath, apiKey });
  const updates = new UpdateSessionApi(configuration);
  const downloads = new DownloadSessionApi(configuration);
  const why = async (status: number, call: Promise<unknown>) => said((await refusal<ErrorReply>(status, call)).value);

  const warning_behavior = [{ type: "SELF_SIGNED_CERTIFICATE", ignored: true }];
  const input: UpdateSessionCreateInput = { create_spec: { library_item_id: item, warning_behavior } };
  const session: string = (await updates.updateSessionCreateOrKeepAlive(input, "create")).data.value;
  equal((await updates.updateSessionList()).data.value.includes(session), true);
  await updates.updateSessionKeepAlive("keep-alive", session);
  await updates.updateSessionKeepAlive("keep-alive", session, { client_progress: 40 });
  await updates.updateSessionCreateOrKeepAlive({ update_session_id: session, client_progress: 41 }, "keep-alive");
  await updates.updateSessionUpdate(session, {
    update_spec: { warning_behavior: [{ type: "EXPIRED_CERTIFICATE", ignored: true }] },
  });
  const shown: UpdateSessionModel = (await updates.updateSessionGet(session)).data.value;
  equal(shown.client_progress, 41);
  equal(shown.state, "ACTIVE");
  equal(shown.library_item_id, item);
  equal(shown.warning_behavior?.map((entry) => entry.type), ["EXPIRED_CERTIFICATE"]);
  equal(await why(400, updates.updateSessionDelete(session)), "NOT_ALLOWED_IN_CURRENT_STATE");

  const lease: string = (await downloads.downloadSessionCreateOrKeepAlive({ create_spec: { library_item_id: item } })).data.value;
  await downloads.downloadSessionKeepAlive("keep-alive", lease, { progress: 7 });
  equal((await downloads.downloadSessionGet(lease)).data.value.client_progress, 7);
  await downloads.downloadSessionDelete(lease);
  equal(await why(404, downloads.downloadSessionGet(lease)), "NOT_FOUND");
  const stranger = new UpdateSessionApi(new Configuration({ basePath }));
  equal(await why(401, stranger.updateSessionGet(session)), "UNAUTHENTICATED");
}

declare const process: { argv: string[] };
const [, , url, token, item] = process.argv;
void main(url, token, item);
