/** What must hold for every app of the catalogue, over all of them. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { appsFolder, builtInApps, renderCatalogue } from "../../../scripts/render-catalogue.ts";
import { APP_SYSTEMS, type AppPlace, type AppSystem } from "../../../src/config/app-definition.ts";
import { BUILT_IN_APPS } from "../../../src/settings/catalogue/built-in.ts";
import { placesOn, type SettingsMachine } from "../../../src/settings/places.ts";
import { projectRoot } from "../../helpers/project-files.ts";
import { overlap } from "./glob-overlap.ts";
import { type Taking, takingOf } from "./taking.ts";

const APPS = builtInApps();

const MACHINES = {
  linux: { system: "linux", home: "/home/ada", environment: {} },
  macos: { system: "macos", home: "/Users/ada", environment: {} },
  windows: { system: "windows", home: "C:\\Users\\ada", environment: {} },
} satisfies Record<AppSystem, SettingsMachine>;

test("there are at least 200 apps, and on each system many", () => {
  expect(APPS.length).toBeGreaterThanOrEqual(200);
  for (const system of APP_SYSTEMS) expect(rootedOn(system).length).toBeGreaterThan(150);
});

test("what the binary carries is made from the files as they are", () => {
  const carried = readFileSync(join(projectRoot, "src/settings/catalogue/built-in.json.txt"), "utf8");
  expect(carried).toBe(renderCatalogue(APPS));
  expect(BUILT_IN_APPS).toEqual(APPS);
});

test("each file is named as its app, and ends in .yaml", () => {
  expect(readdirSync(appsFolder).sort()).toEqual(APPS.map(({ id }) => `${id}.yaml`).sort());
});

test("each app says what it is, and no two are called alike", () => {
  expect(APPS.filter(({ about }) => about === "").map(({ id }) => id)).toEqual([]);
  const names = APPS.map(({ name }) => name.toLowerCase());
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe("on each system", () => {
  test.each(APP_SYSTEMS.map((system) => [system]))("no two places take the same file: %s", (system) => {
    const all = entriesOn(system);
    const clashes = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => one.place !== other.place && mayMeet(one.path, other.path))
        .map((other) => `${one.app}: ${one.path} | ${other.app}: ${other.path}`),
    );
    expect(clashes).toEqual([]);
  });

  test.each(APP_SYSTEMS.map((system) => [system]))(
    "no two places of an app keep their files at one path of the repository: %s",
    (system) => {
      const clashes = APPS.flatMap((app) => {
        const places = app.places.filter(({ at }) => at[system] !== undefined);
        return places.flatMap((one, index) =>
          places
            .slice(index + 1)
            .filter((other) =>
              kept(one).some((path) => kept(other).some((otherPath) => overlap(path, otherPath))),
            )
            .map((other) => `${app.id}: ${one.at[system]} | ${other.at[system]}`),
        );
      });
      expect(clashes).toEqual([]);
    },
  );
});

test("what is left out or encrypted could be there", () => {
  const idle = APPS.flatMap(({ id, places }) =>
    places.flatMap(({ files, exclude, encrypt }) => [
      ...exclude
        .filter((glob) => ![...files, ...encrypt].some((entry) => overlap(entry, glob)))
        .map((glob) => `${id}: exclude ${glob}`),
      ...encrypt.filter((glob) => exclude.includes(glob)).map((glob) => `${id}: encrypt ${glob}`),
    ]),
  );
  expect(idle).toEqual([]);
});

test("no app takes everything below a root, or anything at any depth of the home", () => {
  const greedy = APPS.flatMap(({ id, places }) =>
    places
      .filter((place) => Object.values(place.at).some((at) => !at.includes("/")))
      .flatMap(({ files, encrypt }) => [...files, ...encrypt])
      .filter((entry) => entry.startsWith("*"))
      .map((entry) => `${id}: ${entry}`),
  );
  expect(greedy).toEqual([]);
});

test("no cache, history or session is named", () => {
  const state = /cache|histor|session|cookie|recent|lock$|\.log$|\.sqlite|\.db$|backup|state/i;
  const named = APPS.flatMap(({ id, places }) =>
    places.flatMap(({ files, encrypt }) =>
      [...files, ...encrypt].filter((entry) => state.test(entry)).map((entry) => `${id}: ${entry}`),
    ),
  );
  // Programs that are called so, settings of a session, and what pins the versions of a home's parts.
  expect(named).toEqual([
    "ccache: ccache.conf",
    "cookiecutter: .cookiecutterrc",
    "home-manager: flake.lock",
    "lxqt: session.conf",
    "sqlite: .sqliterc",
    "xsession: .xsession",
    "xsession: .xsessionrc",
  ]);
});

describe("a known secret is never taken as it is:", () => {
  const SECRETS: readonly (readonly [path: string, taking: Taking, systems?: readonly AppSystem[]])[] = [
    ["~/.ssh/id_rsa", "encrypted"],
    ["~/.ssh/id_ed25519", "encrypted"],
    ["~/.ssh/work.pem", "encrypted"],
    ["~/.ssh/known_hosts", undefined],
    ["~/.gnupg/private-keys-v1.d/0123.key", "encrypted", ["linux", "macos"]],
    ["~/AppData/Roaming/gnupg/private-keys-v1.d/0123.key", "encrypted", ["windows"]],
    ["~/.gnupg/secring.gpg", undefined],
    ["~/.gnupg/random_seed", undefined],
    ["~/.netrc", "encrypted"],
    ["~/_netrc", "encrypted"],
    ["~/.npmrc", "encrypted"],
    ["~/.yarnrc.yml", "encrypted"],
    ["~/.pypirc", "encrypted"],
    ["~/.git-credentials", "encrypted"],
    ["~/.config/git/credentials", "encrypted"],
    ["~/.config/gh/hosts.yml", "encrypted", ["linux", "macos"]],
    ["~/AppData/Roaming/GitHub CLI/hosts.yml", "encrypted", ["windows"]],
    ["~/.config/glab-cli/config.yml", "encrypted", ["linux", "macos"]],
    ["~/.config/hub", "encrypted"],
    ["~/.aws/credentials", "encrypted"],
    ["~/.aws/sso/cache/0123.json", undefined],
    ["~/.kube/config", "encrypted"],
    ["~/.kube/cache/x", undefined],
    ["~/.docker/config.json", "encrypted"],
    ["~/.config/containers/auth.json", "encrypted", ["linux", "macos"]],
    ["~/.config/gcloud/credentials.db", undefined],
    ["~/.config/gcloud/access_tokens.db", undefined],
    ["~/.config/gcloud/application_default_credentials.json", undefined],
    ["~/.config/gcloud/legacy_credentials/me/adc.json", undefined],
    ["~/.azure/msal_token_cache.json", undefined],
    ["~/.azure/service_principal_entries.json", undefined],
    ["~/.oci/oci_api_key.pem", "encrypted"],
    ["~/.config/rclone/rclone.conf", "encrypted", ["linux", "macos"]],
    ["~/.cargo/credentials.toml", "encrypted"],
    ["~/.cargo/credentials", "encrypted"],
    ["~/.gem/credentials", "encrypted"],
    ["~/.m2/settings.xml", "encrypted"],
    ["~/.gradle/gradle.properties", "encrypted"],
    ["~/.composer/auth.json", "encrypted", ["macos"]],
    ["~/.config/composer/auth.json", "encrypted", ["linux"]],
    ["~/.config/pypoetry/auth.toml", "encrypted", ["linux"]],
    ["~/.config/pip/pip.conf", "encrypted", ["linux", "macos"]],
    ["~/.terraform.d/credentials.tfrc.json", "encrypted", ["linux", "macos"]],
    ["~/.terraformrc", "encrypted", ["linux", "macos"]],
    ["~/.chef/ada.pem", "encrypted"],
    ["~/.pgpass", "encrypted"],
    ["~/.my.cnf", "encrypted", ["linux", "macos"]],
    ["~/.s3cfg", "encrypted", ["linux", "macos"]],
    ["~/.Renviron", "encrypted"],
    ["~/.msmtprc", "encrypted", ["linux", "macos"]],
    ["~/.mbsyncrc", "encrypted", ["linux", "macos"]],
    ["~/.config/aerc/accounts.conf", "encrypted", ["linux"]],
    ["~/.config/weechat/sec.conf", "encrypted", ["linux", "macos"]],
    ["~/.irssi/config", "encrypted", ["linux", "macos"]],
    ["~/.purple/accounts.xml", "encrypted", ["linux"]],
    ["~/.config/filezilla/sitemanager.xml", "encrypted", ["linux", "macos"]],
    ["~/.config/remmina/remmina.pref", "encrypted", ["linux"]],
    ["~/.config/obs-studio/basic/profiles/A/service.json", "encrypted", ["linux"]],
    ["~/.config/sops/age/keys.txt", "encrypted", ["linux"]],
    ["~/.local/share/atuin/key", "encrypted"],
    ["~/.config/borg/keys/repo", "encrypted"],
    ["~/.codex/auth.json", undefined],
    ["~/.gemini/oauth_creds.json", undefined],
    ["~/.config/Code/User/globalStorage/state.vscdb", undefined],
    ["~/.config/pulse/cookie", undefined],
    ["~/.config/gtk-3.0/bookmarks", undefined],
    ["~/.bash_history", undefined],
    ["~/.zsh_history", undefined],
    ["~/.config/fish/fish_variables", undefined],
    ["~/.local/share/fish/fish_history", undefined],
    ["~/.viminfo", undefined],
    ["~/.emacs.d/auth-info.gpg", undefined],
    ["~/.authinfo", undefined],
    ["~/.config/lull/config.yaml", undefined],
    ["~/.config/systemd/user/lull.service", undefined],
  ];

  test.each(SECRETS)("%s is %p", (path, taking, systems = APP_SYSTEMS) => {
    for (const system of APP_SYSTEMS) {
      const found = takingsOf(path, system);
      expect(found).not.toContain("plain");
      if (systems.includes(system)) expect(found).toEqual(taking === undefined ? [] : [taking]);
    }
  });

  test("and no name of one stands among the files that are not encrypted", () => {
    const names =
      /passw|secret|credential|token|private|netrc|npmrc|pypirc|pgpass|my\.cnf|(?:^|[/._-])(?:auth(?:\.\w+)?|hosts\.yml|keys?\.txt|id_\w+)$|(?:^|\/)\.env$|\.(?:pem|key|p12|kdbx)$/i;
    const named = APPS.flatMap(({ id, places }) =>
      places.flatMap(({ files }) =>
        files.filter((entry) => names.test(entry)).map((entry) => `${id}: ${entry}`),
      ),
    );
    expect(named).toEqual([]);
  });
});

type Entry = { readonly app: string; readonly place: AppPlace; readonly path: string };

function rootedOn(system: AppSystem) {
  return APPS.flatMap((app) =>
    placesOn(app, MACHINES[system]).map(({ root, place }) => ({ app: app.id, root, place })),
  );
}

function entriesOn(system: AppSystem): readonly Entry[] {
  return rootedOn(system).flatMap(({ app, root, place }) =>
    [...place.files, ...place.encrypt].map((entry) => ({ app, place, path: `${root}/${entry}` })),
  );
}

/** Most pairs part before their first glob; only the others are compared as globs. */
function mayMeet(one: string, other: string): boolean {
  const [a, b] = [literal(one), literal(other)];
  return (a.startsWith(b) || b.startsWith(a)) && overlap(one, other);
}

const literals = new Map<string, string>();

function literal(path: string): string {
  const known = literals.get(path) ?? path.replace(/\*.*$/s, "");
  literals.set(path, known);
  return known;
}

function kept({ as, files, encrypt }: AppPlace): readonly string[] {
  return [...files, ...encrypt].map((entry) => (as === "" ? entry : `${as}/${entry}`));
}

/** What each place that reaches a path of the home says of it; those that leave it alone are not listed. */
function takingsOf(path: string, system: AppSystem): readonly Taking[] {
  const home = MACHINES[system].home.replaceAll("\\", "/");
  const absolute = path.replace("~", home);
  return rootedOn(system).flatMap(({ root, place }) => {
    if (!absolute.startsWith(`${root}/`)) return [];
    const taking = takingOf(place)(absolute.slice(root.length + 1));
    return taking === undefined ? [] : [taking];
  });
}
