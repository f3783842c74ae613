"""What the SLURM of one node (single_node.sh) knows about its jobs, and what can happen to it."""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("single_node.sh")
LOOPBACK, LISTENING = "0100007F", "0A"  # as /proc/net/tcp writes them


@dataclass(frozen=True)
class SlurmJob:
    """A job as SLURM keeps it: what was asked for, and what became of it."""

    id: int
    what: str
    state: str
    memory_mb: int
    minutes: int
    threads: int
    gpus: int

    @classmethod
    def from_line(cls, line):
        """Read a line of `scontrol --oneliner show jobs`."""
        keys = dict(re.findall(r"(\S+?)=(\S*)", line))
        return cls(
            id=int(keys["JobId"]),
            what=keys.get("Comment", ""),
            state=keys["JobState"],
            memory_mb=_megabytes(keys["MinMemoryNode"]),
            minutes=_minutes(keys["TimeLimit"]),
            threads=int(keys["CPUs/Task"]),
            gpus=int(keys.get("TresPerJob", "gpu:0").rsplit(":", 1)[1]),
        )


@dataclass(frozen=True)
class Node:
    """The SLURM in a folder."""

    folder: Path

    def jobs(self):
        """Return every job since the start, by its number."""
        text = subprocess.run(
            ["scontrol", "--oneliner", "show", "jobs"], capture_output=True, text=True, check=True
        ).stdout
        jobs = [SlurmJob.from_line(line) for line in text.splitlines() if line.startswith("JobId=")]
        return {job.id: job for job in jobs}

    def runs(self, what):
        """Tell whether a job of a rule or group runs now."""
        return any(what in job.what and job.state == "RUNNING" for job in self.jobs().values())

    def wait_until_it_runs(self, what, ended):
        """Return once a job of a rule or group runs; an error if the run of the study has ended before."""
        while not self.runs(what):
            assert not ended.is_set(), f"no job of {what} ran"
            time.sleep(0.5)

    def kill_controller(self, seconds):
        """Kill slurmctld as a crash would, and start it again after so many seconds."""
        os.kill(int((self.folder / "run" / "slurmctld.pid").read_text()), signal.SIGKILL)
        time.sleep(seconds)
        subprocess.run([SCRIPT, "controller"], check=True)

    def log(self, daemon):
        """Return what a daemon has written."""
        return (self.folder / "log" / f"{daemon}.log").read_text()

    def listeners(self):
        """Return the addresses, as in /proc/net/tcp, on which the ports of the configuration are open."""
        ports = re.findall(r"^Slurm(?:ctl)?dPort=(\d+)$", (self.folder / "slurm.conf").read_text(), re.MULTILINE)
        found = {}
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                address, port = local.split(":")
                if state == LISTENING and str(int(port, 16)) in ports:
                    found.setdefault(int(port, 16), set()).add(address)
        assert len(found) == len(ports) == 2, found
        return set().union(*found.values())


def _megabytes(text):
    """Read SLURM's `1503M` or `2G`."""
    number, unit = re.fullmatch(r"([\d.]+)([MG])", text).groups()
    return round(float(number) * {"M": 1, "G": 1024}[unit])


def _minutes(text):
    """Read SLURM's `[days-]hours:minutes:seconds`."""
    days, _, clock = text.rpartition("-")
    hours, minutes, seconds = map(int, clock.split(":"))
    return int(days or 0) * 1440 + hours * 60 + minutes + seconds // 60
