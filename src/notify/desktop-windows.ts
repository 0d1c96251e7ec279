/**
 * Toasts of Windows 10 and later, by the PowerShell that is part of it (later ones can not reach this interface). The
 * script is always the same; the texts come to it in its environment, as its standard input would be read in the code
 * page of a console.
 */
import { join } from "node:path/win32";

import {
  bodyText,
  DESKTOP_DEADLINE_MS,
  type DesktopDeps,
  desktopError,
  type ShowNotice,
  SWITCH_OFF,
} from "./show-notice.ts";

/** A toast needs the identifier of an installed program; this is PowerShell's own. */
const SCRIPT = `$ErrorActionPreference = 'Stop'
$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$kind = [Windows.UI.Notifications.ToastTemplateType]::ToastText02
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent($kind)
$texts = $xml.GetElementsByTagName('text')
$null = $texts.Item(0).AppendChild($xml.CreateTextNode($env:LULL_NOTICE_TITLE))
$null = $texts.Item(1).AppendChild($xml.CreateTextNode($env:LULL_NOTICE_BODY))
$toast = New-Object Windows.UI.Notifications.ToastNotification $xml
$toast.Group = 'lull'
$toast.Tag = $env:LULL_NOTICE_TAG
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($app).Show($toast)
`;

/** Of a toast's tag; what is longer is refused before Windows 10 1703. */
const TAG_LENGTH = 16;

export function windowsDesktop({ env, runProgram }: DesktopDeps): ShowNotice {
  return async (notice, signal) => {
    const root = env["SystemRoot"] ?? env["windir"] ?? String.raw`C:\Windows`;
    const powershell = join(root, String.raw`System32\WindowsPowerShell\v1.0\powershell.exe`);
    const tag = new Bun.CryptoHasher("sha256").update(notice.subject).digest("hex").slice(0, TAG_LENGTH);
    const result = await runProgram(
      [
        powershell,
        "-NoProfile",
        "-NonInteractive",
        "-EncodedCommand",
        Buffer.from(SCRIPT, "utf16le").toString("base64"),
      ],
      {
        deadlineMs: DESKTOP_DEADLINE_MS,
        signal,
        env: {
          ...env,
          LULL_NOTICE_TITLE: notice.title,
          LULL_NOTICE_BODY: bodyText(notice),
          LULL_NOTICE_TAG: tag,
        },
      },
    );
    if (result.kind === "ended" && result.code === 0) return;
    const why =
      result.kind === "missing"
        ? "it is not there"
        : result.kind === "timeout"
          ? "it did not end"
          : (result.stderr.trim().split("\n")[0] ?? "").slice(0, 200);
    throw desktopError(
      `PowerShell can not show a notice: ${why}`,
      `look at Settings, System, Notifications; ${SWITCH_OFF}`,
    );
  };
}
