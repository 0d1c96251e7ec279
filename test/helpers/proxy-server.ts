/** An HTTP proxy on loopback that wants a user name and a password, for both ways: CONNECT, and whole addresses. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type ProxyServer = {
  readonly port: number;
  /** The first line of each request that it let through. */
  readonly passed: readonly string[];
  stop(): Promise<void>;
};

export async function startProxy(user: string, password: string): Promise<ProxyServer> {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const passed: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      client.off("data", read);
      const text = head.subarray(0, end).toString("latin1");
      const [line = ""] = text.split("\r\n");
      if (/^proxy-authorization: (.*)$/im.exec(text)?.[1]?.trim() !== wanted) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      passed.push(line);
      pass(line, { client, text, rest: head.subarray(end + 4) });
    };
    client.on("data", read);
  });
  const pass = (line: string, given: { client: Socket; text: string; rest: Buffer }): void => {
    const { client, text, rest } = given;
    const [method, address = ""] = line.split(" ");
    const target = new URL(method === "CONNECT" ? `http://${address}` : address);
    const upstream = keep(connect(Number(target.port), target.hostname));
    upstream.on("connect", () => {
      if (method === "CONNECT") client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      else upstream.write(`${text.replace(address, target.pathname + target.search)}\r\n\r\n`);
      upstream.write(rest);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
  };
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
