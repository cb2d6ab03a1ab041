export function bridgeWebSocket(_s: WebSocket): { webSocket: WebSocket; closed: Promise<"complete"> } { throw new Error("not yet"); }
