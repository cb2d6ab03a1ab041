/** supervisord.conf: a program for each instance of the site, and one for what stands in front of them. */
import { join } from "node:path";
import { projectDir } from "../../../cli/project.ts";
import { filesOf, type Instance, type Setup } from "./setup.ts";

/** The name of the program in front. */
export const frontProgram = "front";

const site = join(import.meta.dirname, "..", "site");

export function supervisorConf(setup: Setup): string {
  const files = filesOf(setup);
  const own = [
    section("unix_http_server", { file: files.supervisorSocket, chmod: "0700" }),
    section("supervisord", {
      nodaemon: "true",
      logfile: join(files.logs, "supervisord.log"),
      pidfile: join(setup.folder, "supervisord.pid"),
      childlogdir: files.logs,
    }),
    section("rpcinterface:supervisor", {
      "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
    }),
    section("supervisorctl", { serverurl: `unix://${files.supervisorSocket}` }),
  ];
  const programs = setup.instances.map((instance) => instanceProgram(setup, instance));
  return `${[...own, ...programs, front(setup)].join("\n\n")}\n`;
}

function instanceProgram(setup: Setup, { name, port }: Instance): string {
  const files = filesOf(setup);
  return program(setup, name, {
    command: `uwsgi --ini ${files.uwsgi}`,
    directory: site,
    environment: environment({
      S_PORT: String(port),
      WORKER_COUNT: String(setup.workers),
      RECORDS: files.records,
      PYTHONDONTWRITEBYTECODE: "1",
    }),
    stopsignal: "QUIT",
    // Whatever of an instance does not stop, does not stay either.
    killasgroup: "true",
    stopwaitsecs: "5",
  });
}

function front(setup: Setup): string {
  const files = filesOf(setup);
  switch (setup.front) {
    case "weir": {
      const command = [
        process.execPath,
        "cli/weir.ts start --no-sim",
        `--config ${files.weir} --port ${setup.frontPort} --state ${files.weirState}`,
      ];
      return program(setup, frontProgram, {
        command: command.join(" "),
        directory: projectDir,
        // Whatever the shell has: Weir makes a token of its own, in its state directory, where `weir drain` can be shown it.
        environment: environment({ WEIR_ADMIN_TOKEN: "" }),
      });
    }
    case "nginx":
      return program(setup, frontProgram, { command: `nginx -e stderr -c ${files.nginx}`, directory: "/" });
  }
}

function program(setup: Setup, name: string, settings: Readonly<Record<string, string>>): string {
  return section(`program:${name}`, {
    ...settings,
    redirect_stderr: "true",
    stdout_logfile: join(filesOf(setup).logs, `${name}.log`),
  });
}

const environment = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");

/** supervisor expands `%(NAME)s` in values, so a percent sign is written twice. */
function section(name: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value.replaceAll("%", "%%")}`);
  return [`[${name}]`, ...lines].join("\n");
}
