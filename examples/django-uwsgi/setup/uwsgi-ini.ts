/**
 * webapp.ini, one for all instances: uWSGI takes from the environment what differs. It speaks HTTP (`http-socket`) in place of
 * its own protocol (`socket`), and is otherwise as it comes: it closes each connection after the answer, and does not say so
 * before (docs/http.md).
 */
import { join } from "node:path";
import { threads, type Setup } from "./setup.ts";

export const uwsgiIni = ({ folder }: Setup): string => `[uwsgi]
plugins=python3
master=True
vacuum=True
env=LANG='en_US.UTF-8'
module=app.wsgi:application
max-requests=5000
pidfile=${join(folder, "uwsgi-$(S_PORT).pid")}
http-socket=127.0.0.1:$(S_PORT)
threads=${threads}
workers=$(WORKER_COUNT)
`;
