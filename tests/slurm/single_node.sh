#!/usr/bin/env bash
# A real SLURM of one node on this machine: munged, slurmctld and slurmd, without systemd, on loopback only. For tests on a
# throwaway machine or container of which you are root, with Debian's packages.
#
#   single_node.sh install            install the packages that are missing
#   single_node.sh start FOLDER       write the configuration, state and logs to FOLDER and start the daemons
#   single_node.sh controller         start slurmctld again, from its saved state
#   single_node.sh stop FOLDER        cancel its jobs and stop exactly the daemons that were started with FOLDER
#
# /etc/slurm/slurm.conf becomes a link into FOLDER while it runs: the executor plugin calls srun without SLURM_CONF, so only
# the built-in place works. A configuration that is already there is never touched: then `start` refuses.
# The node is the machine: all its processors (at least two) and its memory less 1 GiB, or as many MB as NODE_MB says.
set -euo pipefail

CONFIGURATION=/etc/slurm/slurm.conf
PACKAGES=(slurmctld slurmd slurm-client munge)
CONTROLLER_PORT=16817
NODE_PORT=16818

fail() {
    printf 'single_node.sh: %s\n' "$*" >&2
    exit 1
}

wait_for() { # SECONDS COMMAND...: until the command succeeds
    local tries=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || return 1
        sleep 0.2
    done
}

is_alive() { # PID: a process that is no zombie (a container may have nobody who reaps them)
    [[ -d /proc/$1 ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

is_gone() { ! is_alive "$1"; }

install_packages() {
    command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null && return
    [[ $(id -u) = 0 ]] || fail "only root can install ${PACKAGES[*]}"
    command -v apt-get >/dev/null || fail "no apt-get here: install SLURM (slurmctld, slurmd, its commands) and munge yourself"
    export DEBIAN_FRONTEND=noninteractive
    echo "Installing ${PACKAGES[*]} ..."
    timeout 300 apt-get update -qq
    timeout 900 apt-get install -y -qq --no-install-recommends "${PACKAGES[@]}" >/dev/null
}

owner() { # FILE: what to do about a configuration that is there already
    local folder
    folder=$(dirname "$(readlink "$1" || true)")
    if [[ -d $folder/run && -d $folder/munge ]]; then
        echo ", from a test that was not stopped: $0 stop $folder"
    else
        echo ": this machine has a SLURM of its own"
    fi
}

write_configuration() { # FOLDER
    local folder=$1 host memory
    host=$(hostname -s)
    memory=$(($(awk '/MemTotal/ {print $2}' /proc/meminfo) / 1024 - 1024))
    mkdir -p "$folder"/{state,spool,log,run,munge}
    chmod 755 "$folder" "$folder"/{state,spool,log,run}
    chmod 700 "$folder/munge"
    [[ -s $folder/munge/key ]] || (umask 277 && head -c 1024 /dev/urandom >"$folder/munge/key")
    printf 'Name=gpu File=/dev/null\n' >"$folder/gres.conf" # never opened: enough to be asked for
    cat >"$folder/slurm.conf" <<CONF
ClusterName=single
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$CONTROLLER_PORT
SlurmdPort=$NODE_PORT
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
# Commands wait so long for a controller that is being started again. One that gave up would make the executor plugin ask sacct,
# which knows nothing here, until it forgets its jobs.
MessageTimeout=60
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
# Without cgroups and systemd: processes are found in /proc, bound to their processors, and slurmd measures their memory
# every second and kills a job that has more than it asked for.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
KillWait=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2
MpiDefault=none
ReturnToService=2
# finished jobs stay known for a day, so that a test can ask what became of them
MinJobAge=86400
AccountingStorageType=accounting_storage/none
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=${NODE_MB:-$memory} Gres=gpu:1 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=2880 State=UP
CONF
}

start() { # FOLDER
    local folder=$1 target file
    [[ $(id -u) = 0 ]] || fail "SLURM's daemons need root: run this on a throwaway machine or container of which you are root"
    getent hosts "$(hostname -s)" | grep -q '^127\.' ||
        fail "$(hostname -s) must be an address of this machine alone: add '127.0.0.1 $(hostname -s)' to /etc/hosts"
    [[ $(nproc) -ge 2 ]] || fail "the test needs two processors"
    for file in slurm.conf gres.conf; do
        target=$(dirname $CONFIGURATION)/$file
        [[ ! -e $target && ! -L $target ]] || fail "$target exists$(owner "$target")"
    done
    write_configuration "$folder"
    mkdir -p "$(dirname $CONFIGURATION)"
    ln -s "$folder/slurm.conf" $CONFIGURATION
    ln -s "$folder/gres.conf" "$(dirname $CONFIGURATION)/gres.conf"
    timeout 60 munged --force --key-file="$folder/munge/key" --socket="$folder/run/munge.socket" --seed-file="$folder/munge/seed" \
        --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log"
    wait_for 30 test -S "$folder/run/munge.socket" || fail "munged does not answer"
    timeout 60 slurmctld -c # not what an earlier run left
    timeout 60 slurmd
    wait_for 60 bash -c 'timeout 20 sinfo --noheader --format=%T | grep --quiet idle' || {
        tail -n 20 "$folder"/log/*.log >&2
        fail "the node did not become idle"
    }
}

no_jobs() { [[ -z $(timeout 20 squeue --noheader) ]]; }

stop() { # FOLDER
    local folder=$1 name pid file
    if [[ $(readlink $CONFIGURATION) = "$folder/slurm.conf" ]]; then
        timeout 60 scancel --user="$(id -un)" 2>/dev/null || true # or their processes would go on
        wait_for 30 no_jobs || true
    fi
    for name in slurmd slurmctld munged; do
        file=$folder/run/$name.pid
        pid=$(cat "$file" 2>/dev/null) || continue
        if is_alive "$pid" && [[ $(cat "/proc/$pid/comm") = "$name" ]]; then
            kill "$pid"
            wait_for 30 is_gone "$pid" || kill -KILL "$pid"
        fi
        rm -f "$file"
    done
    for file in slurm.conf gres.conf; do
        if [[ $(readlink "/etc/slurm/$file") = "$folder/$file" ]]; then rm -f "/etc/slurm/$file"; fi
    done
}

case ${1:-}:$# in
install:1) install_packages ;;
start:2) start "$(realpath -m "$2")" ;;
controller:1) timeout 60 slurmctld ;;
stop:2) stop "$(realpath -m "$2")" ;;
*) sed -n '2,/^set/{/^set/!p}' "$0" && exit 2 ;;
esac
