"""Running one scenario: network up, programs, capture, labels, and everything down again."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from labkit import capture, labels, store
from labkit.network import Network
from labkit.plan import HOSTS, draw, scenario_seed
from labkit.process import LabError, Program, command, start, wait_ready
from labkit.scenario import Scenario, Step

PROGRAMS = Path(__file__).resolve().parent.parent / "programs"


@cache
def package_version(package: str) -> str:
    """Return the installed version of a Debian package."""
    text = command("dpkg-query", "-W", "-f", "${Version}", package, check=False).strip()
    if not text:
        raise LabError(f"package {package} is not installed: apt-get install {package}")
    return text


class Session:
    """One run of one scenario.

    Parameters
    ----------
    scenario
        What to run.
    out
        Folder for the capture and its label file.
    work
        Scratch folder; a folder per scenario is made in it.
    seed
        Draws addresses, time to live, payloads and pauses.
    slot
        Number of the worker, keeps names of namespaces apart.
    """

    def __init__(self, scenario: Scenario, out: Path, work: Path, seed: int, slot: int) -> None:
        self.scenario, self.out, self.slot, self.run_seed = scenario, out, slot, seed
        self.seed = scenario_seed(scenario.name, seed)
        self.plan = draw(self.seed, scenario.capture)
        self.work = work / scenario.name
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.pcap = self.work / f"{scenario.name}.pcap"
        self.programs: list[Program] = []
        self.network = Network(self.plan, scenario.path, self.seed, slot, self.work)
        self.env = self._environment()

    def _environment(self) -> dict[str, str]:
        env = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": str(self.work),
            "WORK": str(self.work), "P": str(PROGRAMS), "PY": sys.executable,
            "LABPY": os.environ.get("LABPY", sys.executable),
            "SEED": str(self.seed % 100_000), "GATEWAY": self.plan.v4["lan"],
            "GATEWAY_WAN": self.plan.v4["wan"], "LAN": str(self.plan.lan),
            "WAN": str(self.plan.wan),
        }  # fmt: skip
        for host in HOSTS:
            env[host.upper()] = self.plan.v4[host]
            env[f"{host.upper()}_V6"] = self.plan.v6[host]
        # Variables may use each other and the lab's; in command lines bash fills in the latter.
        own, full = dict(self.scenario.variables), dict(self.scenario.variables)
        for _ in range(4):
            own = {key: self.scenario.fill(value, own) for key, value in own.items()}
            full = {key: self.scenario.fill(value, {**env, **full}) for key, value in full.items()}
        self.own = own
        return {**env, **full}

    def _step(self, step: Step, background: bool) -> None:
        if step.run:
            log = self.work / f"{len(self.programs):02d}.log"
            namespace = self.network.names[step.on]
            # The scenario's variables are text of the command line, the lab's are environment.
            line = self.scenario.fill(step.run, self.own)
            program = start(namespace, ["bash", "-c", line], log, self.work, self.env)
            self.programs.append(program)
            if step.wait:
                wait_ready(namespace, self.scenario.fill(step.wait, self.env))
            if not background:
                status = program.wait(step.timeout)
                if status is None:
                    program.stop()
                elif status and not step.may_fail:
                    tail = program.output().strip()[-300:]
                    raise LabError(f"status {status} of: {line[:120]} -- {tail}")
        time.sleep(step.sleep)

    def _write_files(self) -> None:
        for name, text in self.scenario.files.items():
            file = self.work / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.scenario.fill(text, self.env))

    def run(self) -> dict[str, Any]:
        """Run the scenario and write its capture and label file.

        Returns
        -------
        dict
            The label file's content.

        Raises
        ------
        LabError
            A step failed, a rule matched nothing, or a check failed.
        """
        for package in self.scenario.packages:
            package_version(package)
        try:
            with self.network:
                if self.scenario.farm:
                    farm = self.plan.farm(self.scenario.farm)
                    self.network.add_farm(farm)
                    (self.work / "farm.txt").write_text("\n".join(farm) + "\n")
                self._write_files()
                for step in self.scenario.start:
                    self._step(step, background=True)
                begun = self._capture()
                stopped = time.time()
        finally:
            for program in reversed(self.programs):
                program.stop(grace=0.5)
        return self._label(begun, stopped)

    def _capture(self) -> float:
        namespace = self.network.names["router"]
        dump = capture.begin(namespace, self.plan.capture, self.pcap, self.work)
        begun = time.time()
        try:
            for step in self.scenario.run:
                self._step(step, step.background)
        finally:
            capture.finish(dump)
        return begun

    def _label(self, begun: float, stopped: float) -> dict[str, Any]:
        scenario = self.scenario
        packets = capture.packets(self.pcap)
        if len(packets) < 4:
            raise LabError(f"only {len(packets)} packets captured")
        for wanted in scenario.expect:
            wanted = scenario.fill(wanted, self.env)
            if not capture.tshark(self.pcap, ("frame.number",), wanted):
                raise LabError(f"no packet matches the expected {wanted!r}")
        flows = labels.resolve(scenario, self.env, self.pcap, packets)
        document: dict[str, Any] = {
            "flows": [asdict(flow) for flow in flows],
            "rest": scenario.rest,
            "scenario": scenario.group,
            "tool": scenario.tool,
            "version": ", ".join(f"{p} {package_version(p)}" for p in scenario.packages),
            "workload": scenario.fill(scenario.workload, self.env),
            "path": {"name": scenario.path_name, **asdict(scenario.path)},
            "capture_point": "vsockmon0" if scenario.vm else self.plan.capture,
            "seed": self.run_seed,
            "start": round(begun, 3),
            "stop": round(stopped, 3),
            "packets": len(packets),
            "labelled_packets": sum(any(f.covers(p) for f in flows) for p in packets),
        }
        wrong = labels.problems(document, self.pcap, packets)
        if wrong:
            raise LabError("; ".join(wrong))
        (self.out / f"{scenario.name}.json").write_text(labels.dump(document))
        store.put(self.out, scenario.name, self.pcap.read_bytes())
        self.pcap.unlink()
        return document
