/**
 * What secrets look like. Only forms that name themselves, by a prefix that their issuer gave them or by the words around
 * them: a guard that cries wolf is switched off. Formats: the issuers' own documentation of their token prefixes.
 */
export type SecretRule = {
  /** In words, as in `holds a GitHub token`. */
  readonly what: string;
  /** Texts of which one is in every match: without any of them nothing is searched. */
  readonly anchors: readonly string[];
  /** A character that is in every match as well, and in fewer files than the anchors are. */
  readonly needs?: string;
  /** Global; the first group is the secret, without one the whole match is. */
  readonly pattern: RegExp;
  /** What must come behind a match. */
  readonly follows?: (after: string) => boolean;
  /** The match only says where the secret begins, which is what follows it. */
  readonly isMarker?: true;
  /** Only in files of these names. */
  readonly files?: RegExp;
};

/** What follows the first line of a key: header lines, then its data; as text, quoted in a mail, or inside a JSON string. */
function isKeyData(after: string): boolean {
  const text = after.slice(0, 2000).replaceAll(/\\[rn]/g, "\n");
  const data = text.replaceAll(/^[A-Za-z0-9-]{1,40}: .*$/gm, "").replaceAll(/[\s>]/g, "");
  return /^[A-Za-z0-9+/=]{40}/.test(data);
}

export const SECRET_RULES: readonly SecretRule[] = [
  {
    what: "a private key",
    anchors: ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"],
    pattern: /-----BEGIN (?:[A-Z0-9]{1,20} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g,
    follows: (after) => isKeyData(after),
    isMarker: true,
  },
  {
    what: "a private PuTTY key",
    anchors: ["PuTTY-User-Key-File"],
    pattern: /^PuTTY-User-Key-File-\d: /gm,
    follows: (after) => /^Private-Lines: [1-9]/m.test(after.slice(0, 4000)),
    isMarker: true,
  },
  { what: "an age key", anchors: ["AGE-SECRET-KEY-1"], pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  {
    what: "an AWS secret key",
    anchors: ["aws", "AWS", "Aws", "ecretAccessKey", "secret_access_key", "SECRET_ACCESS_KEY"],
    pattern:
      /(?:aws[\w. -]{0,20}?|secret_?access_?)(?:secret[\w. -]{0,20}?)?key["']?\s{0,5}(?:=>|[=:])\s{0,5}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  {
    what: "a GitHub token",
    anchors: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    pattern: /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  },
  {
    what: "a GitHub token",
    anchors: ["github_pat_"],
    pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g,
  },
  {
    what: "a GitLab token",
    anchors: ["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"],
    pattern: /\b(?:glpat|gldt|glrt|glptt|glcbt)-[\w-]{20,}(?:\.[\w-]+)*/g,
  },
  {
    what: "a Slack token",
    anchors: ["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
    pattern: /\bxox[abeoprs]-(?:\d-)?[A-Za-z0-9]{8,200}(?:-[A-Za-z0-9]{8,200})+/g,
  },
  { what: "a Slack token", anchors: ["xapp-"], pattern: /\bxapp-\d-[A-Za-z0-9]+-\d+-[A-Za-z0-9]{32,}/g },
  {
    what: "a Slack webhook",
    anchors: ["hooks.slack.com"],
    pattern:
      /hooks\.slack\.com\/(?:services|workflows)\/(T[A-Za-z0-9_]+\/[A-Za-z0-9_]+\/[A-Za-z0-9_/]{20,})/g,
  },
  {
    what: "a Stripe key",
    anchors: ["sk_live_", "rk_live_"],
    pattern: /\b(?:sk|rk)_live_[A-Za-z0-9]{20,}\b/g,
  },
  { what: "an npm token", anchors: ["npm_"], pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    what: "a login of npm",
    anchors: ["_auth", "_password"],
    pattern: /^[ \t]*(?:\/\/[^\n=]{0,200}:)?_(?:authToken|auth|password)[ \t]*=[ \t]*["']?([^\s"'$]{12,})/gm,
    files: /(?:^|\/)\.?npmrc$/,
  },
  { what: "a PyPI token", anchors: ["pypi-AgEI"], pattern: /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/g },
  { what: "an Azure storage key", anchors: ["AccountKey="], pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g },
  { what: "a SendGrid key", anchors: ["SG."], pattern: /\bSG\.[\w-]{22}\.[\w-]{43}\b/g },
  {
    what: "an OpenAI key",
    anchors: ["sk-proj-", "sk-svcacct-", "sk-admin-", "T3BlbkFJ"],
    pattern: /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})/g,
  },
  { what: "an Anthropic key", anchors: ["sk-ant-"], pattern: /\bsk-ant-(?:api|admin)\d{2}-[\w-]{80,}/g },
  { what: "a Google OAuth secret", anchors: ["GOCSPX-"], pattern: /\bGOCSPX-[\w-]{28}\b/g },
  { what: "a Hugging Face token", anchors: ["hf_"], pattern: /\bhf_[A-Za-z0-9]{34}\b/g },
  {
    what: "a DigitalOcean token",
    anchors: ["dop_v1_", "doo_v1_", "dor_v1_"],
    pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g,
  },
  { what: "a Docker token", anchors: ["dckr_pat_"], pattern: /\bdckr_pat_[\w-]{27}\b/g },
  {
    what: "a Shopify token",
    anchors: ["shpat_", "shpca_", "shppa_", "shpss_"],
    pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g,
  },
  { what: "a Vault token", anchors: ["hvs."], pattern: /\bhvs\.[\w-]{90,}/g },
  { what: "an Atlassian token", anchors: ["ATATT3x"], pattern: /\bATATT3x[\w=-]{100,}/g },
  { what: "a Telegram bot token", anchors: [":AA"], pattern: /\b\d{8,10}:AA[\w-]{33}\b/g },
  {
    what: "a password in a URL",
    anchors: ["://"],
    needs: "@",
    pattern:
      /:\/\/[^\s:@/'"`<>\\(){}$[\]]{1,80}:([^\s:@/'"`<>\\(){}$[\]*]{6,200})@(?!localhost\b|127\.|\[::1\]|[\w.-]*\bexample\.)[\w.-]+/gi,
  },
  {
    what: "a password",
    anchors: ["password"],
    pattern: /\bpassword\s+(?!\$)(\S{4,})/g,
    files: /(?:^|\/)[._]netrc$/,
  },
  {
    what: "a login of a registry",
    anchors: ['"auth"'],
    pattern: /"auth"\s*:\s*"([A-Za-z0-9+/=]{12,})"/g,
    files: /(?:^|\/)(?:\.docker\/config\.json|\.dockercfg|auth\.json)$/,
  },
  {
    what: "a password",
    anchors: ["="],
    pattern:
      /^[ \t]*(?:export[ \t]+)?[\w.-]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY)\w{0,60}[ \t]*=[ \t]*["']?([^\s"'#$]{8,})/gim,
    // Not `.env.example` and its kin, which are there to be shared.
    files: /(?:^|\/)\.env(?:\.(?!(?:example|sample|template|dist|defaults?|schema|test|ci)\b)[\w-]+)*$/,
  },
];
