/**
 * Ports of this machine that stay free until the test uses them, also while other tests run in other processes.
 *
 * A port that the system gives out (`listen(0)`) and that is closed again is not reserved: the next outgoing connection of any process
 * may take it. So these ports are below the range that systems give out, and each is claimed: a UDP socket of the same number keeps
 * it from other tests until this process ends. (TCP and UDP ports do not disturb each other.)
 */
import { createSocket } from "node:dgram";

import { isFreePort } from "../../cli/local/port.ts";

/** `examples/django-uwsgi/stack/free-ports.ts` has those from 20,000. */
const first = 10_000;
const count = 10_000;

// Processes begin at different places, so that few of their claims fail.
let next = (process.pid * 64) % count;

/** Ports that nothing listens on, all different. @throws RangeError if there are not so many. */
export async function freePorts(wanted: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < wanted; tries++) {
    if (tries === count) throw new RangeError(`There are no ${wanted} free ports.`);
    const port = first + next;
    next = (next + 1) % count;
    if ((await isFreePort(port)) && (await claim(port))) ports.push(port);
  }
  return ports;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

async function claim(port: number): Promise<boolean> {
  const socket = createSocket("udp4").unref();
  return new Promise((done) => {
    socket.once("error", () => {
      socket.close();
      done(false);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => done(true));
  });
}
