import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addSource } from "../../../src/app/add-source.ts";
import { listDevices } from "../../../src/app/devices/list-devices.ts";
import { renameDevice } from "../../../src/app/devices/rename-device.ts";
import { syncSources } from "../../../src/app/sync-sources.ts";
import { composed, type Composed } from "../../helpers/composed.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";

const HOUR = 3_600_000;

async function withSources(names: readonly string[], remotes: readonly string[]): Promise<Composed> {
  const house = composed();
  for (const [index, name] of names.entries()) {
    const folder = join(house.home, name);
    mkdirSync(folder);
    writeFileSync(join(folder, `${name}.md`), "text\n");
    const input = { path: folder, name, remote: remotes[index], schedule: undefined, dryRun: false };
    await addSource(house.deps, input, house.context);
  }
  return house;
}

function newRemote(): string {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  return remote;
}

async function sync({ deps, context }: Composed, names: readonly string[]): Promise<void> {
  await syncSources(deps, { names, dryRun: false }, context);
}

test("a device is listed once, with all its sources and its youngest sync", async () => {
  const house = await withSources(["notes", "work"], [newRemote(), newRemote()]);
  await sync(house, ["notes"]);
  house.clock.advance(3 * HOUR);
  await sync(house, ["work"]);
  const list = await listDevices(house.deps, { names: [], offline: false }, house.context);
  expect(list).toEqual({
    devices: [
      {
        id: house.deps.registration.id,
        name: "laptop",
        system: house.deps.registration.system,
        version: house.deps.registration.version,
        lastSyncAt: house.clock.now(),
        sources: ["notes", "work"],
        isThis: true,
      },
    ],
    warnings: [],
  });
  const one = await listDevices(house.deps, { names: ["notes"], offline: true }, house.context);
  expect(one.devices).toMatchObject([{ sources: ["notes"], lastSyncAt: house.clock.now() - 3 * HOUR }]);
});

test("a new name is in the config at once; an empty one is refused", async () => {
  const house = await withSources(["notes"], [newRemote()]);
  expect(await renameDevice(house.deps, { name: " tower ", dryRun: true })).toEqual({
    before: "laptop",
    name: "tower",
    dryRun: true,
  });
  expect((await house.deps.config.load()).config.device).toBe("laptop");
  await renameDevice(house.deps, { name: "tower", dryRun: false });
  expect((await house.deps.config.load()).config.device).toBe("tower");
  const refused = await renameDevice(house.deps, { name: " ", dryRun: false }).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ kind: "usage", code: "BAD_VALUE" });
});
