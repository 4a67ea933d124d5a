// Loaded before a program (`node --import`): every way into the network throws, and leaves a line in the file that
// TILLER_NETWORK_RECORD names. That covers JavaScript; what native code opens shows in `internetSockets`.

import dgram from "node:dgram";
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import net from "node:net";
import { syncBuiltinESMExports } from "node:module";

const record = process.env["TILLER_NETWORK_RECORD"];
if (record === undefined) throw new Error("TILLER_NETWORK_RECORD names no file");
appendFileSync(record, "ready\n");

net.Socket.prototype.connect = () => refuse("net.Socket.connect");
net.Server.prototype.listen = () => refuse("net.Server.listen");
dgram.createSocket = () => refuse("dgram.createSocket");
Object.assign(dns, {
  lookup: () => refuse("dns.lookup"),
  resolve: () => refuse("dns.resolve"),
});
Object.assign(dns.promises, {
  lookup: () => refuse("dns.promises.lookup"),
  resolve: () => refuse("dns.promises.resolve"),
});
globalThis.fetch = () => refuse("fetch");
syncBuiltinESMExports();

function refuse(what: string): never {
  appendFileSync(record!, `${what}\n`);
  throw new Error(`${what} is refused: nothing may leave this machine`);
}
