"""What the SLURM of one node (single_node.sh) knows about its jobs, and what can happen to it."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("single_node.sh")
LOOPBACK, LISTENING = "0100007F", "0A"  # as /proc/net/tcp writes them
# seconds: for an answer of SLURM, which may be on its way back; until something happens in a run; between two looks
ANSWER, HAPPENS, LOOK = 90, 1800, 0.2


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
        text = asked("scontrol", "--oneliner", "show", "jobs")
        jobs = [SlurmJob.from_line(line) for line in text.splitlines() if line.startswith("JobId=")]
        return {job.id: job for job in jobs}

    def runs(self, what):
        """Tell whether a job of a rule or group runs now."""
        return any(what in job.what and job.state == "RUNNING" for job in self.jobs().values())

    def steps(self):
        """Return the steps that run now, as `job.number`, but for the scripts that start them."""
        found = asked("squeue", "--steps", "--noheader", "--format=%i").split()
        return {step for step in found if step.rpartition(".")[2].isdigit()}

    def steps_of(self, number):
        """Return the steps of a job that run now."""
        return {step for step in self.steps() if step.startswith(f"{number}.")}

    def lose_a_step(self, what, outage, ended):
        """Kill the controller right after a step of a job, so that it comes back with that step still running.

        That is what a crash leaves in the seconds before SLURM has written down that the step has ended. The last
        state with the step is kept aside and put back, so that it does not matter whether SLURM wrote another one
        before it died. The next step of the job waits for the lost one, until the job is at its limit.

        Parameters
        ----------
        what
            Rule or group of the job, which must have several steps.
        outage
            Seconds without a controller.
        ended
            An event that says that the run of the study has ended: then there is nothing to wait for.

        Returns
        -------
        The number of the job.
        """

        def until(condition, said):
            wait(lambda: condition() or ended.is_set(), said)
            assert not ended.is_set(), f"the run ended before it came to that: {said}"

        until(lambda: self.runs(what), f"a job of {what} runs")
        number = max(n for n, job in self.jobs().items() if what in job.what and job.state == "RUNNING")
        # a job that starts after the kept state would be started a second time, which drains the node
        self._start_jobs(False)
        kept = self.folder / "state_with_step"
        until(
            lambda: self._keep_state_until_a_step_ends(number, kept), f"SLURM saves its state in a step of job {number}"
        )
        os.kill(int((self.folder / "run" / "slurmctld.pid").read_text()), signal.SIGKILL)
        for name in ("job_state", "job_state.old"):
            shutil.copy2(kept, self._saved.with_name(name))
        time.sleep(outage)
        subprocess.run([SCRIPT, "controller"], check=True, timeout=ANSWER)
        self._start_jobs(True)
        return number

    def _start_jobs(self, yes):
        """Let SLURM start jobs, or none: those that are submitted meanwhile wait."""
        partition = re.search(r"^PartitionName=(\S+)", (self.folder / "slurm.conf").read_text(), re.MULTILINE)[1]
        asked("scontrol", "update", f"PartitionName={partition}", f"State={'UP' if yes else 'DOWN'}")

    def _keep_state_until_a_step_ends(self, number, kept):
        """Keep what SLURM saves while a step of a job runs; return, once it has ended, whether there is any."""
        running = self.steps_of(number)
        saved = [time.time()]

        def has_ended():
            if self._saved.stat().st_mtime > saved[-1]:
                at = self._saved.stat().st_mtime
                shutil.copy2(self._saved, kept.with_suffix(".new"))
                if running <= self.steps():
                    os.replace(kept.with_suffix(".new"), kept)
                    saved.append(at)
            return not running <= self.steps()

        if running:
            wait(has_ended, f"step {running} ends")
        if len(saved) == 1:
            return False
        # a controller that dies while it is asked for the next step makes that one fail, and nothing waits
        wait(lambda: self.steps_of(number), f"a further step of job {number} runs", ANSWER)
        return True

    @property
    def _saved(self):
        return self.folder / "state" / "job_state"

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


def asked(*line):
    """Return what a command of SLURM answers."""
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=ANSWER).stdout


def wait(condition, said, seconds=HAPPENS):
    """Return once a condition holds; an error that says for what one waited in vain."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, f"it did not happen within {seconds} s: {said}"
        time.sleep(LOOK)


def _megabytes(text):
    """Read SLURM's `1503M` or `2G`."""
    number, unit = re.fullmatch(r"([\d.]+)([MG])", text).groups()
    return round(float(number) * {"M": 1, "G": 1024}[unit])


def _minutes(text):
    """Read SLURM's `[days-]hours:minutes:seconds`."""
    days, _, clock = text.rpartition("-")
    hours, minutes, seconds = map(int, clock.split(":"))
    return int(days or 0) * 1440 + hours * 60 + minutes + seconds // 60
