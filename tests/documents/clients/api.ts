// Works a session through with the TypeScript client of api.yaml: api.js URL TOKEN ITEM.

import { Configuration, DownloadSessionApi, UpdateSessionApi, UpdateSessionModel, UpdateSessionUpdateSpec } from "./client";
import { equal, refusal, said } from "./common";

async function main(basePath: string, apiKey: string, item: string): Promise<void> {
  const configuration = new Configuration({ basePath, apiKey });
  const updates = new UpdateSessionApi(configuration);
  const downloads = new DownloadSessionApi(configuration);

  const warning_behavior = [{ type: "SELF_SIGNED_CERTIFICATE", ignored: true }];
  const session: string = (await updates.updateSessionCreate({ library_item_id: item, warning_behavior })).data;
  equal((await updates.updateSessionList()).data.includes(session), true);
  await updates.updateSessionKeepAlive("keep-alive", session);
  await updates.updateSessionKeepAlive("keep-alive", session, { client_progress: 40 });
  const change: UpdateSessionUpdateSpec = { warning_behavior: [{ type: "EXPIRED_CERTIFICATE", ignored: true }] };
  await updates.updateSessionUpdate(session, change);
  const shown: UpdateSessionModel = (await updates.updateSessionGet(session)).data;
  equal(shown.client_progress, 40);
  equal(shown.state, "ACTIVE");
  equal(shown.library_item_id, item);
  equal(shown.warning_behavior?.map((entry) => entry.type), ["EXPIRED_CERTIFICATE"]);
  equal(said(await refusal(400, updates.updateSessionDelete(session))), "NOT_ALLOWED_IN_CURRENT_STATE");

  const lease: string = (await downloads.downloadSessionCreate({ library_item_id: item })).data;
  await downloads.downloadSessionKeepAlive("keep-alive", lease, { progress: 7 });
  equal((await downloads.downloadSessionGet(lease)).data.client_progress, 7);
  await downloads.downloadSessionDelete(lease);
  equal(said(await refusal(404, downloads.downloadSessionGet(lease))), "NOT_FOUND");
  const stranger = new UpdateSessionApi(new Configuration({ basePath }));
  equal(said(await refusal(401, stranger.updateSessionGet(session))), "UNAUTHENTICATED");
}

declare const process: { argv: string[] };
const [, , url, token, item] = process.argv;
void main(url, token, item);
