/**
 * Fingerprints that these hosts publish over https, so that a first connection to them needs no question. Fingerprints
 * and not keys: they are what people can compare with the page.
 */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  // docs.github.com, "GitHub's SSH key fingerprints"
  "github.com": [
    "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
    "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
    "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
  ],
  // docs.gitlab.com, "GitLab.com settings"
  "gitlab.com": [
    "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
    "SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
    "SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
  ],
  // docs.codeberg.org, "Verifying you're connected to Codeberg using SSH fingerprints"
  "codeberg.org": [
    "SHA256:mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g",
    "SHA256:T9FYDEHELhVkulEKKwge5aVhVTbqCW0MIRwAfpARs/E",
    "SHA256:6QQmYi4ppFS4/+zSZ5S4IU+4sa6rwvQ4PbhCtPEBekQ",
  ],
};

/** @param fingerprint `SHA256:` and base64 without padding */
export function isPublished(host: string, fingerprint: string): boolean {
  const name = host.toLowerCase();
  return Object.hasOwn(PUBLISHED, name) && PUBLISHED[name]?.includes(fingerprint) === true;
}
