/** Opens new databases in a folder, one each 20 ms from a given instant on, as another process does at the same time. */
import { join } from "node:path";

import { openDatabase } from "../../src/store/database.ts";

const [folder = "", count = "", begin = ""] = process.argv.slice(2);
for (let index = 0; index < Number(count); index++) {
  const at = Number(begin) + index * 20;
  await Bun.sleep(at - Date.now() - 5);
  while (Date.now() < at);
  openDatabase(join(folder, `${index}.db`)).close();
}
